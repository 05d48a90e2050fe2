#include "core/intel/families/rules.hpp"

#include "core/intel/chars.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
constexpr std::size_t k_max_rule_bytes = 256UL * 1024, k_max_rule_name_bytes = 128;

void add_rule(Findings& out, Type type, std::size_t start, std::size_t end, std::string_view name) {
    Indicator found;
    found.type = type;
    found.start = start, found.end = end;
    found.value = name;
    out.add(std::move(found));
}

// "rule name : tags {", with `pos` at "rule".
struct YaraHead {
    std::size_t name = 0, name_end = 0, body = 0; // body: after the brace; 0: none
};
YaraHead read_yara_head(std::string_view text, std::size_t pos) {
    YaraHead head;
    if (is(before(text, pos), k_word) || !is(at(text, pos + 4), k_space)) return head;
    head.name = skip(text, pos + 4, k_space, 16);
    head.name_end = skip(text, head.name, k_alnum | k_underscore, k_max_rule_name_bytes);
    if (head.name == head.name_end || is(text[head.name], k_digit)) return head;
    auto brace = skip(text, head.name_end, k_space, 64);
    if (at(text, brace) == ':') brace = skip(text, brace + 1, k_alnum | k_underscore | k_space, 256);
    if (at(text, brace) == '{') head.body = brace + 1;
    return head;
}

// Behind a string, a comment or a single character.
std::size_t skip_token(std::string_view text, std::size_t pos, std::size_t limit) {
    const char c = text[pos], next = at(text, pos + 1);
    if (c == '"') {
        for (++pos; pos < limit && text[pos] != '"' && text[pos] != '\n'; ++pos)
            pos += text[pos] == '\\' ? 1 : 0;
        return pos + 1;
    }
    if (c == '/' && next == '/') return std::min(text.find('\n', pos), limit);
    if (c == '/' && next == '*') return std::min(text.substr(0, limit).find("*/", pos), limit - 2) + 2;
    return pos + 1;
}

bool is_condition(std::string_view text, std::size_t pos) {
    if (!text.substr(pos).starts_with("condition") || is(before(text, pos), k_word)) return false;
    return at(text, skip(text, pos + 9, k_space, 16)) == ':';
}

// The end of the body, or 0; `next` is how far it was looked: at the next rule's head at the latest.
std::size_t find_yara_end(std::string_view text, std::size_t body, std::size_t& next) {
    const auto limit = std::min(text.size(), body + k_max_rule_bytes);
    bool has_condition = false;
    int depth = 1;
    auto pos = body;
    while (pos < limit) {
        const char c = text[pos];
        if (c == 'c' && !has_condition) has_condition = is_condition(text, pos);
        if (c == 'r' && text.substr(pos, 5) == "rule " && read_yara_head(text, pos).body > 0) break;
        if (c == '{') ++depth;
        if (c == '}' && --depth == 0) {
            next = pos + 1;
            return has_condition ? pos + 1 : 0;
        }
        pos = skip_token(text, pos, limit);
    }
    next = std::min(pos, limit);
    return 0;
}

std::string_view line_at(std::string_view text, std::size_t pos) {
    return text.substr(pos, std::min(text.find('\n', pos), text.size()) - pos);
}

std::string_view unquoted(std::string_view value) {
    value = trim(value);
    if (value.size() >= 2 && (value[0] == '\'' || value[0] == '"') && value.back() == value[0])
        value = value.substr(1, value.size() - 2);
    return value;
}

// Indented, empty, a list, a comment or "key:".
bool is_yaml_line(std::string_view line) {
    if (trim(line).empty() || line[0] == ' ' || line[0] == '\t' || line[0] == '-' || line[0] == '#')
        return !line.starts_with("---");
    const auto key = skip(line, 0, k_alnum | k_underscore | k_dash);
    return key > 0 && at(line, key) == ':';
}

struct Sigma {
    bool has_source = false, has_detection = false;
    std::size_t end = 0, next = 0; // of its last line that is not empty; where to go on
};
Sigma read_sigma(std::string_view text, std::size_t pos) {
    Sigma sigma;
    auto line = pos + line_at(text, pos).size() + 1;
    sigma.end = line - 1;
    for (; line < text.size() && line - pos < k_max_rule_bytes; line += line_at(text, line).size() + 1) {
        const auto content = line_at(text, line);
        if (!is_yaml_line(content) || content.starts_with("title:")) break;
        sigma.has_source |= content.starts_with("logsource:");
        sigma.has_detection |= content.starts_with("detection:");
        if (!trim(content).empty()) sigma.end = line + content.size();
    }
    sigma.end = std::min(sigma.end, text.size());
    sigma.next = line;
    return sigma;
}
}

void add_yara_rules(std::string_view text, const std::vector<std::size_t>& heads, Findings& out) {
    std::size_t next = 0;
    for (const auto pos : heads) {
        const auto head = pos < next ? YaraHead{} : read_yara_head(text, pos);
        if (head.body == 0) continue;
        if (const auto end = find_yara_end(text, head.body, next); end > 0)
            add_rule(out, Type::yara_rule, pos, end, text.substr(head.name, head.name_end - head.name));
    }
}

void add_sigma_rules(std::string_view text, const std::vector<std::size_t>& heads, Findings& out) {
    std::size_t next = 0;
    for (const auto pos : heads) {
        if (pos < next) continue;
        const auto line = line_at(text, pos);
        const auto title = unquoted(line.substr(std::min<std::size_t>(line.size(), 6)));
        const auto sigma = read_sigma(text, pos);
        next = sigma.next;
        if (sigma.has_source && sigma.has_detection && !title.empty())
            add_rule(out, Type::sigma_rule, pos, sigma.end, title);
    }
}
}
