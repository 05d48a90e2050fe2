#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Checksums that tell an address from a random word.
namespace cti::intel {

// Keccak[512] with the padding byte of Keccak (0x01: Ethereum, Monero) or of SHA-3 (0x06).
std::array<std::uint8_t, 32> keccak256(std::string_view bytes, std::uint8_t padding);

bool is_onion_v3(std::string_view label);         // 56 characters of base 32, without ".onion"
bool is_bitcoin_base58(std::string_view address); // versions 0 and 5
bool is_bech32(std::string_view address);         // bech32 and bech32m, one case
bool is_ethereum(std::string_view digits);        // 40 hex digits; those of mixed case by EIP-55
bool is_monero(std::string_view address);         // 95 characters
}
