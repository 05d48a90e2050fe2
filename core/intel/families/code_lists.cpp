#include "core/intel/families/code_lists.hpp"

#include "core/intel/neighbours.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
constexpr std::size_t k_max_list_bytes = 800; // between a heading and what it is of
constexpr std::size_t k_max_row_bytes = 160;  // of a row that are looked at, on either side
constexpr std::size_t k_max_heading_bytes = 160, k_max_type_bytes = 40;

// "Domains", "Domaine", "Dominios", "Domeny", "Домены", "ドメイン"
bool has_host_stem(std::string_view lower) {
    for (const std::string_view stem :
         {"domain",    "dominio",     "domínio",      "domini",      "domein",    "domän",     "domén",
          "domæn",     "verkkotunnu", "tên miền",     "โดเมน",       "domen",     "hostname",  "fqdn",
          "c&c",       "alan ad",     "nazwy host",   "nom d'hôte",  "indicator", "indicador", "indicateur",
          "indikator", "infrastruct", "infraestruct", "infrastrukt", "домен",     "Домен",     "ДОМЕН",
          "хост",      "Хост",        "ドメイン",     "ホスト",      "域名",      "主机",      "網域",
          "도메인",    "호스트",      "نطاق",         "دامنه",       "דומיין"})
        if (lower.find(stem) != lower.npos) return true;
    return false;
}
bool is_host_word(std::string_view word) {
    return is_any_of(word, "ioc iocs c2 c2s cnc url urls site sites website websites server servers panel "
                           "panels serveur serveurs servidor servidores сервер serwer serwery hosts ");
}
bool is_code_word(std::string_view word) {
    return is_any_of(
        word,
        "field fields property properties attribute attributes variable variables method methods function "
        "functions class classes package packages namespace namespaces module modules parameter parameters "
        "query queries schema schemas mapping mappings bundle keyword feld felder champ champs campo campos ");
}
bool has_code_stem(std::string_view lower) {
    for (const std::string_view stem : {"パッケージ", "フィールド", "包名", "字段", "패키지", "필드", "пакет",
                                        "Пакет", "поле", "Поля", "paketname", "paquet", "pacote"})
        if (lower.find(stem) != lower.npos) return true;
    return false;
}

// Calls `each` with the words of a text, in its order, until that says false.
template <class Each>
void for_each_word(std::string_view text, const Each& each) {
    for (std::size_t pos = 0; pos < text.size();) {
        const auto end = skip(text, pos, k_alnum | k_high);
        if (end > pos && !each(text.substr(pos, end - pos))) return;
        pos = end + 1;
    }
}

// Of a heading that speaks of both nobody knows what it is of.
Meaning meaning_of_heading(std::string_view heading) {
    const auto lower = ascii_lower(heading);
    bool is_host = has_host_stem(lower), is_code = has_code_stem(lower);
    for_each_word(lower, [&](std::string_view word) {
        is_host |= is_host_word(word), is_code |= is_code_word(word);
        return true;
    });
    if (is_host == is_code) return Meaning::open;
    return is_host ? Meaning::host : Meaning::code;
}

// What may stand beside the words that say what something is.
bool is_word_of_type(std::string_view word) {
    return is_any_of(
        word,
        "a an the c c2 cnc command and or control server servers domain domains name hostname host fqdn url ioc "
        "indicator network malicious phishing payload delivery malware panel admin site website landing page "
        "download exfiltration exfil beacon distribution staging dropper infrastructure dns callback "
        "stealer loader backup primary secondary fallback dga sinkhole registered actor attacker related "
        "observed active android ios app id identifier fake second stage ");
}

// "domain", "C2 server", "Package name" as the whole of a cell or the beginning of a note.
Meaning meaning_of_type(std::string_view cell) {
    cell = trim(cell);
    if (cell.empty() || cell.size() > k_max_type_bytes || cell.find('.') != cell.npos) return Meaning::open;
    const auto lower = ascii_lower(cell);
    if (is_any_of(lower, "keyword text long wildcard boolean string constant_keyword match_only_text "))
        return Meaning::code;
    const bool is_beyond_ascii = std::ranges::any_of(lower, [](char c) { return is(c, k_high); });
    bool is_type = true, is_host = lower.find("c&c") != lower.npos, is_code = false;
    for_each_word(lower, [&](std::string_view word) {
        const bool names_code = is_any_of(word, "field package bundle property attribute variable class ");
        is_code |= names_code;
        is_host |=
            is_any_of(word, "c2 cnc domain domains hostname fqdn url ioc panel website phishing control ");
        return is_type = is_type && (names_code || is_beyond_ascii || is_word_of_type(word));
    });
    if (is_beyond_ascii) is_host |= has_host_stem(lower), is_code |= has_code_stem(lower);
    if (!is_type || is_host == is_code) return Meaning::open;
    return is_host ? Meaning::host : Meaning::code;
}

// The bytes at `pos` that only set a word off: blanks, bullets, quotes, marks of a table or of Markdown.
std::size_t size_of_mark(std::string_view text, std::size_t pos) {
    const char c = text[pos];
    if (is(c, k_high)) {
        const auto character = character_at(text, pos);
        auto next = pos;
        if (roles_of(character) == 0) return 0;
        return next_code_point(text, next), next - pos;
    }
    return is(c, k_letter) || c == '\n' ? 0 : 1;
}

bool is_only_marks(std::string_view text) {
    std::size_t pos = 0;
    while (pos < text.size()) {
        const auto size = size_of_mark(text, pos);
        if (size == 0) return false;
        pos += size;
    }
    return true;
}

bool is_dotted(std::string_view word) {
    const auto dot = word.find('.');
    return dot != word.npos && dot > 0 && dot + 1 < word.size();
}

// A line of the list: its first word, or one of a table's, is a name, an address or a hash.
bool is_item(std::string_view line) {
    const bool is_row = line.find('|') != line.npos || line.find('\t') != line.npos;
    for (std::size_t pos = 0; pos < line.size();) {
        const auto end = skip(line, pos, k_word);
        const auto word = line.substr(pos, end - pos);
        if (is_dotted(word) || word.size() >= 32) return true;
        if (!is_only_marks(word) && !is_row) return false;
        pos = end + 1;
    }
    return is_only_marks(line);
}

// A few words, or a sentence that announces something.
bool is_heading(std::string_view line) {
    const bool is_colon = line.ends_with(':') || line.ends_with("：");
    return is_colon ? line.size() <= k_max_heading_bytes : line.size() <= 48 && !line.ends_with('.');
}

// The line that the list around `start` begins with, empty where none is near.
std::string_view find_heading(std::string_view text, std::size_t line_start) {
    const auto floor = line_start - std::min(line_start, k_max_list_bytes);
    const auto above = text.substr(floor, line_start - floor);
    for (auto end = above.size(); end > 0;) {
        const auto from = end < 2 ? 0 : above.rfind('\n', end - 2) + 1; // npos + 1 is 0
        if (from == 0 && floor > 0) return {};
        const auto line = trim(above.substr(from, end - from));
        if (!is_item(line)) return is_heading(line) ? line : std::string_view();
        end = from;
    }
    return {};
}

// What closes a name: quotes, backticks, stars.
std::size_t skip_closing(std::string_view text, std::size_t pos) {
    while (pos < text.size() && std::string_view("\"'`*").find(text[pos]) != std::string_view::npos) ++pos;
    return pos;
}

// Names, and what stands between them in a list.
bool is_only_names(std::string_view text) {
    for (std::size_t pos = 0; pos < text.size();) {
        const auto mark = size_of_mark(text, pos);
        const auto end = mark > 0 ? pos + mark : skip(text, pos, k_alnum | k_dot | k_dash | k_underscore);
        const auto word = text.substr(pos, end - pos);
        if (mark == 0 && !is_dotted(word) && !is_any_of(word, "and or und et y e ")) return false;
        pos = std::max(end, pos + 1);
    }
    return true;
}

// "host.id was registered in May", "host.id (resolved to 192.0.2.1)"
bool is_said_of_host(std::string_view text, std::size_t end) {
    auto rest = text.substr(skip_closing(text, end), 24);
    while (!rest.empty() && std::string_view(" (,").find(rest.front()) != std::string_view::npos)
        rest.remove_prefix(1);
    for (const std::string_view word : {"was ", "is ", "which ", "also "})
        if (rest.starts_with(word)) rest.remove_prefix(word.size());
    for (const std::string_view word :
         {"registered ", "registered)", "resolves to", "resolved to", "resolving to", "sinkholed"})
        if (rest.starts_with(word)) return true;
    return false;
}

// "beacons to host.id and user.name", "contacts host.id"
bool is_reached(std::string_view ahead) {
    ahead = ahead.substr(ahead.size() - std::min<std::size_t>(ahead.size(), 80));
    const auto verb = [&](std::string_view lower, std::string_view stem) {
        const auto pos = lower.rfind(stem);
        if (pos == lower.npos) return false;
        auto rest = lower.substr(pos);
        rest = rest.substr(skip(rest, 0, k_letter));
        for (const std::string_view word : {" to", " with", " from", " at"})
            if (rest.starts_with(word)) rest.remove_prefix(word.size());
        return rest.starts_with(' ') && is_only_names(rest);
    };
    const auto lower = ascii_lower(ahead);
    for (const std::string_view stem : {"beacon", "connect", "contact", "communicat", "exfiltrat", "redirect",
                                        "resolv", "traffic", "download", "callback"})
        if (verb(lower, stem)) return true;
    return false;
}

// "host.id - C2 server", "host.id (domain)", "host.id: C2"
Meaning meaning_of_note(std::string_view text, std::size_t end) {
    auto pos = skip(text, skip_closing(text, end), k_space, 2);
    std::size_t mark = 0;
    for (const std::string_view begin : {"(", "- ", "– ", "— ", "-> ", "=> ", ": ", "[", "# ", "// "})
        if (text.substr(pos).starts_with(begin)) mark = begin.size();
    if (mark == 0 || (pos == end && at(text, pos) == '(')) return Meaning::open;
    const bool is_colon = at(text, pos) == ':';
    auto note = text.substr(pos + mark, k_max_type_bytes + 1);
    note = trim(note.substr(0, note.find_first_of("\n|\t,;.)]")));
    // "host.name: hostname" maps one field to another.
    return is_colon && note.find(' ') == note.npos ? Meaning::open : meaning_of_type(note);
}

// The cells of its line that are beside it, where it fills one.
Meaning meaning_of_cells(std::string_view line, std::size_t start, std::size_t end) {
    const bool is_cut_by_semicolons = line.find(';') != line.npos && line.find("; ") == line.npos;
    const char separator = line.find('|') != line.npos    ? '|'
                           : line.find('\t') != line.npos ? '\t'
                           : is_cut_by_semicolons         ? ';'
                                                          : ',';
    // Of a sentence only "host.id, domain".
    const bool is_sentence = separator == ',' && line.find(", ") != line.npos;
    if (is_sentence && (std::ranges::count(line, ',') > 1 || !is_only_marks(line.substr(0, start))))
        return Meaning::open;
    auto found = Meaning::open;
    bool fills = false;
    for (std::size_t from = 0; from <= line.size();) {
        const auto to = std::min(line.find(separator, from), line.size());
        const auto cell = line.substr(from, to - from);
        if (from <= start && end <= to)
            fills =
                is_only_marks(line.substr(from, start - from)) && is_only_marks(line.substr(end, to - end));
        else if (const auto meaning = meaning_of_type(trim(cell)); found == Meaning::open)
            found = meaning;
        from = to + 1;
    }
    return fills ? found : Meaning::open;
}

// "C2 domains: a.name, b.email and": between the colon and the name stand names only. A member of an object
// in source code has its key before it, too: "{ hostname: host.name }".
Meaning meaning_of_line(std::string_view ahead) {
    auto colon = ahead.rfind(':');
    const auto wide = ahead.rfind("：");
    std::size_t size = 1;
    if (wide != ahead.npos && (colon == ahead.npos || wide > colon)) colon = wide, size = 3;
    if (colon == ahead.npos) return Meaning::open;
    const auto between = ahead.substr(colon + size);
    if (!is_only_names(between)) return Meaning::open;
    const bool is_quoted = !between.empty() && (between.back() == '"' || between.back() == '\'');
    if (!is_quoted && ahead.find('{') != ahead.npos) return Meaning::open;
    const auto head = ahead.substr(0, colon);
    return meaning_of_heading(head.substr(head.size() - std::min(head.size(), k_max_heading_bytes / 2)));
}

// "== 'host.id'", "[domain-name:value = 'host.id']": what a field is compared with is none.
bool is_compared_with(std::string_view ahead) {
    if (ahead.empty() || std::string_view("\"'").find(ahead.back()) == std::string_view::npos) return false;
    ahead.remove_suffix(1);
    return ahead.ends_with("==") || ahead.ends_with("== ") || ahead.ends_with(" = ") ||
           ahead.ends_with("!= ") || ahead.ends_with("=~ ");
}

// Behind a name of a list nothing stands but another one, a mark or a note that is set off.
bool ends_item(std::string_view text, std::size_t end) {
    const auto pos = skip(text, skip_closing(text, end), k_space, 2);
    const auto blanks = text.substr(end, pos - end);
    const char c = at(text, pos);
    return pos >= text.size() || blanks.ends_with("  ") || blanks.find_first_of("\n\t") != blanks.npos ||
           std::string_view("\n|,;-(").find(c) != std::string_view::npos || is_end_at(text, pos);
}
}

Meaning find_meaning(std::string_view text, const Host& host) {
    const auto floor = host.start - std::min(host.start, k_max_list_bytes);
    const auto window = text.substr(floor, host.start - floor);
    const auto line_start = floor + window.rfind('\n') + 1; // npos + 1 is 0
    const auto ahead = text.substr(line_start, host.start - line_start);
    if (const auto meaning = meaning_of_note(text, host.end); meaning != Meaning::open) return meaning;
    if (is_said_of_host(text, host.end) || is_reached(ahead)) return Meaning::host;
    const auto behind = text.substr(host.end, k_max_row_bytes);
    const auto row_start = std::max(line_start, host.start - std::min(host.start, k_max_row_bytes));
    const auto row_end = host.end + std::min(behind.find('\n'), behind.size());
    const auto row = text.substr(row_start, row_end - row_start);
    if (const auto meaning = meaning_of_cells(row, host.start - row_start, host.end - row_start);
        meaning != Meaning::open)
        return meaning;
    if (is_compared_with(ahead)) return Meaning::host;
    if (const auto meaning = meaning_of_line(ahead); meaning != Meaning::open) return meaning;
    const bool is_row = ahead.find('|') != ahead.npos || ahead.find('\t') != ahead.npos;
    if ((!is_row && !is_only_names(ahead)) || !ends_item(text, host.end)) return Meaning::open;
    return meaning_of_heading(find_heading(text, line_start));
}
}
