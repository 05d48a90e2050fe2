#include "core/collect/logins.hpp"

#include "core/base/text.hpp"
#include "core/net/credentials.hpp"
#include "core/net/gate.hpp"
#include "core/sources/settings.hpp"

#include <fmt/format.h>

namespace cti::collect {

// The feed's own address goes before the site's, and the file before both.
Logins::Logins(const Address& site, const Address& feed, const std::string& config_json,
               const sources::Secrets* secrets) {
    for (const auto& [url, login] : {site, feed})
        if (!login.empty()) m_by_origin[net::origin_of(url)] = net::decode_userinfo(login);
    if (const auto auth = sources::read_fetch_settings(config_json).auth; !auth.empty())
        add_entry(auth, secrets);
}

void Logins::add_entry(const std::string& name, const sources::Secrets* secrets) {
    const auto shown = printable(name);
    if (secrets == nullptr) {
        m_fault = fmt::format(
            "its fetch.auth names '{}', and no file of secrets is given (--secrets-file, CTI_SECRETS_FILE)",
            shown);
        return;
    }
    const auto found = secrets->entries.find(name);
    if (found == secrets->entries.end()) {
        m_fault = fmt::format("its fetch.auth names '{}', which '{}' does not hold", shown, secrets->file);
        return;
    }
    const auto& secret = found->second;
    for (const auto& url : secret.urls)
        m_by_origin[net::origin_of(url)] = {secret.user, secret.password, secret.token, secret.headers};
}

void Logins::add_to(net::Request& request) const {
    if (m_by_origin.empty()) return;
    const auto found = m_by_origin.find(net::origin_of(request.url));
    if (found != m_by_origin.end()) request.credentials = found->second;
}
}
