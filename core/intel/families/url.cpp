#include "core/intel/families/host.hpp"
#include "core/intel/families/ip.hpp"
#include "core/intel/families/url_ids.hpp"
#include "core/intel/neighbours.hpp"
#include "core/intel/python_text.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
constexpr std::size_t k_max_url_bytes = 8192, k_max_user_bytes = 256;

// Marks of a sentence or a markup after an address.
bool is_trailing(char c) { return std::string_view(".,;:!?'\"*").find(c) != std::string_view::npos; }

// "[" belongs to a query ("a[]=1", "a[0][b]=1"), else it opens something new ("https://a.example[text]").
bool is_index(std::string_view text, std::size_t pos) {
    const auto close = skip(text, pos + 1, k_word, 32);
    const char behind = at(text, close + 1);
    return at(text, close) == ']' && (behind == '=' || behind == '[' || behind == '%');
}

// A field of a table that was joined by commas: "http://a.example/b,False,12".
bool is_next_field(std::string_view text, std::size_t comma) {
    const char next = at(text, comma + 1);
    if (next <= ' ' || next == '"' || next == '\'' || next == ',') return true;
    if (istarts_with(text.substr(comma + 1), "http") || istarts_with(text.substr(comma + 1), "hxxp"))
        return true;
    const auto end = skip(text, comma + 1, k_letter, 12);
    return next >= 'A' && next <= 'Z' && end - comma > 4 && (at(text, end) == ',' || at(text, end) <= ' ');
}

bool is_entity(std::string_view text, std::size_t pos) {
    const auto rest = text.substr(pos, 6);
    return rest == "&quot;" || rest.starts_with("&gt;") || rest.starts_with("&lt;") ||
           rest.starts_with("&#39;") || rest == "&nbsp;";
}

// Whether the address goes on with the byte at `pos`, which may be moved over a character.
bool goes_on(std::string_view text, std::size_t& pos, int& depth, bool in_query) {
    const char c = text[pos];
    if (is(c, k_high)) {
        auto next = pos;
        const char32_t code_point = next_code_point(text, next);
        if (!is_word_character(code_point) || is_blankless(code_point)) return false;
        pos = next - 1;
        return true;
    }
    if (c == '{') {
        // A variable of a URI template (RFC 6570): "https://a.example/{id}/b".
        const auto close = skip(text, pos + 1, k_alnum | k_underscore | k_dash, 32);
        if (at(text, close) == '}' && close > pos + 1) pos = close;
        return text[pos] == '}';
    }
    if (is(c, k_url_end) || c == '\'') return false;
    switch (c) {
    case '[': return in_query && is_index(text, pos);
    case ']':
        return in_query && (at(text, pos + 1) == '=' || at(text, pos + 1) == '[' || at(text, pos + 1) == '%');
    case '(': ++depth; return true;
    case ')': return depth-- > 0;
    case ',': return !is_next_field(text, pos);
    case '&': return !is_entity(text, pos);
    default: return true;
    }
}

struct Authority {
    std::string user;
    Host host;
    std::string port;
    std::string written; // the host in lower case
    std::size_t end = 0;
};

std::size_t find_user_end(std::string_view text, std::size_t pos) {
    const auto end = std::min(text.size(), pos + k_max_user_bytes);
    for (auto at_sign = pos; at_sign < end; ++at_sign) {
        const char c = text[at_sign];
        if (c == '@') return at_sign;
        if (is(c, k_url_end | k_high) || c == '/' || c == '?' || c == '#' || c == '\'' || c == ',' ||
            c == ')' || c == '(')
            break;
    }
    return pos;
}

void read_port(std::string_view text, Authority& out) {
    if (at(text, out.end) != ':') return;
    const auto end = skip(text, out.end + 1, k_digit, 5);
    if (end == out.end + 1 || is(at(text, end), k_digit)) return;
    out.port = text.substr(out.end, end - out.end);
    out.end = end;
}

Authority read_authority(std::string_view text, std::size_t pos) {
    Authority out;
    if (const auto user_end = find_user_end(text, pos); user_end > pos) {
        out.user = std::string(text.substr(pos, user_end - pos)) + '@';
        pos = user_end + 1;
    }
    if (at(text, pos) == '[') {
        const auto close = text.find(']', pos);
        if (close == text.npos || close - pos > 48) return out;
        const auto address = parse_ipv6(text.substr(pos + 1, close - pos - 1));
        if (!address) return out;
        out.host = {Host::Kind::ipv6, pos + 1, close, to_text(*address), true};
        out.written = ascii_lower(text.substr(pos, close + 1 - pos));
        out.end = close + 1;
    } else {
        const auto run =
            pos < text.size() && is(text[pos], k_alnum | k_underscore | k_high) ? read_run(text, pos) : Run{};
        auto end = std::min(run.end, text.substr(0, run.end).find("..", run.start));
        while (end > run.start && is(text[end - 1], k_dot)) --end;
        if (end <= pos) return out;
        out.host = read_host(text, pos, end);
        out.written = lower_host(text.substr(pos, end - pos));
        const bool is_local = out.written.find('.') == out.written.npos;
        if (!out.host && is_local && out.written.size() > 1 && all_of(out.written, k_alnum | k_dash))
            out.host = {Host::Kind::name, pos, end, out.written, false};
        if (out.host && out.host.start != pos) out.host = {};
        out.end = end;
    }
    read_port(text, out);
    return out;
}

void trim_like_opening(std::string_view text, std::size_t start, std::size_t& end) {
    // "++https://a.example++": what stands before it belongs to the markup after it too.
    const char opening = before(text, start);
    if (opening == '+' || opening == '*' || opening == '_' || opening == '~' || opening == '=')
        while (end > start && text[end - 1] == opening) --end;
}
}

UrlTail read_url_tail(std::string_view text, std::size_t host_end, std::size_t url_start, bool is_defanged) {
    auto pos = host_end;
    const char first = at(text, pos);
    if (first != '/' && first != '?' && first != '#') return {host_end, text.substr(pos, 3) == "…"};
    int depth = 0;
    bool in_query = first != '/';
    const auto limit = std::min(text.size(), host_end + k_max_url_bytes);
    for (; pos < limit && goes_on(text, pos, depth, in_query); ++pos) in_query |= text[pos] == '?';
    UrlTail tail{std::min(pos, limit), false};
    const auto behind = text.substr(tail.end, 3);
    const auto end = tail.end;
    tail.is_cut = behind == "…" || (tail.end >= 3 && text.substr(tail.end - 3, 3) == "...") ||
                  behind.starts_with("[..");
    if (is_arrow_at(text, tail.end - 1)) --tail.end;
    while (tail.end > host_end && is_trailing(text[tail.end - 1])) --tail.end;
    // An empty query, in a list of addresses; elsewhere the mark ends a question.
    if (is_defanged && text[tail.end] == '?' && tail.end + 1 == end && at(text, end) < ' ') ++tail.end;
    trim_like_opening(text, url_start, tail.end);
    if (tail.is_cut && end - tail.end < 3 && behind != "…" && !behind.starts_with("[")) tail.is_cut = false;
    tail.end = std::max(tail.end, host_end);
    return tail;
}

std::size_t scan_bare_url(Scan& scan, const Host& host) {
    const auto text = scan.text;
    auto end = host.end;
    if (at(text, end) == ':') {
        const auto digits = skip(text, end + 1, k_digit, 5);
        if (digits == end + 1 || at(text, digits) != '/') return digits == end + 1 ? end : digits;
        end = digits;
    }
    if (at(text, end) != '/') return end;
    const auto tail = read_url_tail(text, end, host.start, scan.is_edited(host.start, host.end));
    if (tail.end <= end + 1 || (tail.end == end + 2 && text[end + 1] == '/')) return std::max(tail.end, end);
    if (tail.is_cut) {
        scan.reject(host.start, tail.end, "an address that was cut");
        scan.places.emplace_back(host.start, tail.end);
        return tail.end;
    }
    const auto written = text.substr(host.start, tail.end - host.start);
    const auto value = lower_host(text.substr(host.start, host.end - host.start)) +
                       std::string(text.substr(host.end, tail.end - host.end));
    scan.add(Type::url, host.start, tail.end, value);
    add_ids_of_url(scan, host.start, tail.end, host.value, text.substr(end, tail.end - end));
    return host.start + written.size();
}

namespace {
void add_url(Scan& scan, std::size_t start, const std::string& scheme, const Authority& authority,
             const UrlTail& tail, Reading reading) {
    const auto path = scan.text.substr(authority.end, tail.end - authority.end);
    auto value = scheme + "://" + authority.user + authority.written + authority.port + std::string(path);
    const auto& host = authority.host;
    auto verdict = Verdict::none;
    if (host.kind == Host::Kind::ipv4) verdict = verdict_of(*parse_ipv4(host.value));
    if (host.kind == Host::Kind::ipv6) verdict = verdict_of(*parse_ipv6(host.value));
    if (host.kind == Host::Kind::name && !host.has_known_suffix)
        verdict = host.value == "localhost" ? Verdict::loopback : Verdict::unknown_suffix;
    scan.add(Type::url, start, tail.end, std::move(value), verdict, reading);
}
}

// The scheme is the end of the run. Blanks after "://" are a way of defanging too.
std::size_t scan_url(Scan& scan, const Run& run) {
    const auto text = scan.text;
    if (text.substr(run.end, 3) != "://" && text.substr(run.end, 3) != ":\\\\" &&
        text.substr(run.end, 3) != ":__")
        return 0;
    auto start = run.end;
    while (start > run.start && run.end - start < 12 && is(text[start - 1], k_alnum)) --start;
    bool is_changed = text[run.end + 1] != '/';
    bool other_scheme = false;
    const auto scheme = refang_scheme(text.substr(start, run.end - start), other_scheme);
    if (scheme.empty() || (is_changed && !scheme.starts_with("http"))) return 0;
    auto pos = run.end + 3;
    for (std::size_t slashes = 0; at(text, pos) == '/' && slashes < 2; ++slashes) ++pos, is_changed = true;
    const auto blanks = skip(text, pos, k_space, 2);
    const auto authority = read_authority(text, at(text, pos) == ' ' ? blanks : pos);
    is_changed |= other_scheme || at(text, pos) == ' ';
    if (!authority.host || (at(text, pos) == ' ' && !authority.host.has_known_suffix)) return run.end + 3;
    const auto tail =
        read_url_tail(text, authority.end, start, is_changed || scan.is_edited(start, authority.end));
    const bool is_bare_label =
        authority.host.kind == Host::Kind::name && authority.host.value.find('.') == std::string::npos;
    if (is_bare_label && tail.end == authority.end && authority.port.empty() &&
        authority.host.value != "localhost") {
        scan.reject(start, tail.end, "a scheme with one word behind it");
        return tail.end;
    }
    if (tail.is_cut) {
        scan.reject(start, tail.end, "an address that was cut");
        scan.places.emplace_back(start, tail.end);
    } else {
        add_url(scan, start, scheme, authority, tail, is_changed ? Reading::defanged : Reading::plain);
    }
    if (!is_bare_label && authority.host.has_known_suffix) add_host(scan, authority.host, Reading::derived);
    add_ids_of_url(scan, start, tail.end, authority.host.value,
                   text.substr(authority.end, tail.end - authority.end));
    return tail.end;
}
}
