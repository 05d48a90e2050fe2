#pragma once
#include <string>
#include <string_view>

namespace cti {
// The host with each label beyond ASCII as "xn--…" (RFC 3492). The text is in lower case already.
std::string to_punycode(std::string_view host);
}
