#include "core/intel/families/code_statements.hpp"

#include "core/intel/neighbours.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
constexpr std::size_t k_max_statement_bytes = 120;

std::string_view line_before(std::string_view text, std::size_t start) {
    const auto from = start - std::min(start, k_max_statement_bytes);
    const auto ahead = text.substr(from, start - from);
    return ahead.substr(ahead.rfind('\n') + 1); // npos + 1 is 0
}
std::string_view line_behind(std::string_view text, std::size_t end) {
    const auto behind = text.substr(end, k_max_statement_bytes);
    return behind.substr(0, behind.find('\n'));
}

// What stands before it in its statement.
std::string_view statement_before(std::string_view text, std::size_t start) {
    auto ahead = line_before(text, start);
    ahead = ahead.substr(ahead.find_last_of(";{}`") + 1);
    while (!ahead.empty() && !is(ahead.front(), k_alnum | k_underscore)) ahead.remove_prefix(1);
    return ahead;
}

std::string_view take_word(std::string_view& text) {
    const auto end = skip(text, 0, k_alnum | k_underscore);
    const auto word = text.substr(0, end);
    text = text.substr(end);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    return word;
}

// The operand of an operator, or what stands before it: "x", "obj.name", "list[0]".
std::string_view operand_before(std::string_view ahead) {
    auto start = ahead.size();
    while (start > 0 && (is(ahead[start - 1], k_alnum | k_underscore | k_dot) || ahead[start - 1] == ']' ||
                         ahead[start - 1] == '['))
        --start;
    return ahead.substr(start);
}

std::string_view first_part(std::string_view name) { return name.substr(0, name.find_first_of(".[")); }

bool is_variable(std::string_view label) {
    return label.size() == 1 || is_object_name(label) ||
           is_any_of(label,
                     "foo bar baz qux tmp ret msg message cmd pkt packet ptr info err error input output "
                     "buffer stream file user host event agent device account member group ");
}

// "c2 = data.info" sets the name of a host, as configurations do.
bool is_set_to_host(std::string_view operand) {
    const auto lower = ascii_lower(operand);
    for (const std::string_view part :
         {"host",   "domain",   "server", "url",    "c2",   "cnc",  "site",  "addr",
          "fqdn",   "panel",    "gate",   "dns",    "link", "web",  "proxy", "relay",
          "remote", "endpoint", "pool",   "target", "bot",  "query"})
        if (lower.find(part) != lower.npos) return true;
    return is_any_of(lower, "ip ns ns1 ns2 mx cdn ");
}

// The statement, or a part of it, ends behind the value.
bool ends_value(std::string_view behind) {
    const auto rest = trim(behind);
    if (rest.empty() || rest == ":") return true;
    if (std::string_view(";)}],+*?&|=<>!#").find(rest[0]) != std::string_view::npos) return true;
    return rest.starts_with("//") || rest.starts_with("if ") || rest.starts_with("or ") ||
           rest.starts_with("and ") || rest.starts_with("else ");
}

std::size_t size_of_operator(std::string_view left) {
    for (const std::string_view mark :
         {"===", "!==", "==", "!=", "<=", ">=", "+=", "-=", "||", "&&", "??", ":=", "=", "+"})
        if (left.ends_with(mark)) return mark.size();
    return 0;
}

// "x = obj.name", "list.id += obj.id", "a == b.name". Settings look alike: what is set to a name of two
// labels, or as a statement would be, is taken for code.
bool is_right_side(std::string_view name, std::string_view ahead, std::string_view behind) {
    auto left = trim(ahead);
    const auto size = size_of_operator(left);
    if (size == 0 || !ends_value(behind)) return false;
    const bool is_spaced = left.size() < ahead.size();
    left = trim(left.substr(0, left.size() - size));
    const auto operand = operand_before(left);
    if (operand.empty()) return false;
    if (operand.find_first_of(".[") != operand.npos) return is_variable(first_part(operand));
    if (is_set_to_host(operand) || ahead.find('+') != ahead.npos) return false;
    const auto rest = trim(left.substr(0, left.size() - operand.size()));
    const auto word = rest.substr(rest.find_last_of(" (") + 1);
    const bool is_declared =
        is_any_of(word, "let const var auto final static def my local int string String val ");
    if (size > 1 || is_declared || behind.starts_with(';')) return true;
    const bool is_short = std::ranges::count(name, '.') == 1 && (is_spaced || operand.size() == 1);
    return is_short && (rest.empty() || rest.ends_with('(') || rest.ends_with(','));
}

// Behind a condition: its end, or how it goes on.
bool ends_condition(std::string_view behind, bool is_bracketed) {
    const auto next = trim(behind);
    for (const std::string_view mark : {"&&", "||", "==", "!=", "<", ">"})
        if (next.starts_with(mark)) return true;
    if (is_bracketed) return next.starts_with(')');
    for (const std::string_view words : {"{", "then", "is not None", "is None"})
        if (next.starts_with(words)) return true;
    const bool goes_on = next.starts_with("and ") || next.starts_with("or ") || next.starts_with("in ");
    return behind == ":" || behind.starts_with(": ") || (goes_on && next.ends_with(':'));
}

// "for (i in obj.name) {", "if not obj.name:", "while (!obj.id)", "} elif obj.name and x:"
bool is_condition(std::string_view ahead, std::string_view behind) {
    auto rest = ahead;
    auto keyword = take_word(rest);
    if (keyword == "else") keyword = take_word(rest);
    if (!is_any_of(keyword, "for foreach if elif elsif while switch unless until assert ")) return false;
    const bool is_loop = keyword.starts_with("for"), is_bracketed = rest.find('(') != rest.npos;
    bool has_in = false;
    for (int words = 0; !rest.empty() && words < 6;) {
        const auto word = take_word(rest);
        has_in |= is_any_of(word, "in of as ");
        if (!word.empty() && !(is_loop && words < 3) &&
            !is_any_of(word, "not in of is and or const let var "))
            return false;
        if (word.empty() && !rest.empty()) {
            if (std::string_view("(!,$&|*").find(rest.front()) == std::string_view::npos) return false;
            rest.remove_prefix(1);
            while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
        }
        words += word.empty() ? 0 : 1;
    }
    return (has_in || !is_loop) && ends_condition(behind, is_bracketed);
}

// "print(a.id, b.name)". Of more labels it may be a host that is looked up: "resolve(app.evil.name)".
bool is_argument(std::string_view ahead, std::string_view behind) {
    const auto open = ahead.rfind('(');
    if (open == ahead.npos || open == 0 || !is(ahead[open - 1], k_alnum | k_underscore)) return false;
    const bool is_list = std::ranges::all_of(ahead.substr(open + 1), [](char c) {
        return is(c, k_alnum | k_underscore | k_dot) || c == ',' || c == ' ';
    });
    return is_list && (behind.starts_with(',') || behind.starts_with(')'));
}
}

namespace {
// "obj.info["x"]", "obj.info[i]"
bool is_indexed(std::string_view text, std::size_t end) {
    if (at(text, end) != '[') return false;
    const auto close = skip(text, end + 1, k_alnum | k_underscore, 32);
    return std::string_view("\"'").find(at(text, end + 1)) != std::string_view::npos ||
           (close > end + 1 && at(text, close) == ']');
}

// "const {a, b} = obj.info"
bool is_unpacked(std::string_view ahead) {
    return ahead.ends_with("} =") || ahead.ends_with("}=") || ahead.ends_with("] =");
}
}

bool is_object_name(std::string_view label) {
    return is_any_of(
        label,
        "app args array artifacts arr base64 buf cfg client cls config conn console context ctx cursor data db doc document e el elem element entry evt ev "
        "exports fs func globalthis item items json list location log logger math model module navigator node np obj object opts options os params path pd "
        "process props re regex req request requests res resp response result row self session settings socket state store str string struct subprocess sys "
        "system this threading time torch util utils val value vm win window ws xhr ");
}

namespace {
// "a.io, b.id, "
bool is_list_of_names(std::string_view text) {
    for (std::size_t pos = 0; pos < text.size(); ++pos) {
        const bool is_name = is(text[pos], k_alnum | k_underscore | k_dot);
        if (!is_name && text[pos] != ',' && (text[pos] != ' ' || before(text, pos) != ',')) return false;
    }
    return trim(text).ends_with(',');
}
}

bool is_imported(std::string_view text, const Host& host) {
    const char last = host.start > 1 ? text[host.start - 2] : '\0';
    if (before(text, host.start) != ' ' || (!is(last, k_letter) && last != ',')) return false;
    auto ahead = statement_before(text, host.start);
    auto behind = line_behind(text, host.end);
    const auto keyword = take_word(ahead);
    if (is_any_of(trim(ahead), "static global type ") || is_list_of_names(ahead)) ahead = {};
    if (!ahead.empty()) return false;
    const bool is_closed = behind.starts_with(';') || behind.starts_with(".*") || behind.starts_with(".{");
    const bool is_last = trim(behind).empty();
    if (keyword == "import")
        return is_closed || is_last || behind.starts_with(" as ") || behind.starts_with(',');
    if (keyword == "from") return behind.starts_with(" import ");
    if (keyword == "using") return is_closed && trim(behind.substr(1)).empty();
    return (keyword == "package" || keyword == "namespace") &&
           (is_closed || is_last || behind.starts_with(" {"));
}

bool is_in_statement(std::string_view text, const Host& host) {
    const auto name = text.substr(host.start, host.end - host.start);
    if (!is_variable(ascii_lower(name.substr(0, name.find('.'))))) return false;
    if (is_indexed(text, host.end)) return true;
    if (before(text, host.start) == '{' && at(text, host.end) == '}') return true; // f"{obj.name}"
    if (is_unpacked(trim(line_before(text, host.start)))) return true;
    const auto ahead = statement_before(text, host.start);
    const auto behind = line_behind(text, host.end);
    const bool is_short = std::ranges::count(name, '.') == 1;
    const bool is_left_side = behind.starts_with(" = ") && trim(behind).ends_with(';');
    return is_left_side || is_right_side(name, ahead, behind) || is_condition(ahead, behind) ||
           (is_short && is_argument(ahead, behind));
}

namespace {
// Top levels that packages are named from.
bool is_reversed(std::string_view lower) {
    const auto root = lower.substr(0, lower.find('.'));
    const auto dots = std::ranges::count(lower, '.');
    return (dots >= 1 && is_any_of(root, "com org net ")) ||
           (dots >= 2 &&
            is_any_of(root, "io de ru cn me fr it es pl br uk jp kr tr ir ua cz nl eu info biz app dev xyz "
                            "in tw hk vn id co us ch at se no "));
}

// What may stand between "package" and its name.
bool is_between(std::string_view words) {
    for (std::size_t pos = 0; pos < words.size();) {
        const auto end = skip(words, pos, k_letter | k_dot);
        const auto word = words.substr(pos, end - pos);
        if (end > pos && word.find('.') == word.npos &&
            !is_any_of(
                word, "name names id ids identifier identifiers is was are were called named the a of string "
                      "key value app apps android and ios n p c d k user "))
            return false;
        pos = end + 1;
    }
    return true;
}

// "Package name:", "bundle identifier", "applicationId", "adb install", "パッケージ名"
bool is_package_announced(std::string_view line) {
    const auto lower = ascii_lower(line);
    std::size_t end = 0;
    for (const std::string_view phrase :
         {"package",       "packages",       "bundle",       "bundles",      "bundleid",   "bundleidentifier",
          "applicationid", "application id", "app id",       "appid",        "pkg",        "adb install",
          "adb uninstall", "pm install",     "pm uninstall", "pm clear",     "pm path",    "pm grant",
          "am start",      "am force-stop",  "monkey -p",    "paketname",    "paketnamen", "paquete",
          "paquet",        "pacote",         "pacchetto",    "パッケージ名", "パッケージ", "包名",
          "패키지",        "пакета",         "пакет"})
        if (const auto pos = lower.rfind(phrase); pos != lower.npos) end = std::max(end, pos + phrase.size());
    return end > 0 && is_between(std::string_view(lower).substr(end));
}

bool speaks_of_apps(std::string_view lower) {
    for (const std::string_view word : {"android", " apk", "package", "bundle id", "ios app", "mobile app",
                                        "google play", "play store", "app store", "sideload"})
        if (lower.find(word) != lower.npos) return true;
    return false;
}
bool speaks_of_hosts(std::string_view lower) {
    for (const std::string_view word : {"domain", "c2", "c&c", "server", "contact", "connect", "resolv",
                                        "communicat", "host", "site", "visit", "url", "download", "beacon"})
        if (lower.find(word) != lower.npos) return true;
    return false;
}

// "sends them to evil.name"
bool follows_preposition(std::string_view ahead) {
    for (const std::string_view word : {"to", "at", "from", "via", "with", "on", "over", "through", "into"})
        if (trim(ahead).ends_with(word) && ahead.ends_with(' ')) return true;
    return false;
}

// "(Android package)", " is an Android trojan", ", an APK that"
bool is_package_explained(std::string_view behind) {
    auto rest = behind.substr(0, 60);
    rest = rest.substr(0, rest.find(". "));
    while (!rest.empty() && std::string_view(" \"'`*\t|").find(rest.front()) != std::string_view::npos)
        rest.remove_prefix(1);
    // What it does is another matter: "… that downloads from".
    for (const std::string_view end : {")", " that ", " which ", " who "})
        rest = rest.substr(0, rest.find(end));
    const auto lower = ascii_lower(rest);
    const bool is_explained =
        lower.starts_with('(') || lower.starts_with("is a") || lower.starts_with("was a") ||
        lower.starts_with("- ") || lower.starts_with("– ") || lower.starts_with(", a") ||
        lower.starts_with("android") || lower.starts_with("package") || lower.starts_with("apk");
    return is_explained && speaks_of_apps(' ' + lower) && !speaks_of_hosts(lower);
}
}

bool is_package(std::string_view text, const Host& host) {
    const std::string_view lower = host.value;
    if (!is_reversed(lower)) return false;
    const auto ahead = line_before(text, host.start), behind = line_behind(text, host.end);
    if (is_package_announced(ahead) || is_package_explained(behind)) return true;
    const bool is_component = behind.starts_with("/.") && is(at(behind, 2), k_letter);
    const bool is_usual = is_any_of(lower.substr(0, 4), "com. org. net. ") &&
                          std::ranges::count(lower, '.') >= 2 &&
                          !is_any_of(lower.substr(lower.rfind('.') + 1), "com org net ");
    const auto around = ascii_lower(ahead) + ' ' + ascii_lower(behind);
    return is_component ||
           (is_usual && !follows_preposition(ahead) && speaks_of_apps(around) && !speaks_of_hosts(around));
}
}
