#pragma once
#include "core/model.hpp"
#include "core/net/client.hpp"
#include "core/sources/secrets.hpp"

#include <map>
#include <string>

// Who a source says it is: by the logins of its own addresses, or by the entry of the file of secrets that
// its fetch.auth names. Each is told to the scheme, host and port that it is for, and to nobody else.
namespace cti::collect {

class Logins {
public:
    // secrets: null where no file was given.
    Logins(const Source& source, const sources::Secrets* secrets)
        : Logins({source.url, source.url_login}, {source.rss_url.value_or(""), source.rss_login},
                 source.config_json, secrets) {}
    Logins(const SourceSpec& spec, const sources::Secrets* secrets)
        : Logins({spec.url, spec.url_login}, {spec.rss_url.value_or(""), spec.rss_login}, spec.config_json,
                 secrets) {}

    const std::string& fault() const { return m_fault; } // the entry cannot be had; "" where all is well
    // Nothing changes where the request goes to somebody else.
    void add_to(net::Request& request) const;

private:
    struct Address {
        std::string url, login;
    };
    Logins(const Address& site, const Address& feed, const std::string& config_json,
           const sources::Secrets* secrets);
    void add_entry(const std::string& name, const sources::Secrets* secrets);

    std::map<std::string, net::Credentials> m_by_origin;
    std::string m_fault;
};
}
