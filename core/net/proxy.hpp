#pragma once
#include <string>
#include <string_view>

// Which proxy a request goes through. Decided here and not in libcurl, because the check of addresses has to
// know whether a connection goes to the proxy or to the host itself.
namespace cti::net {

struct ProxySettings {
    std::string http, https, all, none; // http_proxy, https_proxy, all_proxy, no_proxy
};

// HTTP_PROXY in capitals is left out: behind a CGI it is a header of the request (CVE-2016-5385).
ProxySettings proxies_of_environment();

// "" is no proxy. no_proxy is a list of hosts, domains, addresses and CIDR blocks, or "*".
std::string proxy_for(std::string_view url, const ProxySettings& settings);
}
