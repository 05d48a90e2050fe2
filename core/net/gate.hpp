#pragma once
#include "core/net/client.hpp"

#include <string>
#include <string_view>

// What is said about an address before anything is sent to it.
namespace cti::net {

struct Refusal {
    Failure failure = Failure::none;
    std::string reason; // a whole message; "" when it may be asked
    std::string why;    // only the ground: "link-local"
};

// The ports that web servers are found at: 80, 443, 8000, 8008, 8080, 8081, 8088, 8443, 8888. Others belong
// to services that would read a request as something else (mail, Redis), which is how such requests become
// attacks.
bool is_usual_port(int port);

// by_proxy: names are resolved out of sight. Literal special addresses and local names are refused then; a
// public name that points to a private address cannot be seen, and the proxy's own rules have to stop it.
Refusal find_refusal(std::string_view url, bool allow_private, bool by_proxy);

// The target of a redirect, absolute, without fragment, bytes above 0x7F percent-encoded.
std::string redirect_target(std::string_view from, std::string_view location);
// Why a redirect is not followed: from https to http. "" when it may be.
std::string_view downgrade_refusal(std::string_view from, std::string_view to);

// The name that is looked up: of one beyond ASCII the "xn--…" (IDNA 2008), whatever the locale.
std::string wire_host(std::string_view host);

// As servers want it: wire_host(), bytes above 0x7F of path and query percent-encoded, no fragment.
std::string wire_url(std::string_view url);

int port_of(std::string_view url); // the scheme's own when none is written; 0 when it is no number

// "https://example.com", with the port where it is not the scheme's own: what a robots.txt is for.
std::string origin_of(std::string_view url);

// The name under which a URL's host is paced: lower case, without port and closing dot.
std::string host_of(std::string_view url);
}
