#pragma once
#include "core/io/child_process.hpp"
#include "core/model/named.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Dumps that only the owner of a key can read, by programs that are there for that: age and GnuPG. They run
// without a shell, with few variables, and what is not encrypted goes through pipes alone.
namespace cti::backup {

enum class Cipher { age, gpg };
constexpr std::string_view name_of(Cipher value) {
    switch (value) {
    case Cipher::age: return "age";
    case Cipher::gpg: return "gpg";
    }
    return {};
}
// "dump.custom" becomes "dump.custom.age".
std::string encrypted_name(const std::string& file, Cipher cipher);

struct Encryption {
    Cipher cipher = Cipher::age;
    std::vector<std::string> recipients = {}; // of age: public, so they may be seen
    // age: recipients, one a line, or an identity; gpg: an exported public key. "": recipients alone
    std::string key_file = {};
};
struct Decryption {
    Cipher cipher = Cipher::age;
    std::string key_file; // age: an identity; gpg: an exported secret key without a passphrase
};

using IsStopped = std::function<bool()>;

// A home of GnuPG of its own, in memory where that is to be had, so that nothing of the caller's is read or
// changed. Gone with this; what a killed process left is removed by the next.
class GpgHome {
public:
    GpgHome(); // Throws Error where there is no room.
    ~GpgHome();
    GpgHome(const GpgHome&) = delete;
    GpgHome& operator=(const GpgHome&) = delete;
    const std::string& path() const { return m_path; }

private:
    std::string m_path;
    int m_lock = -1;
};

// A program that makes one stream of another. code: of the Error where it fails.
class CipherProgram {
public:
    // input: what it reads, of a pipe or a file.
    CipherProgram(const Encryption& encryption, int input, ExitCode code, const IsStopped& is_stopped);
    CipherProgram(const Decryption& decryption, int input, const IsStopped& is_stopped);

    std::string_view read() { return m_child->read(); } // see io::ChildProcess
    void finish() { m_child->finish(); }

private:
    std::optional<GpgHome> m_home; // it outlives the program
    std::unique_ptr<io::ChildProcess> m_child;
};

// Throws Error(usage) where these do not go together or the key cannot be used, as a few bytes are encrypted
// with it; Error(failure) where the program is not there.
void require_usable(const Encryption& encryption, const IsStopped& is_stopped);

// An encrypted file, read as what it was.
class DecryptedFile {
public:
    // Throws Error(usage) where the file or the key cannot be read.
    DecryptedFile(std::string path, Decryption decryption, const IsStopped& is_stopped);
    // Empty at the end. Throws Error(usage) where the key is not one of those that it was encrypted for: the
    // bytes of a backup are compared with its manifest before.
    std::string_view read();

private:
    std::string m_path;
    Decryption m_decryption;
    std::unique_ptr<CipherProgram> m_program;
    bool m_is_ended = false;
};
}
