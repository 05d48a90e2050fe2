#include "cli/options/encryption_options.hpp"

#include "core/base/error.hpp"

namespace cti::cli {
namespace {
constexpr const char* k_group = "Encryption";

void add_cipher(Options& app, const std::string& name, const char* group, std::string& cipher) {
    app.add_option(name, cipher, "Encrypt the dump: age or gpg, which must be installed")
        .one_of({"age", "gpg"})
        .type_name("PROGRAM")
        .envname("CTI_BACKUP_ENCRYPT")
        .group(group);
}

void add_key(Options& app, const std::string& name, const char* group, std::string& file) {
    app.add_option(name, file, "For whom: recipients or an identity of age, an exported public key of gpg")
        .type_name("FILE")
        .envname("CTI_BACKUP_ENCRYPT_KEY_FILE")
        .group(group);
}

void add_secret_key(Options& app, const std::string& name, const char* group, std::string& file) {
    app.add_option(name, file, "What is encrypted is read with it: an identity of age, a secret key of gpg")
        .type_name("FILE")
        .envname("CTI_BACKUP_DECRYPT_KEY_FILE")
        .group(group);
}
}

void add_encryption_options(Options& app, EncryptionOptions& options) {
    add_cipher(app, "--encrypt", k_group, options.cipher);
    add_key(app, "--encrypt-key", k_group, options.key_file);
    app.add_option("--encrypt-recipient", options.recipients,
                   "A recipient of age (age1…, ssh-ed25519 …); may be given several times")
        .one_each()
        .type_name("KEY")
        .group(k_group);
}

void add_decryption_option(Options& app, std::string& key_file) {
    add_secret_key(app, "--decrypt-key", k_group, key_file);
}

void add_job_encryption_options(Options& app, EncryptionOptions& options, std::string& decrypt_key) {
    constexpr const char* k_jobs = "Jobs";
    add_cipher(app, "--backup-encrypt", k_jobs, options.cipher);
    add_key(app, "--backup-encrypt-key", k_jobs, options.key_file);
    add_secret_key(app, "--backup-decrypt-key", k_jobs, decrypt_key);
}

std::optional<backup::Encryption> find_encryption(const EncryptionOptions& options) {
    const auto cipher = find_value<backup::Cipher>(options.cipher);
    if (!cipher) {
        if (options.key_file.empty() && options.recipients.empty()) return std::nullopt;
        throw Error{ExitCode::usage, "there is a key for backups, and nothing says what encrypts them",
                    "Say --encrypt age or --encrypt gpg (CTI_BACKUP_ENCRYPT)."};
    }
    return backup::Encryption{*cipher, options.recipients, options.key_file};
}
}
