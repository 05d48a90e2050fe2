#pragma once
#include <string>
#include <string_view>

namespace cti {
std::string to_hex(std::string_view bytes); // two lower-case digits each
// The bytes of hexadecimal digits in either case; the caller knows that they are digits.
std::string from_hex(std::string_view digits);
}
