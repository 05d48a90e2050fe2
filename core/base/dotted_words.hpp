#pragma once
#include <string_view>

// Words with dots that look like hosts and are none.
namespace cti {

bool is_file_extension(std::string_view extension); // without the dot, any case
bool is_product_name(std::string_view written);     // "ASP.NET", as it writes itself
}
