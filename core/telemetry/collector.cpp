#include "core/telemetry/collector.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/net/credentials.hpp"

#include <algorithm>
#include <optional>

namespace cti::telemetry {
namespace {

constexpr std::size_t k_max_headers = 32, k_max_headers_bytes = 16 * 1024;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Nothing where a '%' begins no byte.
std::optional<std::string> decode_percent(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0) return {};
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

// RFC 9110, section 5.6.2.
bool is_header_name(std::string_view name) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::ranges::all_of(name, [&](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) || marks.find(c) != std::string_view::npos;
    });
}

bool is_header_value(std::string_view value) {
    return std::ranges::none_of(value,
                                [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::optional<std::string> header_line(std::string_view pair) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) return {};
    const auto name = trim(pair.substr(0, equals));
    const auto value = decode_percent(trim(pair.substr(equals + 1)));
    if (!is_header_name(name) || !value || !is_header_value(*value)) return {};
    return std::string(name) + ": " + *value;
}
}

std::string traces_url(const CollectorVariables& variables) {
    if (!variables.traces_endpoint.empty()) return variables.traces_endpoint;
    auto url = variables.endpoint;
    if (url.empty()) return url;
    while (url.ends_with('/')) url.pop_back();
    return url + "/v1/traces";
}

std::string collector_refusal(const std::string& url) {
    if (!istarts_with(url, "http://") && !istarts_with(url, "https://"))
        return "it is no http or https address";
    return std::string(url_refusal(net::split_credentials(url).first));
}

ParsedHeaders parse_headers(std::string_view text) {
    if (text.size() > k_max_headers_bytes) return {{}, "they are longer than 16 KiB"};
    ParsedHeaders parsed;
    for (const auto pair : split(text, ',')) {
        if (trim(pair).empty()) continue;
        auto line = header_line(pair);
        if (!line) return {{}, "they are not 'name=value,name=value' with percent-encoded values"};
        if (parsed.lines.size() >= k_max_headers) return {{}, "they are more than 32"};
        parsed.lines.push_back(std::move(*line));
    }
    return parsed;
}
}
