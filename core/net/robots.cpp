#include "core/net/robots.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cti::net {
namespace {
constexpr std::size_t k_max_text_bytes = 500 * 1024; // RFC 9309 section 2.5 asks for at least this much.
constexpr std::size_t k_max_pattern_bytes = 2083;    // No address that is asked for is longer.
constexpr double k_max_delay_s = 60;

int hex_value(char c) {
    if (is_ascii_digit(c)) return c - '0';
    const char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_unreserved(unsigned char c) {
    const char as_char = static_cast<char>(c);
    return is_ascii_alpha(as_char) || is_ascii_digit(as_char) || c == '-' || c == '.' || c == '_' || c == '~';
}

void append_encoded(std::string& out, unsigned char c) {
    constexpr char digits[] = "0123456789ABCDEF";
    ((out += '%') += digits[c >> 4]) += digits[c & 15];
}

// Patterns and paths are compared in one spelling (RFC 9309 section 2.2.2): octets outside of US-ASCII are
// encoded, unreserved ones never are, hexadecimal digits are capitals. In a pattern a bare '*' or '$' is a
// wildcard and an encoded one itself, so in a path they are always encoded.
enum class Spelling { pattern, path };

std::string normalise(std::string_view text, Spelling spelling) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
            const auto octet =
                static_cast<unsigned char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            if (is_unreserved(octet)) {
                out += static_cast<char>(octet);
            } else {
                append_encoded(out, octet);
            }
            i += 2;
        } else if (c <= 0x20 || c >= 0x7F || (spelling == Spelling::path && (c == '*' || c == '$'))) {
            append_encoded(out, c);
        } else {
            out += static_cast<char>(c);
        }
    }
    return out;
}

// Does the pattern match from the beginning of the path on? Each part between two stars is looked for where
// the part before it ended: the leftmost place is always good enough, so nothing is tried twice.
bool matches(std::string_view pattern, std::string_view path) {
    const bool to_the_end = pattern.ends_with('$');
    if (to_the_end) pattern.remove_suffix(1);
    const auto parts = split(pattern, '*');
    if (!path.starts_with(parts.front())) return false;
    if (parts.size() == 1) return !to_the_end || path.size() == pattern.size();
    path.remove_prefix(parts.front().size());
    for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
        const auto at = path.find(parts[i]);
        if (at == std::string_view::npos) return false;
        path.remove_prefix(at + parts[i].size());
    }
    return to_the_end ? path.ends_with(parts.back()) : path.find(parts.back()) != std::string_view::npos;
}

// The name before the version, as groups are found by it: "Cti/2.0 (…)" is "cti".
std::string product_token(std::string_view value) {
    value = trim(value);
    if (value.starts_with('*')) return "*";
    std::size_t length = 0;
    while (length < value.size() &&
           (is_ascii_alpha(value[length]) || value[length] == '-' || value[length] == '_'))
        ++length;
    return ascii_lower(value.substr(0, length));
}

// "2", "0.5"; what is no number is nothing.
std::optional<std::chrono::milliseconds> parse_delay(std::string_view value) {
    if (value.empty() || value.size() > 16) return std::nullopt;
    double delay_s = 0, place = 1;
    bool point = false, digit = false;
    for (const char c : value) {
        if (c == '.' && !point) {
            point = true;
        } else if (!is_ascii_digit(c)) {
            return std::nullopt;
        } else {
            digit = true;
            delay_s = point ? delay_s + (c - '0') * (place /= 10) : delay_s * 10 + (c - '0');
        }
    }
    if (!digit) return std::nullopt;
    return std::chrono::milliseconds{std::lround(std::min(delay_s, k_max_delay_s) * 1000)};
}

// Lines end with LF, CR or CRLF.
std::string_view next_line(std::string_view& text) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    const auto line = text.substr(0, end);
    const bool pair = end + 1 < text.size() && text[end] == '\r' && text[end + 1] == '\n';
    text.remove_prefix(std::min(text.size(), end + (pair ? 2 : 1)));
    return line;
}
}

class RobotsParser {
public:
    explicit RobotsParser(Robots& robots) : m_groups(robots.m_groups) {}

    void parse_line(std::string_view line) {
        line = line.substr(0, line.find('#'));
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return;
        const auto key = trim(line.substr(0, colon)), value = trim(line.substr(colon + 1));
        // "useragent" and the like are written often enough that the large search engines read them.
        if (iequals(key, "user-agent") || iequals(key, "useragent") || iequals(key, "user agent")) {
            add_product(value);
        } else if (iequals(key, "allow") || iequals(key, "disallow")) {
            add_rule(iequals(key, "allow"), value);
        } else if (iequals(key, "crawl-delay")) {
            add_delay(value);
        } // Sitemap and unknown lines end no group (RFC 9309 section 2.2.4).
    }

private:
    void add_product(std::string_view value) {
        if (!m_in_products) m_groups.emplace_back();
        m_in_products = true;
        m_groups.back().products.push_back(product_token(value));
    }
    void add_rule(bool allow, std::string_view value) {
        m_in_products = false;
        if (m_groups.empty() || value.empty()) return; // An empty rule matches nothing.
        auto pattern = normalise(value.substr(0, k_max_pattern_bytes), Spelling::pattern);
        if (pattern.front() != '/' && pattern.front() != '*') pattern.insert(0, 1, '/');
        m_groups.back().rules.push_back({std::move(pattern), allow});
    }
    void add_delay(std::string_view value) {
        m_in_products = false;
        if (m_groups.empty()) return;
        if (const auto delay = parse_delay(value)) m_groups.back().crawl_delay = delay;
    }

    std::vector<Robots::Group>& m_groups;
    bool m_in_products = false;
};

Robots Robots::parse(std::string_view text) {
    Robots robots;
    text = text.substr(0, k_max_text_bytes);
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    RobotsParser parser(robots);
    while (!text.empty()) parser.parse_line(next_line(text));
    return robots;
}

Robots Robots::allow_all() { return {}; }
Robots Robots::disallow_all() { return parse("User-agent: *\nDisallow: /"); }

std::vector<const Robots::Group*> Robots::groups_of(std::string_view product) const {
    const auto find_all = [this](const std::string& token) {
        std::vector<const Group*> found;
        for (const auto& group : m_groups) {
            if (std::ranges::find(group.products, token) != group.products.end()) found.push_back(&group);
        }
        return found;
    };
    auto found = find_all(product_token(product));
    return found.empty() ? find_all("*") : found;
}

bool Robots::allows(std::string_view product, std::string_view path_and_query) const {
    const auto path = normalise(path_and_query.empty() ? "/" : path_and_query, Spelling::path);
    if (path == "/robots.txt") return true;
    std::size_t longest = 0;
    bool allowed = true;
    for (const auto* group : groups_of(product)) {
        for (const auto& rule : group->rules) {
            const auto length = rule.pattern.size();
            if (length < longest || (length == longest && !rule.allow)) continue;
            if (matches(rule.pattern, path)) longest = length, allowed = rule.allow;
        }
    }
    return allowed;
}

std::optional<std::chrono::milliseconds> Robots::crawl_delay(std::string_view product) const {
    std::optional<std::chrono::milliseconds> longest;
    for (const auto* group : groups_of(product)) {
        if (group->crawl_delay && (!longest || *group->crawl_delay > *longest)) longest = group->crawl_delay;
    }
    return longest;
}
}
