#include "core/db/connect_error.hpp"

#include "core/base/text.hpp"
#include "core/db/pqxx_impl.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace cti::db {
namespace {

bool contains_any(const std::string& text, std::initializer_list<const char*> parts) {
    for (const char* part : parts)
        if (text.find(part) != std::string::npos) return true;
    return false;
}

constexpr std::string_view k_hidden_host = "\"***\"";
constexpr const char* k_tls_versions_hint =
    "Let server and libpq speak the same version of TLS (ssl_min_protocol_version).";

struct Remedy {
    std::string_view part; // of what libpq or the server says
    const char* hint;
};
// The first that fits counts: "too many connections for role" names a role as a wrong password does.
constexpr Remedy k_remedies[] = {
    {"could not translate host name \"***\"", k_doubtful_host_hint},
    {"too many connections for role",
     "Let other programs of this role end, or let a superuser raise its limit: ALTER ROLE … CONNECTION LIMIT."},
    {"too many connections for database",
     "Let other programs end, or let the owner raise the limit: ALTER DATABASE … CONNECTION LIMIT."},
    {"too many clients", "Let other programs end, or raise max_connections of the server."},
    {"connection slots are reserved", "Let other programs end, or raise max_connections of the server."},
    {"no more connections allowed", "Let other programs end, or raise max_client_conn of the pooler."},
    {"does not support SSL",
     "Switch TLS on in the server (ssl = on), or write sslmode=disable where the network is yours alone."},
    {"root certificate file",
     "Name the file of the authority in the address (sslrootcert=FILE), or write sslmode=require, which encrypts "
     "and does not check who answers."},
    {"does not match host name",
     "Use a host name that stands in the server's certificate, or write sslmode=verify-ca, which checks the "
     "authority alone."},
    {"certificate has expired", "Renew the server's certificate."},
    {"certificate verify failed",
     "The server's certificate is of another authority: name that one's file in the address (sslrootcert=FILE)."},
    {"valid client certificate",
     "Name your certificate and its key in the address (sslcert=FILE sslkey=FILE)."},
    {"private key file", "Let the key of sslkey belong to you, and let nobody else read it (chmod 0600)."},
    {"certificate file", "Correct sslcert in the address."},
    {", no encryption",
     "The server wants TLS: write sslmode=require in the address, or let pg_hba.conf accept this host without."},
    {", SSL off",
     "The server wants TLS: write sslmode=require in the address, or let pg_hba.conf accept this host without."},
    {"SSL required", "The server wants TLS: write sslmode=require in the address."},
    {"sslmode value", "Correct sslmode in the address: disable, prefer, require, verify-ca or verify-full."},
    {"unsupported protocol", k_tls_versions_hint},
    {"alert protocol version", k_tls_versions_hint},
    {"alert unknown ca",
     "The server does not trust your certificate: name one in sslcert that its ssl_ca_file has signed."},
    {"SSL error",
     "See the server's log for what it has against the encryption; sslmode in the address says how."},
    {"password", "Check the user name and the password in DATABASE_URL."},
    {"authentication", "Check the user name and the password in DATABASE_URL."},
    {"pg_hba.conf", "Check the user name and the password in DATABASE_URL."},
    {"role \"", "Check the user name and the password in DATABASE_URL."},
};

// What createdb has to be told of the address; what it does not hold, both take from libpq's environment.
// "createdb" alone where a shell would read more into a part of it.
std::string createdb_command(const Address& address) {
    std::string command = "createdb";
    if (address.is_host_doubtful) return command;
    const auto is_plain = [](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) ||
               std::string_view("_-./:").find(c) != std::string_view::npos;
    };
    constexpr std::pair<const char*, std::string_view> words[] = {
        {"host", " -h "}, {"port", " -p "}, {"user", " -U "}, {"dbname", " "}};
    for (const auto& [parameter, option] : words) {
        const auto found = address.parameters.find(parameter);
        if (found == address.parameters.end() || found->second.empty()) continue;
        if (found->second.starts_with('-') || !std::ranges::all_of(found->second, is_plain))
            return "createdb";
        command += std::string(option) + found->second;
    }
    return command;
}

std::string hint_of(const std::string& reason, const Address& address) {
    for (const auto& [part, hint] : k_remedies)
        if (reason.find(part) != std::string::npos) return hint;
    if (contains_any(reason, {"database \"", "no such database"}))
        return fmt::format("Create the database first ({}), or correct its name in DATABASE_URL.",
                           createdb_command(address));
    return "Set DATABASE_URL or --database-url, and see that the server is running.";
}

// `connection to server at "db" (10.0.0.2), port 5432 failed: Connection refused`: host, port and reason.
struct Attempt {
    std::string reason, place;
};
Attempt read_attempt(std::string_view said) {
    const auto between = [&](std::string_view from, std::string_view to) -> std::string {
        const auto begin = said.find(from);
        if (begin == std::string_view::npos) return {};
        const auto rest = said.substr(begin + from.size());
        return std::string(rest.substr(0, rest.find_first_of(to)));
    };
    auto line = said.substr(0, said.find('\n'));
    const auto failed = line.find(" failed: ");
    auto reason =
        std::string(after_label(trim(failed == std::string_view::npos ? line : line.substr(failed + 9))));
    if (const auto host = between("server at \"", "\""); !host.empty())
        return {reason, fmt::format(" (host={} port={})", host, between(", port ", " \n"))};
    if (const auto socket = between("socket \"", "\""); !socket.empty())
        return {reason, fmt::format(" (socket={})", socket)};
    return {reason, ""};
}

// libpq quotes each host that it tries.
void hide_hosts(std::string& said, const Address& address) {
    const auto hosts = address.parameters.find("host");
    if (hosts == address.parameters.end()) return;
    for (const auto host : split(hosts->second, ',')) {
        const auto quoted = fmt::format("\"{}\"", host);
        for (auto at = said.find(quoted); at != std::string::npos;
             at = said.find(quoted, at + k_hidden_host.size()))
            said.replace(at, quoted.size(), k_hidden_host);
    }
}

// Everything else may pass: refused while it restarts, "starting up", "too many clients", a name that does
// not resolve during a failover, "not currently accepting connections" …
bool is_permanent(const std::string& message) {
    return contains_any(message,
                        {"password", "authentication", "pg_hba.conf", "does not exist", "no such database",
                         "invalid", "missing \"=\"", "permission denied for database",
                         "not permitted to log in", "certificate"});
}
}

std::string_view after_label(std::string_view line) {
    const auto colon = line.find(":  ");
    return colon < 16 ? line.substr(colon + 3) : line;
}

ConnectError connect_error(std::string said, const Address& address) {
    if (address.is_host_doubtful) hide_hosts(said, address);
    auto [reason, place] = read_attempt(said);
    if (reason.size() > 1 && !(reason[1] >= 'A' && reason[1] <= 'Z')) reason[0] = ascii_lower(reason[0]);
    return {fmt::format("cannot connect to the database: {}{}", reason, place), hint_of(reason, address),
            is_permanent(reason)};
}
}
