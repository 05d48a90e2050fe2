#include "core/db/url_spelling.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/db/address.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <vector>

namespace cti::db {
namespace {
using std::string_view;
constexpr auto npos = string_view::npos;

// What SQLAlchemy and asyncpg take for themselves. Prepared statements and their caches are not ours, and
// connecting has its own time limit.
constexpr std::array<string_view, 13> k_driver_parameters{"async_fallback",
                                                          "prepared_statement_cache_size",
                                                          "prepared_statement_name_func",
                                                          "statement_cache_size",
                                                          "max_cached_statement_lifetime",
                                                          "max_cacheable_statement_size",
                                                          "command_timeout",
                                                          "timeout",
                                                          "prepare_threshold",
                                                          "executemany_mode",
                                                          "executemany_values_page_size",
                                                          "executemany_batch_page_size",
                                                          "plugin"};

bool is_driver_parameter(string_view name) {
    return std::ranges::find(k_driver_parameters, name) != k_driver_parameters.end();
}

bool is_known_parameter(string_view name) {
    return name == "ssl" || name == "database" || is_driver_parameter(name) || is_libpq_parameter(name);
}

// The next ? that begins parameters and is no character of a password.
std::size_t find_query(string_view body, std::size_t from) {
    for (auto mark = body.find('?', from); mark != npos; mark = body.find('?', mark + 1)) {
        const auto name = body.substr(mark + 1, body.find('=', mark) - mark - 1);
        if (is_known_parameter(name)) return mark;
    }
    return npos;
}

bool is_number(string_view text) { return std::ranges::all_of(text, is_ascii_digit); }

// "host", "host:5432", "[::1]:5432", several of them with commas; with a database or without.
bool is_place(string_view text) {
    for (auto host : split(text.substr(0, text.find('/')), ',')) {
        if (host.starts_with('[')) host.remove_prefix(std::min(host.find(']'), host.size()));
        const auto colon = host.find(':');
        if (colon != npos && !is_number(host.substr(colon + 1))) return false;
    }
    return true;
}

// "u:1234/x@db" is a host with its port and a database, or a user with a password and a host.
bool has_two_readings(string_view plain, std::size_t at) {
    const auto slash = plain.find('/');
    if (slash == npos || slash > at) return false;
    const auto user = plain.find_first_of(":/");
    if (plain[user] == '/') return plain.substr(0, at).find(':') != npos; // No user name has a slash.
    const auto authority = plain.substr(0, slash);
    const auto first_at = authority.rfind('@'); // npos + 1 is 0
    return is_place(authority.substr(first_at + 1)) && plain.find('/', at) == npos;
}

[[noreturn]] void refuse_two_readings() {
    throw Error(ExitCode::usage, "the database address can be read in two ways",
                "In the user name, the password and the database, write @ as %40, / as %2F and ? as %3F.");
}

// Where the user name and the password end, or npos where there are none.
std::size_t userinfo_end(string_view body) {
    if (body.starts_with('[')) return npos;
    for (auto query = find_query(body, 0);; query = find_query(body, query + 1)) {
        const auto plain = body.substr(0, query);
        if (const auto at = plain.rfind('@'); at != npos) {
            if (has_two_readings(plain, at)) refuse_two_readings();
            return plain.find('/') < plain.find_first_of(":@") ? npos : at;
        }
        if (query == npos || is_place(plain)) return npos;
    }
}

bool is_hex(char c) { return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f'); }

// %XX stays as it is; a lone % and what would end this part of the URL is encoded.
std::string percent_encoded(string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool is_escape = c == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]);
        const bool is_plain = is_ascii_alpha(c) || is_ascii_digit(c) || string_view("-._~").find(c) != npos;
        if (is_escape || is_plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

// asyncpg's word for it holds what libpq's holds, or a bool.
std::string ssl_mode(string_view value) {
    for (const string_view yes : {"true", "1", "on", "yes"})
        if (iequals(value, yes)) return "require";
    for (const string_view no : {"false", "0", "off", "no"})
        if (iequals(value, no)) return "disable";
    return std::string(value);
}

// SQLAlchemy names several servers as "host=a:5432&host=b:5432"; libpq wants two lists.
struct Servers {
    std::vector<std::string> hosts, ports;
    bool has_port = false;

    void add(string_view value) {
        const auto colon = value.rfind(':');
        const bool with_port = colon != npos && !value.starts_with('/') && value.find(':') == colon &&
                               is_number(value.substr(colon + 1));
        hosts.emplace_back(value.substr(0, with_port ? colon : npos));
        ports.emplace_back(with_port ? value.substr(colon + 1) : "");
        has_port = has_port || with_port;
    }
};

// To libpq a + in a parameter is a plus; the readers of Python's drivers take it for a blank.
std::string decoded_plus(string_view value, bool is_driver) {
    std::string out;
    for (const char c : value) out += c == '+' && is_driver ? std::string("%20") : std::string(1, c);
    return out;
}

std::string libpq_query(string_view query, bool is_driver) {
    std::vector<std::string> out;
    Servers servers;
    for (const auto part : split(query, '&')) {
        const auto equals = std::min(part.find('='), part.size());
        const auto name = part.substr(0, equals);
        const auto value = part.substr(std::min(equals + 1, part.size()));
        if (is_driver_parameter(name)) continue;
        if (name == "host")
            servers.add(value);
        else if (name == "ssl")
            out.push_back("sslmode=" + ssl_mode(value));
        else if (name == "database")
            out.push_back("dbname=" + decoded_plus(value, is_driver));
        else
            out.push_back(decoded_plus(part, is_driver));
    }
    if (!servers.hosts.empty()) out.push_back("host=" + join(servers.hosts, ","));
    if (servers.has_port) out.push_back("port=" + join(servers.ports, ","));
    return join(out, "&");
}

std::size_t scheme_end(string_view address) {
    const auto colon = address.find("://");
    if (colon == npos) return npos;
    const auto is_of_scheme = [](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) || c == '+' || c == '-' || c == '.' || c == '_';
    };
    return std::ranges::all_of(address.substr(0, colon), is_of_scheme) ? colon : npos;
}

void check_scheme(string_view scheme) {
    const auto name = scheme.substr(0, scheme.find('+'));
    if (iequals(name, "postgresql") || iequals(name, "postgres")) return;
    throw Error(ExitCode::usage, "the database address is not one of PostgreSQL", k_address_hint);
}
}

bool is_url(string_view address) { return scheme_end(address) != npos; }

UrlSpelling split_spelling(string_view url) {
    UrlSpelling spelling;
    const auto end = scheme_end(url);
    spelling.scheme = url.substr(0, end);
    auto rest = url.substr(end + 3);
    if (const auto at = userinfo_end(rest); at != npos) {
        const auto userinfo = rest.substr(0, at);
        const auto colon = userinfo.find(':');
        spelling.user = userinfo.substr(0, colon);
        if (colon != npos) spelling.password = userinfo.substr(colon + 1);
        rest.remove_prefix(at + 1);
    }
    const auto mark = rest.find('?');
    spelling.place = rest.substr(0, mark);
    if (mark != npos) spelling.query = rest.substr(mark + 1);
    return spelling;
}

// Nearly all real addresses have a database, or a port at least.
bool may_end_password(const UrlSpelling& spelling) {
    auto place = spelling.place;
    if (place.ends_with('/')) place.remove_suffix(1);
    const bool is_number_of_host =
        std::ranges::all_of(place, [](char c) { return c == '.' || is_ascii_digit(c); });
    return spelling.password && place.find_first_of("/:") == npos && !is_number_of_host &&
           place != "localhost";
}

std::string libpq_spelling(string_view url) {
    const auto spelling = split_spelling(url);
    check_scheme(spelling.scheme);
    std::string out = "postgresql://";
    if (spelling.user) out += percent_encoded(*spelling.user);
    if (spelling.password) out += ':' + percent_encoded(*spelling.password);
    if (spelling.user) out += '@';
    out += spelling.place;
    const bool is_driver = spelling.scheme.find('+') != npos;
    if (spelling.query)
        if (const auto query = libpq_query(*spelling.query, is_driver); !query.empty()) out += '?' + query;
    return out;
}

std::string masked_spelling(string_view url, const std::function<bool(string_view)>& is_secret) {
    const auto spelling = split_spelling(url);
    std::string out = fmt::format("{}://", spelling.scheme);
    if (spelling.user) out += *spelling.user;
    if (spelling.password) out += ":***";
    if (spelling.user) out += '@';
    out += may_end_password(spelling) ? string_view("***") : spelling.place;
    if (!spelling.query) return out;
    std::vector<std::string> parts;
    for (const auto part : split(*spelling.query, '&')) {
        const auto name = part.substr(0, part.find('='));
        const bool is_hidden = is_secret(name) || name.find('%') != npos; // libpq decodes names, too.
        parts.push_back(is_hidden ? fmt::format("{}=***", name) : std::string(part));
    }
    return out + '?' + join(parts, "&");
}
}
