#include "core/db/address.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/db/url_spelling.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <memory>
#include <vector>

namespace cti::db {
namespace {
using std::string_view;

struct OptionsFree {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, OptionsFree>;

// Every parameter that this libpq knows, and whether it calls it a secret.
const std::map<std::string, bool, std::less<>>& known_parameters() {
    static const auto known = [] {
        std::map<std::string, bool, std::less<>> names;
        const Options options(PQconndefaults());
        for (const auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option)
            names[option->keyword] = option->dispchar != nullptr && *option->dispchar == '*';
        return names;
    }();
    return known;
}

bool is_secret(string_view name) {
    const auto it = known_parameters().find(name);
    return it != known_parameters().end() && it->second;
}

// libpq's words without what it quotes: that may be a part of the password.
const char* reason_of(string_view said) {
    struct Row {
        string_view begin;
        const char* reason;
    };
    static constexpr std::array<Row, 9> rows{{
        {"missing \"=\"", "a word of it has no '='"},
        {"unterminated quoted string", "a quote is not closed"},
        {"invalid connection option", "libpq does not know one of its parameters"},
        {"invalid URI query parameter", "libpq does not know one of its parameters"},
        {"missing key/value separator", "a parameter of it has no '='"},
        {"extra key/value separator", "a parameter of it has two '='"},
        {"invalid percent-encoded token", "a '%' in it is not followed by two hexadecimal digits"},
        {"forbidden value %00", "it holds %00"},
        {"end of string reached", "a ']' is missing in it"},
    }};
    for (const auto& row : rows)
        if (said.starts_with(row.begin)) return row.reason;
    return "it is not written as libpq wants it";
}

[[noreturn]] void refuse(string_view reason) {
    throw Error(ExitCode::usage, fmt::format("the database address cannot be read: {}", reason),
                k_address_hint);
}

// libpq finds a wrong port only while it connects, and quotes it: of "u:secret", which lacks a host, it is
// the password.
void check_ports(const Address& address) {
    const auto ports = address.parameters.find("port");
    if (ports == address.parameters.end()) return;
    for (const auto port : split(ports->second, ','))
        if (port.size() > 5 || !std::ranges::all_of(trim(port), is_ascii_digit))
            refuse("its port is not a number");
}

std::string quote(string_view value) {
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string masked_parameters(const Address& address) {
    std::vector<std::string> words;
    for (const auto& [name, value] : address.parameters) {
        const bool is_word = !value.empty() && value.find_first_of(" \t\r\n'\\") == std::string::npos;
        words.push_back(fmt::format("{}={}", name, is_secret(name) ? "***" : is_word ? value : quote(value)));
    }
    return join(words, " ");
}
}

Address parse_address(string_view text) {
    text = trim(text);
    const bool url = is_url(text);
    if (!url && !text.empty() && text.find('=') == string_view::npos) // It may be a bare password.
        refuse("it is no URL and has no '='");
    const auto spelling = url ? libpq_spelling(text) : std::string(text);
    char* said = nullptr;
    const Options options(PQconninfoParse(spelling.c_str(), &said));
    const std::unique_ptr<char, decltype(&PQfreemem)> message(said, PQfreemem);
    if (!options) refuse(reason_of(message ? message.get() : ""));
    Address address;
    for (const auto* option = options.get(); option->keyword != nullptr; ++option)
        if (option->val != nullptr) address.parameters[option->keyword] = option->val;
    check_ports(address);
    address.is_host_doubtful = url && may_end_password(split_spelling(text));
    return address;
}

Address with_defaults(Address address, const std::string& application) {
    const std::array<std::pair<const char*, std::string>, 6> defaults{{
        {"connect_timeout", "10"},
        {"keepalives_idle", "30"},
        {"keepalives_interval", "10"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "60000"}, // what was sent and is not acknowledged
        {"fallback_application_name", application},
    }};
    for (const auto& [name, value] : defaults) {
        const bool is_in_environment =
            string_view(name) == "connect_timeout" && std::getenv("PGCONNECT_TIMEOUT") != nullptr;
        if (!is_in_environment) address.parameters.try_emplace(name, value);
    }
    address.parameters["client_encoding"] = "UTF8"; // Everything here is UTF-8.
    return address;
}

std::string connection_string(const Address& address) {
    std::vector<std::string> words;
    for (const auto& [name, value] : address.parameters)
        words.push_back(fmt::format("{}={}", name, quote(value)));
    return join(words, " ");
}

std::map<std::string, std::string> effective_parameters(const Address& address) {
    std::map<std::string, std::string> values;
    const Options defaults(PQconndefaults());
    for (const auto* option = defaults.get(); option != nullptr && option->keyword != nullptr; ++option)
        if (option->val != nullptr) values[option->keyword] = option->val;
    for (const auto& [name, value] : address.parameters) values[name] = value;
    return values;
}

std::string masked_url(string_view text) try {
    const auto address = parse_address(text);
    text = trim(text);
    return is_url(text) ? masked_spelling(text, is_secret) : masked_parameters(address);
} catch (const Error&) {
    return "***";
}

bool is_libpq_parameter(string_view name) { return known_parameters().contains(name); }
}
