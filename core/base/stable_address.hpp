#pragma once
#include <string>
#include <string_view>

namespace cti {

// The address without scheme, "www.", "m.", "amp.", default port, fragment, tracking parameters and the slash
// at the end; host in lower case.
std::string stable_address(std::string_view url);
}
