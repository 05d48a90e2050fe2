#include "core/base/hash.hpp"

#include "core/base/hex.hpp"
#include "core/base/sha256.hpp"

#include <algorithm>
#include <array>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <span>
#include <stdexcept>

namespace cti {
namespace {
// One context and one fetched algorithm per thread: EVP_Digest() would look the algorithm up at every call,
// which costs more than hashing a word.
class Digest {
public:
    explicit Digest(const char* name)
        : m_context(EVP_MD_CTX_new()), m_algorithm(EVP_MD_fetch(nullptr, name, nullptr)) {
        if (m_context == nullptr || m_algorithm == nullptr)
            throw std::runtime_error("OpenSSL lacks a digest");
    }
    ~Digest() {
        EVP_MD_free(m_algorithm);
        EVP_MD_CTX_free(m_context);
    }
    Digest(const Digest&) = delete;
    Digest& operator=(const Digest&) = delete;

    std::array<unsigned char, EVP_MAX_MD_SIZE> operator()(std::string_view bytes) {
        std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
        unsigned int size = 0;
        if (EVP_DigestInit_ex2(m_context, m_algorithm, nullptr) != 1 ||
            EVP_DigestUpdate(m_context, bytes.data(), bytes.size()) != 1 ||
            EVP_DigestFinal_ex(m_context, out.data(), &size) != 1) {
            throw std::runtime_error("OpenSSL failed to hash");
        }
        return out;
    }

private:
    EVP_MD_CTX* m_context;
    EVP_MD* m_algorithm;
};
}

namespace {
std::string hex_digits(std::span<const unsigned char> bytes) {
    return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}
}

void start_crypto() {
    if (OPENSSL_init_crypto(0, nullptr) != 1) throw std::runtime_error("OpenSSL cannot be initialised");
}

bool are_equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string sha256_hex(std::string_view bytes) {
    thread_local Digest digest("SHA256");
    const auto hash = digest(bytes);
    return hex_digits(std::span(hash).first(32));
}

struct Sha256::State {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {
    if (EVP_DigestInit_ex(m_state->context.get(), EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("OpenSSL lacks a digest");
}
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
    if (EVP_DigestUpdate(m_state->context.get(), bytes.data(), bytes.size()) != 1)
        throw std::runtime_error("OpenSSL failed to hash");
}

std::string Sha256::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned int size = 0;
    if (EVP_DigestFinal_ex(m_state->context.get(), out.data(), &size) != 1)
        throw std::runtime_error("OpenSSL failed to hash");
    return hex_digits(std::span(out).first(size));
}

std::string hmac_sha256_hex(std::string_view key, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned int size = 0;
    const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data, bytes.size(), out.data(), &size) ==
        nullptr)
        throw std::runtime_error("OpenSSL failed to sign");
    return hex_digits(std::span(out).first(size));
}

std::array<std::uint8_t, 20> sha1(std::string_view bytes) {
    thread_local Digest digest("SHA1");
    const auto hash = digest(bytes);
    std::array<std::uint8_t, 20> out{};
    std::copy_n(hash.begin(), out.size(), out.begin());
    return out;
}

namespace {
std::array<unsigned char, EVP_MAX_MD_SIZE> md5(std::string_view bytes) {
    thread_local Digest digest("MD5");
    return digest(bytes);
}
}

std::string md5_hex(std::string_view bytes) {
    const auto hash = md5(bytes);
    return hex_digits(std::span(hash).first(16));
}

std::uint64_t md5_low64(std::string_view bytes) {
    const auto hash = md5(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = 8; i < 16; ++i) value = value << 8 | hash[i];
    return value;
}
}
