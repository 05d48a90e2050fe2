#pragma once
#include <string_view>

namespace cti::page {

// Whether two addresses mean the same page: without scheme, "www.", query, fragment and a closing slash.
bool is_same_page(std::string_view a, std::string_view b);
bool is_same_host(std::string_view a, std::string_view b); // without "www."
}
