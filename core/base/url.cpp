#include "core/base/url.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace cti {
namespace {
constexpr std::size_t k_max_url_bytes = 2083; // What the oldest of today's proxies and browsers still take.

// The length of the scheme without its colon, or 0.
std::size_t scheme_length(std::string_view url) {
    if (url.empty() || !is_ascii_alpha(url.front())) return 0;
    std::size_t i = 1;
    while (i < url.size() && (is_ascii_alpha(url[i]) || is_ascii_digit(url[i]) || url[i] == '+' ||
                              url[i] == '-' || url[i] == '.'))
        ++i;
    return i < url.size() && url[i] == ':' ? i : 0;
}

void split_authority(std::string_view authority, UrlParts& parts) {
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        parts.userinfo = authority.substr(0, at);
        authority.remove_prefix(at + 1);
    }
    const auto bracket = authority.rfind(']'); // The colons of an IPv6 address are no port.
    const auto colon = authority.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
        parts.port = authority.substr(colon + 1);
        authority = authority.substr(0, colon);
    }
    parts.host = authority;
}

// Browsers drop line ends and tabs anywhere, and what is blank or a control character at the ends.
std::string clean_reference(std::string_view text) {
    const auto is_edge = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
    while (!text.empty() && is_edge(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_edge(text.back())) text.remove_suffix(1);
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == ' ') {
            out += "%20";
        } else if (c != '\n' && c != '\r' && c != '\t') {
            out += c;
        }
    }
    return out;
}

// RFC 3986 section 5.2.4 in one pass.
std::string remove_dot_segments(std::string_view path) {
    std::vector<std::string_view> kept;
    const bool rooted = !path.empty() && path.front() == '/';
    if (rooted) path.remove_prefix(1);
    const auto segments = split(path, '/');
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const bool last = i + 1 == segments.size();
        if (segments[i] == "." || segments[i] == "..") {
            if (segments[i] == ".." && !kept.empty()) kept.pop_back();
            if (last) kept.emplace_back();
        } else {
            kept.push_back(segments[i]);
        }
    }
    std::string out;
    out.reserve(path.size() + 1);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (i > 0 || rooted) out += '/';
        out += kept[i];
    }
    return out;
}

std::string merge_paths(const UrlParts& base, std::string_view path) {
    const auto slash = base.path.rfind('/');
    std::string merged(base.path.substr(0, slash == std::string_view::npos ? 0 : slash + 1));
    if (base.has_authority && base.path.empty()) merged = '/';
    return merged += path;
}

std::string_view authority_of(std::string_view url, const UrlParts& parts) {
    if (!parts.has_authority) return {};
    const auto start = parts.scheme.size() + (parts.scheme.empty() ? 2 : 3);
    const auto length = static_cast<std::size_t>(parts.path.data() - (url.data() + start));
    return url.substr(start, length);
}
}

UrlParts split_url(std::string_view url) {
    UrlParts parts;
    if (const auto length = scheme_length(url); length > 0) {
        parts.scheme = url.substr(0, length);
        url.remove_prefix(length + 1);
    }
    if (const auto hash = url.find('#'); hash != std::string_view::npos) {
        parts.fragment = url.substr(hash + 1), parts.has_fragment = true;
        url = url.substr(0, hash);
    }
    if (const auto mark = url.find('?'); mark != std::string_view::npos) {
        parts.query = url.substr(mark + 1), parts.has_query = true;
        url = url.substr(0, mark);
    }
    if (url.starts_with("//")) {
        parts.has_authority = true;
        const auto end = std::min(url.find('/', 2), url.size());
        split_authority(url.substr(2, end - 2), parts);
        url.remove_prefix(end);
    }
    parts.path = url;
    return parts;
}

bool has_scheme(std::string_view url) { return scheme_length(url) > 0; }

bool is_http_url(std::string_view url) {
    if (!istarts_with(url, "http://") && !istarts_with(url, "https://")) return false;
    return !split_url(url).host.empty();
}

std::string resolve_url(std::string_view base_url, std::string_view reference) {
    std::string cleaned = clean_reference(reference), clean_base;
    if (std::ranges::any_of(base_url, [](char c) { return static_cast<unsigned char>(c) <= 0x20; }))
        base_url = clean_base = clean_reference(base_url);
    if (has_scheme(cleaned) || cleaned.empty() || !has_scheme(base_url)) return cleaned;
    const auto base = split_url(base_url);
    const bool hierarchical = base.has_authority || base.path.starts_with('/');
    if (!hierarchical && cleaned.front() != '#') return cleaned; // Nothing is relative to mailto: or urn:.
    std::replace(cleaned.begin(),
                 cleaned.begin() +
                     static_cast<std::ptrdiff_t>(std::min(cleaned.find_first_of("?#"), cleaned.size())),
                 '\\', '/');
    const auto ref = split_url(cleaned);
    std::string out(base.scheme);
    out += ':';
    if (ref.has_authority) return out + cleaned;
    if (base.has_authority) (out += "//") += authority_of(base_url, base);
    const bool keeps_path = ref.path.empty();
    if (keeps_path) {
        out += base.path;
    } else {
        const auto path = remove_dot_segments(ref.path.front() == '/' ? std::string(ref.path)
                                                                      : merge_paths(base, ref.path));
        if (!base.has_authority && path.starts_with("//"))
            out += "/."; // Else its first segment would be a host.
        out += path;
    }
    const bool keeps_query = keeps_path && !ref.has_query;
    if (keeps_query ? base.has_query : ref.has_query) (out += '?') += keeps_query ? base.query : ref.query;
    if (ref.has_fragment) (out += '#') += ref.fragment;
    return out;
}

std::string_view userinfo_of(std::string_view url) {
    const auto slashes = url.find("//");
    if (slashes == url.npos || url.find_first_of("/?#") < slashes) return {};
    const auto authority = url.substr(slashes + 2, url.find_first_of("/?#", slashes + 2) - slashes - 2);
    const auto at = authority.rfind('@');
    return at == authority.npos ? std::string_view() : authority.substr(0, at);
}

std::string without_userinfo(std::string_view url) {
    const auto userinfo = userinfo_of(url);
    if (userinfo.data() == nullptr) return std::string(url);
    const auto begin = static_cast<std::size_t>(userinfo.data() - url.data());
    return std::string(url.substr(0, begin)) += url.substr(begin + userinfo.size() + 1);
}

std::string with_userinfo(std::string_view url, std::string_view userinfo) {
    const auto host = url.find("//");
    if (userinfo.empty() || host == url.npos) return std::string(url);
    return fmt::format("{}{}@{}", url.substr(0, host + 2), userinfo, url.substr(host + 2));
}

bool is_same_origin(std::string_view a, std::string_view b) {
    const auto first = split_url(a), second = split_url(b);
    const auto port_of = [](const UrlParts& parts) {
        return !parts.port.empty() ? parts.port : iequals(parts.scheme, "https") ? "443" : "80";
    };
    return iequals(first.scheme, second.scheme) && iequals(first.host, second.host) &&
           port_of(first) == port_of(second);
}

std::string_view url_refusal(std::string_view url) {
    if (url.empty()) return "the address is empty";
    if (url.size() > k_max_url_bytes) return "the address is too long";
    if (std::ranges::any_of(url, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; }))
        return "the address holds blanks or control characters";
    const auto parts = split_url(url);
    if (parts.scheme.empty()) return "the address has no scheme";
    if (!iequals(parts.scheme, "http") && !iequals(parts.scheme, "https"))
        return "the scheme is neither http nor https";
    if (parts.host.empty()) return "the address names no host";
    if (!parts.userinfo.empty()) return "the address holds credentials";
    const bool digits = std::ranges::all_of(parts.port, is_ascii_digit);
    if (!digits || parts.port.size() > 5 ||
        (!parts.port.empty() && std::stoi(std::string(parts.port)) > 65535))
        return "the port is not a number from 0 to 65535";
    return {};
}

std::string encode_high_bytes(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x80) {
            out += c;
        } else {
            fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}
}
