#include "core/bucket/address.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::bucket {
namespace {
constexpr std::string_view k_scheme = "s3://";

bool is_of_name(char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-' || c == '.' || c == '_'; }

bool is_bucket_name(std::string_view name) {
    return name.size() >= 3 && name.size() <= 63 && std::ranges::all_of(name, is_of_name) &&
           (is_ascii_alpha(name[0]) || is_ascii_digit(name[0])) && name.find("..") == name.npos;
}

// A part that is "." or ".." or empty leads elsewhere in an address; a "+" is signed wrongly by libcurl 8.14.
bool is_prefix(std::string_view prefix) {
    constexpr std::size_t k_max_size = 500;
    if (prefix.size() > k_max_size) return false;
    return std::ranges::all_of(split(prefix, '/'), [](std::string_view part) {
        return !part.empty() && part != "." && part != ".." &&
               std::ranges::all_of(part, [](char c) { return c > ' ' && c < 0x7F && c != '+'; });
    });
}

bool is_region(std::string_view text) {
    return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, [](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-';
    });
}

std::string endpoint_of(const Settings& settings) {
    return settings.endpoint.empty() ? fmt::format("https://s3.{}.amazonaws.com", region_of(settings))
                                     : settings.endpoint;
}

// A certificate for *.endpoint does not cover a name with more dots.
bool is_by_path(const Settings& settings, const std::string& bucket) {
    if (settings.style != Style::automatic) return settings.style == Style::path;
    return !settings.endpoint.empty() || bucket.find_first_of("._") != bucket.npos;
}
}

bool is_bucket_address(std::string_view text) { return text.starts_with(k_scheme); }

Address parse_address(std::string_view text) {
    auto rest = text.substr(std::min(k_scheme.size(), text.size()));
    while (rest.ends_with('/')) rest.remove_suffix(1);
    const auto slash = rest.find('/');
    const auto name = rest.substr(0, slash), prefix = slash == rest.npos ? "" : rest.substr(slash + 1);
    if (!is_bucket_address(text) || !is_bucket_name(name) || (!prefix.empty() && !is_prefix(prefix)))
        throw Error{ExitCode::usage, fmt::format("'{}' is no address of a bucket", printable(text)),
                    "Write s3://BUCKET or s3://BUCKET/PREFIX."};
    return {std::string(name), prefix.empty() ? std::string() : std::string(prefix) + '/'};
}

std::string to_text(const Address& address) {
    auto text = fmt::format("{}{}/{}", k_scheme, address.bucket, address.prefix);
    text.pop_back();
    return text;
}

void require_usable(const Settings& settings) {
    const auto& endpoint = settings.endpoint;
    if (!endpoint.empty()) {
        const auto parts = split_url(endpoint);
        const bool is_bare = (parts.path.empty() || parts.path == "/") && !parts.has_query &&
                             !parts.has_fragment && parts.userinfo.empty();
        if (!is_http_url(endpoint) || !url_refusal(endpoint).empty() || !is_bare)
            throw Error{ExitCode::usage, fmt::format("'{}' is no endpoint", printable(endpoint)),
                        "Write https://HOST or https://HOST:PORT."};
    }
    if (!is_region(region_of(settings)))
        throw Error{ExitCode::usage, fmt::format("'{}' is no region", printable(settings.region)),
                    "Set AWS_REGION, such as eu-central-1."};
    if (settings.access_key.empty() || settings.secret_key.empty())
        throw Error{ExitCode::usage, "there is no key for the bucket",
                    "Set AWS_ACCESS_KEY_ID_FILE and AWS_SECRET_ACCESS_KEY_FILE to the files that hold it."};
}

std::string region_of(const Settings& settings) {
    return settings.region.empty() ? "us-east-1" : settings.region;
}

std::string encode(std::string_view text, bool keeps_slash) {
    std::string out;
    for (const char c : text) {
        const bool is_plain = is_of_name(c) || c == '~' || (keeps_slash && c == '/');
        out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::string url_of(const Settings& settings, const std::string& bucket, std::string_view key) {
    auto base = endpoint_of(settings);
    while (base.ends_with('/')) base.pop_back();
    const auto path = encode(key, true);
    if (is_by_path(settings, bucket)) return fmt::format("{}/{}/{}", base, bucket, path);
    const auto host = base.find("://") + 3;
    return fmt::format("{}{}.{}/{}", base.substr(0, host), bucket, base.substr(host), path);
}
}
