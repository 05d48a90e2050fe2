#include "core/net/credentials.hpp"

#include "core/base/url.hpp"

#include <charconv>

namespace cti::net {
namespace {
std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char byte = 0;
        const auto* const digits = text.data() + i + 1;
        const bool is_escape = text[i] == '%' && i + 2 < text.size() &&
                               std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
        out += is_escape ? static_cast<char>(byte) : text[i];
        if (is_escape) i += 2;
    }
    return out;
}
}

Credentials decode_userinfo(std::string_view userinfo) {
    const auto colon = userinfo.find(':');
    Credentials credentials;
    credentials.user = decoded(userinfo.substr(0, colon));
    if (colon != userinfo.npos) credentials.password = decoded(userinfo.substr(colon + 1));
    return credentials;
}

std::pair<std::string, Credentials> split_credentials(const std::string& url) {
    return {without_userinfo(url), decode_userinfo(userinfo_of(url))};
}
}
