#pragma once
#include <string>
#include <string_view>

// Web addresses: RFC 3986 with the habits of browsers (WHATWG URL) where feeds need them.
namespace cti {

// Views into the address that was split; nothing is decoded.
struct UrlParts {
    std::string_view scheme, userinfo, host, port, path, query, fragment;
    bool has_authority = false, has_query = false, has_fragment = false;
};
UrlParts split_url(std::string_view url);

bool has_scheme(std::string_view url);  // "http:", "urn:", "C:" …
bool is_http_url(std::string_view url); // http or https, with a host

// The reference made absolute, RFC 3986 section 5. White space around it, line ends and tabs inside it are
// dropped and blanks become %20, as browsers do. What has a scheme already comes back otherwise unchanged, so
// that addresses stay as the feed wrote them. With an empty or unusable base the reference itself comes back.
std::string resolve_url(std::string_view base, std::string_view reference);

// The bytes of what is beyond ASCII as "%C3%A4", RFC 3987 section 3.1; all else stays as it is.
std::string encode_high_bytes(std::string_view text);

// What stands before the host ("user:password", as it is written), or "".
std::string_view userinfo_of(std::string_view url);
// The address without it. What is no address comes back unchanged.
std::string without_userinfo(std::string_view url);
// The address, which has none, with it; "" adds nothing.
std::string with_userinfo(std::string_view url, std::string_view userinfo);
// Whether scheme, host and port are the same.
bool is_same_origin(std::string_view a, std::string_view b);

// Why the program will not ask for this address, in a few words, or "" when it will: another scheme than http
// and https, no host, credentials, control characters or blanks, a bad port, more than 2083 bytes.
std::string_view url_refusal(std::string_view url);
}
