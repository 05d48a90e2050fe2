#pragma once
#include "cli/options/options.hpp"
#include "core/backup/encryption.hpp"

#include <optional>
#include <string>
#include <vector>

// How backups are encrypted, and with what they are read again.
namespace cti::cli {

struct EncryptionOptions {
    std::string cipher, key_file; // "": not given
    std::vector<std::string> recipients;
};
// --encrypt, --encrypt-key, --encrypt-recipient
void add_encryption_options(Options& app, EncryptionOptions& options);
// --decrypt-key
void add_decryption_option(Options& app, std::string& key_file);
// The same for jobs: --backup-encrypt, --backup-encrypt-key, --backup-decrypt-key
void add_job_encryption_options(Options& app, EncryptionOptions& options, std::string& decrypt_key);

// Nothing: backups are as pg_dump makes them. Throws Error(usage) where a key is given and not what for: the
// backup would be one that anybody can read.
std::optional<backup::Encryption> find_encryption(const EncryptionOptions& options);
}
