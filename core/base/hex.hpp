#pragma once
#include <string>
#include <string_view>

// Bytes as statements hand them over: decode(…, 'hex') there, encode(…, 'hex') back.
namespace cti::store {
std::string to_hex(std::string_view bytes);
std::string from_hex(std::string_view hex); // what encode() wrote
}
