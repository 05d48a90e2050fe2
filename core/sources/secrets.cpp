#include "core/sources/secrets.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/sources/yaml_tree.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cti::sources {
namespace {

// Those that say how long a request is and where it goes.
constexpr std::array<std::string_view, 6> k_refused_headers{
    "host", "content-length", "transfer-encoding", "connection", "proxy-authorization", "accept-encoding"};

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool is_header_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) || c == '-' || c == '_';
    });
}

class Reader {
public:
    explicit Reader(const std::string& file) { m_secrets.file = file; }

    Secrets read(std::string_view text) {
        const auto document = parse_yaml(text);
        // The parser's own words may quote a character of a password.
        if (!document.error.empty())
            refuse(document.error_line, "this is no YAML (single quotes around a value keep it as it is)");
        if (!document.root.is_mapping()) refuse(document.root.line, "must be a mapping of names to secrets");
        for (const auto& [name, value] : document.root.members) add(name, value);
        return std::move(m_secrets);
    }

private:
    [[noreturn]] void refuse(int line, const std::string& why) const {
        throw Error{ExitCode::usage, fmt::format("cannot use '{}': line {}: {}", m_secrets.file, line, why),
                    "A file of secrets names for each entry 'url', and 'user' and 'password', 'token' or "
                    "'headers'."};
    }

    void add(const YamlNode& name, const YamlNode& node) {
        m_where = fmt::format("'{}': ", printable(name.text));
        if (!node.is_mapping()) refuse(node.line, m_where + "must be a mapping");
        Secret secret;
        for (const auto& [key, value] : node.members) read_member(key, value, secret);
        if (secret.urls.empty()) refuse(name.line, m_where + "'url' is missing: whom it is for");
        const bool has_login = !secret.user.empty() || !secret.password.empty();
        if (has_login && !secret.token.empty())
            refuse(name.line, m_where + "either 'user' and 'password' or 'token'");
        if (!has_login && secret.token.empty() && secret.headers.empty())
            refuse(name.line, m_where + "holds neither 'user', 'token' nor 'headers'");
        if (!m_secrets.entries.emplace(name.text, std::move(secret)).second)
            refuse(name.line, m_where + "stands twice");
    }

    void read_member(const YamlNode& key, const YamlNode& value, Secret& secret) const {
        if (key.text == "url") return read_urls(value, secret);
        if (key.text == "headers") return read_headers(value, secret);
        auto* const field = key.text == "user"       ? &secret.user
                            : key.text == "password" ? &secret.password
                            : key.text == "token"    ? &secret.token
                                                     : nullptr;
        // A key may be a password that lost its own.
        if (field == nullptr)
            refuse(key.line, m_where + "knows 'url', 'user', 'password', 'token' and 'headers'");
        *field = text_of(value, key.text);
        if (key.text == "user" && field->find(':') != std::string::npos)
            refuse(value.line, m_where + "'user' must not hold a ':'");
    }

    // Numbers and the like too, as they are written: 0123 is a password.
    const std::string& text_of(const YamlNode& node, const std::string& key) const {
        if (node.kind != YamlNode::Kind::scalar || node.text.empty())
            refuse(node.line, fmt::format("{}'{}' must be a text", m_where, key));
        if (has_control(node.text))
            refuse(node.line, fmt::format("{}'{}' must not hold control characters", m_where, key));
        return node.text;
    }

    void read_urls(const YamlNode& node, Secret& secret) const {
        const auto add = [&](const YamlNode& one) {
            const auto& url = text_of(one, "url");
            if (!url_refusal(url).empty())
                refuse(one.line, m_where + "'url' must be an http or https address, without a user");
            secret.urls.push_back(url);
        };
        if (!node.is_sequence()) return add(node);
        std::ranges::for_each(node.items, add);
    }

    void read_headers(const YamlNode& node, Secret& secret) const {
        if (!node.is_mapping()) refuse(node.line, m_where + "'headers' must be a mapping");
        for (const auto& [name, value] : node.members) {
            const auto lower = ascii_lower(name.text);
            if (!is_header_name(lower)) refuse(name.line, m_where + "this is no name of a header");
            if (std::ranges::find(k_refused_headers, lower) != k_refused_headers.end())
                refuse(name.line, fmt::format("{}the header '{}' is not to be set", m_where, lower));
            secret.headers.push_back(fmt::format("{}: {}", name.text, text_of(value, "headers")));
        }
    }

    Secrets m_secrets;
    std::string m_where; // "'portal': "
};
}

Secrets parse_secrets(std::string_view text, const std::string& file) { return Reader(file).read(text); }
}
