#include "core/backup/encryption.hpp"

#include "core/base/text.hpp"
#include "core/io/read_input.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

namespace cti::backup {
namespace {
namespace fs = std::filesystem;
constexpr const char* k_install_hint = "Install it (Debian: age, or gpg and gpg-agent).";
constexpr std::string_view k_age_identity = "AGE-SECRET-KEY-";

[[noreturn]] void refuse(const std::string& why, const std::string& hint) {
    throw Error{ExitCode::usage, why, hint};
}

void require_readable(const std::string& path) {
    std::error_code error;
    if (::access(path.c_str(), R_OK) == 0 && !fs::is_directory(path, error)) return;
    const auto* const why = fs::is_directory(path, error) ? "it is a folder" : std::strerror(errno);
    refuse(fmt::format("cannot read the key '{}': {}", printable(path), ascii_lower(why)),
           "Name the file of the key.");
}

// Neither addresses of databases nor tokens, which are variables of this process.
io::ChildPlan make_plan(std::vector<std::string> words, int input, ExitCode code,
                        const IsStopped& is_stopped) {
    io::ChildPlan plan;
    plan.words = std::move(words);
    plan.variables = io::Variables::few;
    plan.environment = {"LC_ALL=C.UTF-8"}; // It says why in words that we know.
    plan.input = input;
    plan.is_stopped = is_stopped;
    plan.code = code;
    plan.missing_hint = k_install_hint, plan.missing_code = ExitCode::failure;
    return plan;
}

// A path never begins with a dash.
std::string whole(const std::string& path) { return fs::absolute(path).string(); }

bool is_age_identity(const std::string& path) {
    return io::read_input(path).find(k_age_identity) != std::string::npos;
}

std::vector<std::string> age_words(const Encryption& encryption) {
    std::vector<std::string> words{"age", "--encrypt"};
    for (const auto& recipient : encryption.recipients) words.push_back("--recipient=" + recipient);
    if (!encryption.key_file.empty())
        words.push_back((is_age_identity(encryption.key_file) ? "--identity=" : "--recipients-file=") +
                        whole(encryption.key_file));
    return words;
}

std::vector<std::string> gpg_words(const std::string& home, std::vector<std::string> more) {
    std::vector<std::string> words{"gpg", "--homedir", home, "--no-options", "--batch", "--no-tty", "--quiet",
                                   // Nobody is there who could be asked for a passphrase.
                                   "--pinentry-mode", "error",
                                   // The key is the one that was named; and a dump is compressed already.
                                   "--trust-model", "always", "--compress-algo", "none"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

void import_key(const std::string& home, const std::string& key_file, const IsStopped& is_stopped) {
    io::ChildProcess(
        make_plan(gpg_words(home, {"--import", whole(key_file)}), -1, ExitCode::usage, is_stopped))
        .finish();
}
}

std::string encrypted_name(const std::string& file, Cipher cipher) {
    return fmt::format("{}.{}", file, name_of(cipher));
}

CipherProgram::CipherProgram(const Encryption& encryption, int input, ExitCode code,
                             const IsStopped& is_stopped) {
    std::vector<std::string> words;
    if (encryption.cipher == Cipher::gpg) {
        m_home.emplace();
        words = gpg_words(m_home->path(), {"--recipient-file", whole(encryption.key_file), "--encrypt"});
    } else {
        words = age_words(encryption);
    }
    m_child = std::make_unique<io::ChildProcess>(make_plan(std::move(words), input, code, is_stopped));
}

CipherProgram::CipherProgram(const Decryption& decryption, int input, const IsStopped& is_stopped) {
    std::vector<std::string> words{"age", "--decrypt", "--identity=" + whole(decryption.key_file)};
    if (decryption.cipher == Cipher::gpg) {
        m_home.emplace();
        import_key(m_home->path(), decryption.key_file, is_stopped);
        words = gpg_words(m_home->path(), {"--decrypt"});
    }
    m_child =
        std::make_unique<io::ChildProcess>(make_plan(std::move(words), input, ExitCode::usage, is_stopped));
}

void require_usable(const Encryption& encryption, const IsStopped& is_stopped) {
    const auto name = name_of(encryption.cipher);
    if (encryption.cipher == Cipher::gpg && !encryption.recipients.empty())
        refuse("gpg takes its key from a file, and no recipients",
               "Export it with 'gpg --export KEY', and name that with --encrypt-key.");
    if (encryption.key_file.empty() && encryption.recipients.empty())
        refuse(fmt::format("nothing says for whom {} encrypts", name),
               "Name a file with --encrypt-key, or a recipient of age with --encrypt-recipient.");
    if (!encryption.key_file.empty()) require_readable(encryption.key_file);
    try {
        CipherProgram program(encryption, -1, ExitCode::usage, is_stopped);
        program.finish();
    } catch (const Error& error) {
        if (error.code() != ExitCode::usage) throw;
        refuse(fmt::format("cannot encrypt for this key: {}", error.what()),
               "age takes recipients or an identity, gpg an exported public key.");
    }
}

DecryptedFile::DecryptedFile(std::string path, Decryption decryption, const IsStopped& is_stopped)
    : m_path(std::move(path)), m_decryption(std::move(decryption)) {
    require_readable(m_decryption.key_file);
    const int file = ::open(m_path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        refuse(fmt::format("cannot read '{}': {}", printable(m_path), ascii_lower(std::strerror(errno))), {});
    try {
        m_program = std::make_unique<CipherProgram>(m_decryption, file, is_stopped);
    } catch (...) {
        ::close(file);
        throw;
    }
    ::close(file);
}

std::string_view DecryptedFile::read() {
    if (m_is_ended) return {};
    const auto bytes = m_program->read();
    if (!bytes.empty()) return bytes;
    m_is_ended = true;
    try {
        m_program->finish();
    } catch (const Error& error) {
        if (error.code() != ExitCode::usage) throw;
        refuse(fmt::format("'{}' cannot be decrypted with the key in '{}': {}", printable(m_path),
                           printable(m_decryption.key_file), error.what()),
               "Name the key that it was encrypted for with --decrypt-key: without it the backup is lost.");
    }
    return {};
}
}
