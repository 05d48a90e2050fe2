// What we call of OpenSSL's libcrypto; see core/base/lazy_library.hpp.
#include "core/base/lazy_library.hpp"

#include <cstdint>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace {
constexpr cti::LazyLibrary k_libcrypto(CTI_LIBCRYPTO);
}

CTI_FORWARD(k_libcrypto, int, CRYPTO_memcmp, (const void* a, const void* b, std::size_t size), (a, b, size))
CTI_FORWARD(k_libcrypto, int, EVP_DigestFinal_ex,
            (EVP_MD_CTX * context, unsigned char* out, unsigned int* size), (context, out, size))
CTI_FORWARD(k_libcrypto, int, EVP_DigestInit_ex, (EVP_MD_CTX * context, const EVP_MD* type, ENGINE* engine),
            (context, type, engine))
CTI_FORWARD(k_libcrypto, int, EVP_DigestInit_ex2,
            (EVP_MD_CTX * context, const EVP_MD* type, const OSSL_PARAM* parameters),
            (context, type, parameters))
CTI_FORWARD(k_libcrypto, int, EVP_DigestUpdate, (EVP_MD_CTX * context, const void* bytes, std::size_t size),
            (context, bytes, size))
CTI_FORWARD(k_libcrypto, void, EVP_MD_CTX_free, (EVP_MD_CTX * context), (context))
CTI_FORWARD(k_libcrypto, EVP_MD_CTX*, EVP_MD_CTX_new, (void), ())
CTI_FORWARD(k_libcrypto, EVP_MD*, EVP_MD_fetch,
            (OSSL_LIB_CTX * library, const char* algorithm, const char* properties),
            (library, algorithm, properties))
CTI_FORWARD(k_libcrypto, void, EVP_MD_free, (EVP_MD * algorithm), (algorithm))
CTI_FORWARD(k_libcrypto, const EVP_MD*, EVP_sha256, (void), ())
CTI_FORWARD(k_libcrypto, unsigned char*, HMAC,
            (const EVP_MD* algorithm, const void* key, int key_size, const unsigned char* bytes,
             std::size_t size, unsigned char* out, unsigned int* out_size),
            (algorithm, key, key_size, bytes, size, out, out_size))
CTI_FORWARD(k_libcrypto, int, OPENSSL_init_crypto,
            (std::uint64_t options, const OPENSSL_INIT_SETTINGS* settings), (options, settings))
