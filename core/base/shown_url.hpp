#pragma once
#include <string>
#include <string_view>

namespace cti {

// An address as messages may show it: without a login, with *** for the value of each parameter whose name
// says that it is secret ("token", "api_key" …), and nothing that a terminal would act on.
std::string shown_url(std::string_view url);
}
