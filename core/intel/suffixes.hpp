#pragma once
#include <cstddef>
#include <string_view>

// The public suffix list (publicsuffix.org), by libpsl. Names in lower case, in Unicode or Punycode.
namespace cti::intel {

// Whether names are registered under it: "com", "co.uk". Unlisted names are none.
bool is_public_suffix(std::string_view name);

// Whether names end in it: a suffix by itself, or one of which the list only knows what is below it ("za" by
// "co.za", "ck" by "*.ck").
bool is_top_level(std::string_view label);

// Top levels that no registry of the public DNS has: onion services, I2P, Namecoin and Emercoin.
bool is_private_top_level(std::string_view label);

// Where the label begins that was registered: 4 of "www.example.co.uk"; npos for a suffix itself.
std::size_t find_registrable(std::string_view host);
}
