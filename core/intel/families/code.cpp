#include "core/intel/families/code.hpp"

#include "core/intel/families/code_lists.hpp"
#include "core/intel/families/code_statements.hpp"
#include "core/intel/suffixes.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
constexpr std::size_t k_far = 120;         // bytes that count as company, on either side
constexpr std::size_t k_max_siblings = 12; // dotted words that are looked at

// Suffixes by which names are registered everywhere: words that end in one are hosts unless code is all
// around.
bool is_plain_suffix(std::string_view suffix) {
    return is_any_of(suffix, "com net org ru cn biz de uk eu io co xyz jp br fr it nl onion ");
}

// Objects of events: Elastic's common schema, the sensors that fill it, rules and mail.
bool is_field_root(std::string_view label) {
    return is_any_of(
        label,
        "agent aws azure client cloud container destination device dll dns ecs elf email endpoint event eventdata faas file gcp geo hash host http interface "
        "kubernetes macho network o365 observer okta orchestrator organization package parent pe powershell process registry related rule server service "
        "source sysmon target threat tls trace url user user_agent volume vulnerability winlog x509 ");
}

// The leaves of such objects that are top-level domains too.
bool is_leaf(std::string_view label) {
    return is_any_of(label, "name id email host pe as group network date ");
}

bool is_identifier(std::string_view name) {
    return !name.empty() && !is(name.front(), k_digit) && name.find('-') == name.npos &&
           name.find("..") == name.npos && all_of(name, k_alnum | k_underscore | k_dot);
}

std::string_view first_label(std::string_view name) { return name.substr(0, name.find('.')); }
std::string_view last_label(std::string_view name) { return name.substr(name.rfind('.') + 1); }

// "com.android.chrome", "java.util.zip", "window.location.host": nobody has such hosts.
bool is_package_or_dom(std::string_view lower) {
    const auto root = first_label(lower);
    const auto rest = lower.substr(std::min(root.size() + 1, lower.size()));
    const bool is_long = rest.find('.') != rest.npos;
    if (is_any_of(root, "window document navigator globalthis "))
        return is_long || is_leaf(rest) || rest == "location";
    if (!is_long) return false;
    if (is_any_of(root, "java javax kotlin kotlinx android androidx dalvik os sys ")) return true;
    const auto second = first_label(rest);
    return (root == "com" &&
            is_any_of(
                second,
                "android google samsung sec huawei miui facebook whatsapp instagram microsoft apple sun adobe example ")) ||
           (root == "org" &&
            is_any_of(second,
                      "apache eclipse springframework telegram w3c xml json junit mozilla bouncycastle ")) ||
           (root == "io" && is_any_of(second, "netty reactivex flutter ktor github "));
}

// "com.evil.bank": a package is named by a host from its end on.
bool is_reversed_host(std::string_view lower) {
    return is_any_of(first_label(lower), "com org net io de ru cn me ") &&
           std::ranges::count(lower, '.') >= 2;
}

char next_mark(std::string_view text, std::size_t& pos) {
    pos = skip(text, pos, k_space, 2);
    return at(text, pos);
}

// "= 'x'", ":= ", "!~", "== 3", "in ("; a colon counts before a value in quotes, brackets or with a wildcard.
bool is_compared(std::string_view text, std::size_t end) {
    auto pos = end;
    const bool is_apart = is(at(text, end), k_space);
    const char c = next_mark(text, pos), behind = at(text, pos + 1);
    if (c == '=' && behind != '"' && !is_apart) return behind == '=' || behind == '~';
    if (c == '=') return behind == '=' || behind == '~' || behind == ' ' || behind == '"' || behind == '\'';
    if (c == '!' || c == '+' || c == '~' || c == '|' || c == '&' || c == '?')
        return behind == c || behind == '=' || behind == '~';
    if ((c == '<' || c == '>') && is_apart) return behind == ' ' || behind == '=' || is(behind, k_digit);
    if (c == ':') {
        ++pos;
        const char value = next_mark(text, pos);
        return value == '"' || value == '\'' || value == '*' || value == '(' || value == '{' || value == '=';
    }
    if (!is_apart || !is(c, k_letter)) return false;
    const auto word_end = skip(text, pos, k_letter | k_underscore, 16);
    const auto word = ascii_lower(text.substr(pos, word_end - pos));
    pos = word_end;
    if (at(text, pos) == '~' || at(text, pos) == ':') return is_any_of(word, "in like regex ");
    const char value = next_mark(text, pos);
    const bool is_value = value == '(' || value == '"' || value == '\'' || value == '*' || value == '/';
    return (is_value &&
            is_any_of(
                word,
                "in like not is has contains matches startswith endswith match regex rlike ilike eq ne has_any wildcard cidr ")) ||
           (word == "is" &&
            (istarts_with(text.substr(pos), "null") || istarts_with(text.substr(pos), "not null"))) ||
           word == "exists";
}

// "{{user.name}}", "${event.id}", "%{host.name}", "len(process.name)"
bool is_embraced(std::string_view text, const Host& host) {
    const char left = before(text, host.start), right = at(text, host.end);
    if (left == '{' || left == '$' || left == '%' || left == '!') return true;
    if (right == '(' || (right == '[' && is(at(text, host.end + 1), k_digit))) return true;
    return left == '(' && right == ')' && host.start >= 2 && is(text[host.start - 2], k_alnum | k_underscore);
}

// The words before it, on its line, in small letters.
std::string words_before(std::string_view text, std::size_t start, std::size_t most) {
    auto from = start;
    while (from > 0 && start - from < most && text[from - 1] != '\n') --from;
    return ascii_lower(text.substr(from, start - from));
}

// The last word of those that is letters, unless it is a part of a dotted one.
std::string_view last_word(std::string_view words) {
    auto end = words.size();
    while (end > 0 && !is(words[end - 1], k_letter)) --end;
    auto start = end;
    while (start > 0 && is(words[start - 1], k_letter)) --start;
    if (start > 0 && words[start - 1] == '.') return {};
    return words.substr(start, end - start);
}

bool names_code(std::string_view word) {
    return is_any_of(
        word,
        "field fields property properties attribute attributes variable variables method methods function functions class classes package packages namespace "
        "namespaces module modules member members parameter parameters column columns where select return let var const import typeof ");
}
bool names_host(std::string_view word) {
    return is_any_of(
        word,
        "domain domains host hosts hostname hostnames site sites website websites server servers panel url urls c ioc iocs fqdn fqdns resolved registered "
        "visited contacted ");
}

// Queries and source code on the same line.
bool is_query(std::string_view line) {
    for (const std::string_view mark :
         {" where ", "| where",  "| stats",   "| eval", "| project",   "| extend",  "| search",  "| filter",
          "==",      "!=",       ":=",        " => ",   "&&",          "||",        "${",        "{{",
          "=~",      "();",      "SELECT ",   " FROM ", "sequence by", "function ", "function(", "const ",
          "return ", " not in ", " and not ", " AND ",  " OR "})
        if (line.find(mark) != line.npos) return true;
    return false;
}

// "C2 domains: …"
constexpr std::string_view k_announcements[] = {"domains", "hostnames", "iocs", "indicators", "c2 ", "fqdns"};

struct Company {
    int code = 0, hosts = 0; // dotted words beside it that are one or the other
    bool is_query = false;
};

// A dotted word is code where it has no top level, and where its root is an object; a host by a plain suffix.
void count_sibling(std::string_view word, Company& company) {
    const auto lower = ascii_lower(word);
    const auto suffix = last_label(lower);
    const auto root = first_label(lower);
    if (is_plain_suffix(suffix))
        ++company.hosts;
    else if (!is_identifier(word))
        company.hosts += is_top_level(suffix) ? 1 : 0;
    else if (is_package_or_dom(lower) || (is_leaf(suffix) && (is_field_root(root) || is_object_name(root))))
        ++company.code;
    else if (is_field_root(root) && is_top_level(suffix))
        return; // It may be either.
    else if (!is_file_extension(suffix) && suffix.size() > 1)
        ++(is_top_level(suffix) ? company.hosts : company.code);
}

// Counts the dotted words of [from, to), but the one at `self`.
void count_siblings(std::string_view text, std::size_t from, std::size_t to, std::size_t self,
                    Company& company) {
    std::size_t seen = 0;
    for (auto pos = from; pos < to && seen < k_max_siblings;) {
        if (!is(text[pos], k_alnum | k_underscore)) {
            ++pos;
            continue;
        }
        const auto start = pos;
        pos = skip(text, pos, k_alnum | k_underscore | k_dot | k_dash, to - pos);
        auto end = pos;
        while (end > start && is(text[end - 1], k_dot | k_dash)) --end;
        const auto word = text.substr(start, end - start);
        const bool is_cut = (start == from && from > 0) || (pos == to && to < text.size());
        if (start == self || is_cut || word.find('.') == word.npos || !is(word.back(), k_letter)) continue;
        count_sibling(word, company), ++seen;
    }
}

Company company_of(std::string_view text, const Host& host) {
    Company company;
    const auto from = host.start - std::min(host.start, k_far), to = std::min(text.size(), host.end + k_far);
    count_siblings(text, from, to, host.start, company);
    const auto ahead = text.substr(from, host.start - from), behind = text.substr(host.end, to - host.end);
    const auto line_ahead = ahead.substr(ahead.rfind('\n') + 1);
    company.is_query = is_query(line_ahead) || is_query(behind.substr(0, behind.find('\n')));
    const auto announced = ascii_lower(line_ahead);
    if (std::ranges::any_of(k_announcements,
                            [&](std::string_view word) { return announced.find(word) != announced.npos; }))
        company.hosts += 2;
    return company;
}

CodeLikeness weigh(std::string_view text, const Host& host, std::string_view lower) {
    const auto root = first_label(lower), suffix = last_label(lower);
    const bool is_field = is_field_root(root), is_object = is_object_name(root);
    const auto words = words_before(text, host.start, 24);
    const bool is_used = is_compared(text, host.end) || is_embraced(text, host);
    bool is_direct = is_used || names_code(last_word(words));
    const bool is_known_root = is_field || is_object, is_reversed = is_reversed_host(lower);
    if (!is_direct && !is_known_root && !is_reversed) return CodeLikeness::none;
    if (!is_used) {
        const auto meaning = find_meaning(text, host);
        if (meaning == Meaning::host) return CodeLikeness::none;
        is_direct |= meaning == Meaning::code;
    }
    const auto company = company_of(text, host);
    if (is_direct) {
        const bool is_code = is_known_root || company.is_query || company.code > company.hosts || is_reversed;
        return is_code ? CodeLikeness::likely : CodeLikeness::none;
    }
    if (company.hosts > company.code || names_host(last_word(words))) return CodeLikeness::none;
    if (company.code > 0 || (company.is_query && is_known_root)) return CodeLikeness::likely;
    const bool is_own = root == "self" || root == "this";
    return (is_field || is_own) && is_leaf(suffix) ? CodeLikeness::likely : CodeLikeness::none;
}

// "sys.io", but not "app.evil.io" and "data.com".
bool may_be_member(std::string_view lower) {
    const auto suffix = last_label(lower);
    return !is_plain_suffix(suffix) ||
           (is_any_of(suffix, "io co it ") && std::ranges::count(lower, '.') == 1);
}

// Words that end as most hosts do are code only where a statement says so.
bool is_plain_member(std::string_view text, const Host& host, std::string_view lower) {
    const bool is_member = may_be_member(lower) || at(text, host.end) == '(';
    return is_member && is_object_name(first_label(lower)) &&
           (is_compared(text, host.end) || is_embraced(text, host));
}
}

CodeLikeness assess_code(std::string_view text, const Host& host) {
    const std::string_view lower = host.value;
    if (host.kind != Host::Kind::name || !is_identifier(lower)) return CodeLikeness::none;
    const bool is_plain = is_plain_suffix(last_label(lower));
    if (!is_plain && is_package_or_dom(lower)) return CodeLikeness::certain;
    if (is_imported(text, host) || (may_be_member(lower) && is_in_statement(text, host)))
        return CodeLikeness::likely;
    if (is_package(text, host))
        return find_meaning(text, host) == Meaning::host ? CodeLikeness::none : CodeLikeness::likely;
    if (is_plain) return is_plain_member(text, host, lower) ? CodeLikeness::likely : CodeLikeness::none;
    return weigh(text, host, lower);
}
}
