#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace cti {
// To be called before a second thread uses this file. Throws std::runtime_error where OpenSSL cannot be used.
void start_crypto();

std::string sha256_hex(std::string_view bytes);                            // 64 lower-case hex digits
std::string hmac_sha256_hex(std::string_view key, std::string_view bytes); // RFC 2104, likewise

// For secrets: it takes as long for a difference in the first byte as for one in the last.
bool are_equal_in_constant_time(std::string_view a, std::string_view b);

// For identifiers and lookups that other programs define by them; nothing is kept safe by either.
std::array<std::uint8_t, 20> sha1(std::string_view bytes);
std::string md5_hex(std::string_view bytes); // 32 lower-case hex digits

// The last 8 of MD5's 16 bytes as a big-endian number: the feature hash of the web service's simhash.
std::uint64_t md5_low64(std::string_view bytes);
}
