#include "core/intel/families/keywords.hpp"

#include "core/intel/families/host.hpp"
#include "core/intel/families/ids.hpp"
#include "core/intel/neighbours.hpp"

#include <algorithm>

// Types that are known by a word: what stands after a label.
namespace cti::intel {
std::size_t line_end(std::string_view text, std::size_t pos, std::size_t most) {
    const auto rest = text.substr(pos, most);
    return pos + std::min(rest.find_first_of("\n\r"), rest.size());
}
std::size_t trim_end(std::string_view text, std::size_t start, std::size_t end, std::string_view marks) {
    while (end > start && marks.find(text[end - 1]) != marks.npos) --end;
    return end;
}

namespace {
constexpr std::size_t k_max_value_bytes = 200;

struct Span {
    std::size_t start = 0, end = 0;
    bool is_quoted = false;
};

// Behind a colon or an equals sign at `pos`, of either width; `pos` where there is none.
std::size_t skip_mark(std::string_view text, std::size_t pos) {
    const char32_t c = character_at(text, pos);
    if (c == ':' || c == '=') return pos + 1;
    return c == 0xFF1A || c == 0xFF1D ? pos + 3 : pos;
}

std::size_t unquoted_end(std::string_view text, std::size_t start) {
    auto end = start;
    while (end < text.size() && end - start < k_max_value_bytes) {
        const char c = text[end];
        if (is(c, k_high)) {
            if (!is_word_at(text, end)) break;
            next_code_point(text, end);
        } else if (c <= ' ' || text.substr(end, 3) == "..." ||
                   std::string_view(",;|<>\"`").find(c) != std::string_view::npos) {
            break;
        } else {
            ++end;
        }
    }
    return trim_end(text, start, end, ".)]*':!?");
}

// What a label names: after "name", "named" or "called", a colon or an equals sign, in quotes or up to a
// blank.
Span read_labelled(std::string_view text, std::size_t pos) {
    bool is_named = false;
    pos = skip(text, pos, k_space, 2);
    for (const std::string_view word : {"names", "named", "name", "called"}) {
        if (!istarts_with(text.substr(pos), word) || is_word_at(text, pos + word.size())) continue;
        pos = skip(text, pos + word.size(), k_space, 2), is_named = word == "named" || word == "called";
        break;
    }
    if (at(text, pos) == '*') pos = std::min(pos + 2, text.size());
    const auto marked = skip_mark(text, pos);
    const bool has_mark = marked > pos;
    if (has_mark) pos = skip(text, marked, k_space, 3);
    if (at(text, pos) == '*')
        pos = std::min(skip(text, std::min(pos + 2, text.size()), k_space, 2), text.size());
    if (const auto kind = quote_kind(character_at(text, pos)); kind != 0) {
        auto start = pos;
        next_code_point(text, start);
        const auto close = find_closing(text, start, start + k_max_value_bytes, kind);
        if (close == text.npos) return {};
        return {skip(text, start, k_space, close - start), trim_end(text, start, close, " "), true};
    }
    if (!has_mark && !is_named) return {};
    // Braces are those of a GUID, other brackets those of the sentence.
    const char32_t opening = character_at(text, pos);
    if (opening == '(' || opening == '[' || (opening >= 0x80 && (roles_of(opening) & k_bracket) != 0))
        next_code_point(text, pos);
    return {pos, unquoted_end(text, pos), false};
}

bool add_span(Scan& scan, Type type, const Span& span) {
    constexpr std::size_t shortest = 3;
    if (span.end < span.start + shortest) return false;
    const auto value = scan.text.substr(span.start, span.end - span.start);
    if (!span.is_quoted && is_any_of(ascii_lower(value), "the this that with and for none n/a name is yes "))
        return false;
    scan.add(type, span.start, span.end, std::string(value), Verdict::none, Reading::labelled);
    return true;
}

// Behind ", ", " and ", "、" and the like, or `pos`.
std::size_t skip_joint(std::string_view text, std::size_t pos) {
    constexpr std::string_view joints[] = {",",   "and ", "or ", "und ", "oder ", "et ",
                                           "ou ", "y ",   "e ",  "и ",   "、",    "，"};
    auto end = skip(text, pos, k_space, 2);
    for (int words = 0; words < 2; ++words) { // ", and"
        const auto rest = text.substr(std::min(end, text.size()));
        const auto* joint =
            std::ranges::find_if(joints, [&](std::string_view word) { return rest.starts_with(word); });
        if (joint == std::end(joints)) return words == 0 ? pos : end;
        end = skip(text, end + joint->size(), k_space, 2);
    }
    return end;
}

// "‘A_1’, ‘B_2’ and “C_3”": what follows the first of a list, in quotes as that is.
void add_listed(Scan& scan, Type type, std::size_t pos) {
    const auto text = scan.text;
    constexpr int max_names = 50;
    for (int names = 0; names < max_names; ++names) {
        next_code_point(text, pos); // the quote that closes the one before
        const auto next = skip_joint(text, pos);
        const auto kind = next > pos ? quote_kind(character_at(text, next)) : 0;
        if (kind == 0) return;
        auto start = next;
        next_code_point(text, start);
        const auto close = find_closing(text, start, start + k_max_value_bytes, kind);
        if (close == text.npos || !add_span(scan, type, {start, close, true})) return;
        pos = close;
    }
}

// "the “EvilMx” mutex": the quoted name that ends a blank before `pos`.
bool add_quoted_before(Scan& scan, Type type, std::size_t pos) {
    const auto text = scan.text;
    if (pos < 4 || text[pos - 1] != ' ') return false;
    const auto kind = quote_kind(character_before(text, pos - 1));
    if (kind == 0) return false;
    auto close = pos - 2;
    while (close > 0 && (static_cast<unsigned char>(text[close]) & 0xC0U) == 0x80) --close;
    for (auto start = close; start > 0 && close - start < k_max_value_bytes && text[start - 1] != '\n';
         --start) {
        if (opening_kind(text, start) != kind || start == close) continue;
        return add_span(scan, type, {start, close, true});
    }
    return false;
}

std::size_t add_labelled(Scan& scan, Type type, std::size_t pos) {
    const auto span = read_labelled(scan.text, pos);
    if (add_span(scan, type, span) && span.is_quoted) add_listed(scan, type, span.end);
    return 0;
}

std::string words_ahead(std::string_view text, std::size_t pos, std::size_t most) {
    const auto from = pos - std::min(pos, most);
    return ascii_lower(text.substr(from, pos - from));
}

std::size_t scan_mutex(Scan& scan, const Run& run) {
    if (add_quoted_before(scan, Type::mutex, run.start)) return 0;
    return add_labelled(scan, Type::mutex, run.end);
}

std::size_t scan_service(Scan& scan, const Run& run) {
    if (add_quoted_before(scan, Type::service, run.start)) return 0;
    const auto rest = scan.text.substr(run.end, 8);
    const bool is_labelled = istarts_with(rest, " name") || istarts_with(rest, " called") ||
                             (rest.starts_with(' ') && quote_kind(character_at(rest, 1)) != 0);
    return is_labelled ? add_labelled(scan, Type::service, run.end) : 0;
}

std::size_t scan_task(Scan& scan, const Run& run) {
    constexpr std::string_view scheduled = "scheduled ";
    const bool is_scheduled = words_ahead(scan.text, run.start, scheduled.size()) == scheduled;
    if (is_scheduled && add_quoted_before(scan, Type::scheduled_task, run.start - scheduled.size())) return 0;
    if (!is_scheduled && !istarts_with(scan.text.substr(run.end, 8), " name")) return 0;
    return add_labelled(scan, Type::scheduled_task, run.end);
}

std::size_t scan_pipe(Scan& scan, const Run& run) {
    constexpr std::string_view named = "named ";
    const bool is_named = words_ahead(scan.text, run.start, named.size()) == named;
    if (is_named && add_quoted_before(scan, Type::named_pipe, run.start - named.size())) return 0;
    if (!is_named && !istarts_with(scan.text.substr(run.end, 5), " name")) return 0;
    return add_labelled(scan, Type::named_pipe, run.end);
}

// "CVE 2024-12345"
std::size_t scan_cve_word(Scan& scan, const Run& run) {
    const auto digits = skip(scan.text, run.end, k_space, 2);
    return digits > run.end ? scan_cve_number(scan, run.start, digits) : 0;
}

// "ASN 64496"
std::size_t scan_asn_word(Scan& scan, const Run& run) {
    const auto text = scan.text;
    auto pos = at(text, run.end) == ':' ? run.end + 1 : run.end;
    const auto start = skip(text, pos, k_space, 2), end = skip(text, start, k_digit, 11);
    if (end == start || end - start > 10 || is(at(text, end), k_alnum)) return 0;
    scan.add(Type::asn, run.start, end, "AS" + std::string(text.substr(start, end - start)), Verdict::none,
             Reading::labelled);
    return end;
}

// "CVSS:3.1/AV:N/…", "CVSS vector: AV:N/…" needs no label of its own.
std::size_t scan_cvss(Scan& scan, const Run& run) {
    const auto text = scan.text;
    const auto version = text.substr(run.end, 5);
    if (!version.starts_with(":3.") && !version.starts_with(":4.")) return 0;
    auto end = run.end;
    while (end < text.size() && end - run.end < 200 &&
           (is(text[end], k_alnum) || text[end] == ':' || text[end] == '/' || text[end] == '.'))
        ++end;
    end = trim_end(text, run.end, end, ".:/");
    const auto vector = text.substr(run.end, end - run.end);
    if (vector.find("/AV:") == vector.npos) return 0;
    scan.add(Type::cvss, run.start, end, "CVSS" + std::string(vector));
    return end;
}

// Rules go over many lines: they are read later, in the whole text.
void add_head(Scan& scan, std::vector<std::size_t>& heads, const Run& run) {
    if (heads.size() < RuleHeads::k_max_heads) heads.push_back(scan.refanged.original_start(run.start));
}
std::size_t scan_rule(Scan& scan, const Run& run) {
    const auto text = scan.text;
    const auto name_end = skip(text, run.end, k_space | k_alnum | k_underscore, 160);
    if (is(at(text, run.end), k_space) && (at(text, name_end) == '{' || at(text, name_end) == ':'))
        add_head(scan, scan.heads.yara, run);
    return 0;
}
std::size_t scan_title(Scan& scan, const Run& run) {
    const char left = before(scan.text, run.start);
    if (at(scan.text, run.end) == ':' && (left == '\n' || left == '\0'))
        add_head(scan, scan.heads.sigma, run);
    return 0;
}

struct ListedKeyword {
    std::string_view word; // without ".exe"
    std::size_t (*scan)(Scan&, const Run&);
};
constexpr ListedKeyword k_keywords[] = {
    {"agent", scan_agent_word},
    {"asn", scan_asn_word},
    {"bash", scan_command},
    {"bcdedit", scan_command},
    {"bitsadmin", scan_command},
    {"certutil", scan_command},
    {"cmd", scan_command},
    {"cmstp", scan_command},
    {"cscript", scan_command},
    {"curl", scan_command},
    {"cve", scan_cve_word},
    {"cvss", scan_cvss},
    {"forfiles", scan_command},
    {"mozilla", scan_mozilla},
    {"msbuild", scan_command},
    {"mshta", scan_command},
    {"msiexec", scan_command},
    {"mutex", scan_mutex},
    {"mutexes", scan_mutex},
    {"net", scan_command},
    {"netsh", scan_command},
    {"nltest", scan_command},
    {"pipe", scan_pipe},
    {"pipes", scan_pipe},
    {"powershell", scan_command},
    {"psexec", scan_command},
    {"pwsh", scan_command},
    {"python", scan_command},
    {"reg", scan_command},
    {"regsvr32", scan_command},
    {"rule", scan_rule},
    {"rundll32", scan_command},
    {"sc", scan_command},
    {"schtasks", scan_command},
    {"service", scan_service},
    {"services", scan_service},
    {"task", scan_task},
    {"tasks", scan_task},
    {"title", scan_title},
    {"user-agent", scan_user_agent},
    {"useragent", scan_user_agent},
    {"vssadmin", scan_command},
    {"wevtutil", scan_command},
    {"wget", scan_command},
    {"wmic", scan_command},
    {"wscript", scan_command},
};
static_assert(std::ranges::is_sorted(k_keywords, {}, &ListedKeyword::word));

constexpr std::size_t k_max_keyword_bytes = 10;
static_assert(std::ranges::all_of(k_keywords, [](const ListedKeyword& k) {
    return k.word.size() <= k_max_keyword_bytes;
}));

// Of the keywords that begin with a letter: their sizes, and their second letters.
struct Outline {
    std::uint32_t sizes = 0, seconds = 0;
};
constexpr std::array<Outline, 26> make_outlines() {
    std::array<Outline, 26> outlines{};
    for (const auto& keyword : k_keywords) {
        auto& outline = outlines[static_cast<std::size_t>(keyword.word[0] - 'a')];
        outline.sizes |= 1U << keyword.word.size();
        outline.seconds |= 1U << (static_cast<unsigned>(keyword.word[1]) & 31U);
    }
    return outlines;
}
constexpr auto k_outlines = make_outlines();

std::string_view without_exe(std::string_view word) {
    const bool has =
        word.size() > 4 && word[word.size() - 4] == '.' && istarts_with(word.substr(word.size() - 3), "exe");
    return has ? word.substr(0, word.size() - 4) : word;
}
}

bool may_be_keyword(std::string_view word) {
    if (word.size() > k_max_keyword_bytes) word = without_exe(word);
    const auto letter = static_cast<unsigned char>(ascii_lower(word[0]) - 'a');
    if (letter >= k_outlines.size() || word.size() < 2 || word.size() > k_max_keyword_bytes) return false;
    const auto& [sizes, seconds] = k_outlines[letter];
    return (seconds >> (static_cast<unsigned>(word[1]) & 31U) & 1U) != 0 &&
           ((sizes >> word.size() & 1U) != 0 || (word.size() > 5 && word[word.size() - 4] == '.'));
}

std::size_t scan_keyword(Scan& scan, const Run& run) {
    const auto word = without_exe(run.of(scan.text));
    std::array<char, k_max_keyword_bytes> letters{};
    if (word.size() > letters.size()) return 0;
    std::ranges::transform(word, letters.begin(), [](char c) { return ascii_lower(c); });
    const std::string_view lower(letters.data(), word.size());
    const auto* found = std::ranges::lower_bound(k_keywords, lower, {}, &ListedKeyword::word);
    return found == std::end(k_keywords) || found->word != lower ? 0 : found->scan(scan, run);
}
}
