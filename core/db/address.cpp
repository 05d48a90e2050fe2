#include "core/db/address.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/db/database.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

namespace cti::db {
namespace {

using std::string_view;
using Span = std::pair<std::size_t, std::size_t>; // begin and end

// Where "scheme://" ends, or npos: a key=value string may hold "://" in one of its values.
std::size_t scheme_end(string_view address) {
    const auto colon = address.find("://");
    if (colon == string_view::npos) return colon;
    for (const char c : address.substr(0, colon))
        if (!is_ascii_alpha(c) && !is_ascii_digit(c) && c != '+' && c != '-' && c != '.')
            return string_view::npos;
    return colon;
}

// user:PASSWORD@host. Up to the last @, as a password that was not percent-encoded may hold one.
std::optional<Span> userinfo_password(string_view url, std::size_t authority) {
    const auto at = url.rfind('@');
    if (at == string_view::npos || at < authority) return std::nullopt;
    const auto colon = url.find(':', authority);
    if (colon == string_view::npos || colon > at) return std::nullopt;
    return Span(colon + 1, at);
}

std::size_t value_end(string_view address, std::size_t begin, bool is_url) {
    if (is_url) return std::min(address.find('&', begin), address.size());
    const bool quoted = begin < address.size() && address[begin] == '\'';
    for (auto i = begin + (quoted ? 1 : 0); i < address.size(); ++i) {
        if (address[i] == '\\')
            ++i;
        else if (quoted ? address[i] == '\'' : is_ascii_space(address[i]))
            return i + (quoted ? 1 : 0);
    }
    return address.size();
}

// All values of "password=" and "sslpassword=".
void find_password_options(string_view address, bool is_url, std::vector<Span>& found) {
    const auto lower = ascii_lower(address);
    for (std::size_t at = 0; (at = lower.find("password", at)) != std::string::npos;) {
        at += 8;
        auto begin = at;
        while (begin < address.size() && !is_url && is_ascii_space(address[begin])) ++begin;
        if (begin >= address.size() || address[begin] != '=') continue;
        ++begin;
        while (begin < address.size() && !is_url && is_ascii_space(address[begin])) ++begin;
        at = value_end(address, begin, is_url);
        found.emplace_back(begin, at);
    }
}

std::vector<Span> find_passwords(string_view address) {
    std::vector<Span> found;
    const auto scheme = scheme_end(address);
    const bool is_url = scheme != string_view::npos;
    auto options = std::size_t{0};
    if (is_url) {
        if (auto password = userinfo_password(address, scheme + 3)) {
            found.push_back(*password);
            options = password->second;
        }
    }
    std::vector<Span> more;
    find_password_options(address.substr(options), is_url, more);
    for (const auto& [begin, end] : more) found.emplace_back(begin + options, end + options);
    return found;
}

int hex_value(char c) {
    if (is_ascii_digit(c)) return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string percent_decoded(string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                            hex_value(text[i + 2]) >= 0;
        out += escape ? static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])) : text[i];
        if (escape) i += 2;
    }
    return out;
}

void replace_all(std::string& text, const std::string& what, string_view with) {
    if (what.empty()) return;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
        text.replace(at, what.size(), with);
}
}

std::string masked_url(std::string_view url) {
    std::string out;
    std::size_t done = 0;
    for (const auto& [begin, end] : find_passwords(url)) {
        out += url.substr(done, begin - done);
        out += "***";
        done = end;
    }
    return out += url.substr(done);
}

std::string libpq_url(std::string_view url) {
    url = trim(url);
    const auto end = scheme_end(url);
    const char* hint = "It looks like postgresql://user:password@host:5432/database.";
    if (end == std::string_view::npos) {
        if (!url.empty() && url.find('=') == std::string_view::npos)
            throw Error(ExitCode::usage, "the database address cannot be read",
                        hint); // It may be a bare password.
        return std::string(url);
    }
    auto scheme = ascii_lower(url.substr(0, end));
    scheme.resize(std::min(scheme.find('+'), scheme.size()));
    if (scheme != "postgresql" && scheme != "postgres")
        throw Error(ExitCode::usage,
                    fmt::format("'{}' is not the address of a PostgreSQL database", masked_url(url)), hint);
    return "postgresql" + std::string(url.substr(end));
}

std::string with_defaults(const std::string& address) {
    struct Option {
        const char *name, *value;
    };
    static const Option options[] = {{"connect_timeout", "10"},           {"keepalives_idle", "30"},
                                     {"keepalives_interval", "10"},       {"keepalives_count", "3"},
                                     {"tcp_user_timeout", "60000"}, // what was sent and is not acknowledged
                                     {"fallback_application_name", "cti"}};
    const bool is_url = scheme_end(address) != std::string::npos;
    auto out = address;
    const auto append = [&](const char* name, const char* value) {
        if (is_url)
            out += out.find('?') == std::string::npos ? '?' : '&';
        else if (!out.empty())
            out += ' ';
        out += fmt::format("{}={}", name, value);
    };
    for (const auto& [name, value] : options) {
        const bool timeout_in_environment =
            string_view(name) == "connect_timeout" && std::getenv("PGCONNECT_TIMEOUT");
        if (address.find(name) == std::string::npos && !timeout_in_environment) append(name, value);
    }
    append("client_encoding", "UTF8"); // The last one counts: everything here is UTF-8.
    return out;
}

std::string without_password(std::string message, std::string_view address) {
    for (const auto& [begin, end] : find_passwords(address)) {
        auto password = std::string(address.substr(begin, end - begin));
        if (password.size() >= 2 && password.front() == '\'')
            password = password.substr(1, password.size() - 2);
        replace_all(message, std::string(address), masked_url(address));
        replace_all(message, password, "***");
        replace_all(message, percent_decoded(password), "***");
    }
    return message;
}
}
