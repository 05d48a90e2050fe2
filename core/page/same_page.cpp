#include "core/page/same_page.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"

namespace cti::page {
namespace {
std::string_view plain_host(std::string_view host) {
    if (istarts_with(host, "www.")) host.remove_prefix(4);
    return host;
}
std::string_view plain_path(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    return path;
}
}

bool is_same_host(std::string_view a, std::string_view b) {
    return iequals(plain_host(split_url(a).host), plain_host(split_url(b).host));
}

bool is_same_page(std::string_view a, std::string_view b) {
    return is_same_host(a, b) && plain_path(split_url(a).path) == plain_path(split_url(b).path);
}
}
