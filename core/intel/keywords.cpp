#include "core/intel/families/host.hpp"
#include "core/intel/families/ids.hpp"

#include <algorithm>

// Types that are known by a word: what stands behind a label, and command lines.
namespace cti::intel {
namespace {
constexpr std::size_t k_longest_value = 200, k_longest_command = 2000, k_longest_agent = 400;

// The end of the line, at most `most` bytes away.
std::size_t line_end(std::string_view text, std::size_t pos, std::size_t most) {
    const auto rest = text.substr(pos, most);
    return pos + std::min(rest.find_first_of("\n\r"), rest.size());
}
std::size_t trim_end(std::string_view text, std::size_t start, std::size_t end, std::string_view marks) {
    while (end > start && marks.find(text[end - 1]) != marks.npos) --end;
    return end;
}
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

struct Span {
    std::size_t start = 0, end = 0;
    bool is_quoted = false;
};

// What a label names: behind "name", "named" or "called", a colon or an equals sign, in quotes or up to a
// blank.
Span read_labelled(std::string_view text, std::size_t pos) {
    bool is_named = false;
    pos = skip(text, pos, k_space, 2);
    for (const std::string_view word : {"names", "named", "name", "called"}) {
        if (!istarts_with(text.substr(pos), word) || is(at(text, pos + word.size()), k_word)) continue;
        pos = skip(text, pos + word.size(), k_space, 2), is_named = word == "named" || word == "called";
        break;
    }
    if (at(text, pos) == '*') pos = std::min(pos + 2, text.size());
    const bool has_mark = at(text, pos) == ':' || at(text, pos) == '=';
    if (has_mark) pos = skip(text, pos + 1, k_space, 3);
    if (at(text, pos) == '*')
        pos = std::min(skip(text, std::min(pos + 2, text.size()), k_space, 2), text.size());
    if (is_quote(at(text, pos))) {
        const auto close = text.find(text[pos], pos + 1);
        if (close == text.npos || close - pos > k_longest_value ||
            text.substr(pos, close - pos).find('\n') != text.npos)
            return {};
        return {pos + 1, close, true};
    }
    if (!has_mark && !is_named) return {};
    auto end = pos;
    while (end < text.size() && end - pos < k_longest_value && text[end] > ' ' &&
           std::string_view(",;|<>\"`").find(text[end]) == std::string_view::npos)
        ++end;
    return {pos, trim_end(text, pos, end, ".)*'"), false};
}

std::size_t add_labelled(Scan& scan, Type type, std::size_t pos) {
    const auto span = read_labelled(scan.text, pos);
    constexpr std::size_t shortest = 3;
    if (span.end < span.start + shortest) return 0;
    const auto value = scan.text.substr(span.start, span.end - span.start);
    if (!span.is_quoted && is_any_of(ascii_lower(value), "the this that with and for none n/a name is yes "))
        return 0;
    scan.add(type, span.start, span.end, std::string(value), Verdict::none, Reading::labelled);
    return 0;
}

std::size_t scan_mutex(Scan& scan, const Run& run) { return add_labelled(scan, Type::mutex, run.end); }

std::size_t scan_service(Scan& scan, const Run& run) {
    const auto rest = scan.text.substr(run.end, 8);
    const bool is_labelled = istarts_with(rest, " name") || istarts_with(rest, " called") ||
                             istarts_with(rest, " \"") || rest.starts_with(" `");
    return is_labelled ? add_labelled(scan, Type::service, run.end) : 0;
}

std::size_t scan_task(Scan& scan, const Run& run) {
    const auto rest = scan.text.substr(run.end, 8);
    const auto from = run.start - std::min<std::size_t>(run.start, 10);
    const bool is_scheduled = ascii_lower(scan.text.substr(from, run.start - from)).ends_with("scheduled ");
    if (!is_scheduled && !istarts_with(rest, " name")) return 0;
    return add_labelled(scan, Type::scheduled_task, run.end);
}

std::size_t scan_pipe(Scan& scan, const Run& run) {
    const auto from = run.start - std::min<std::size_t>(run.start, 6);
    if (!ascii_lower(scan.text.substr(from, run.start - from)).ends_with("named ") &&
        !istarts_with(scan.text.substr(run.end, 5), " name"))
        return 0;
    return add_labelled(scan, Type::named_pipe, run.end);
}

// The whole of "Mozilla/5.0 (…) …", up to a quote, the end of the line or the next one.
std::size_t scan_mozilla(Scan& scan, const Run& run) {
    const auto text = scan.text;
    if (at(text, run.end) != '/' || !is(at(text, run.end + 1), k_digit)) return 0;
    auto end = run.end;
    const auto limit = line_end(text, run.end, k_longest_agent);
    while (end < limit && text[end] != '"' && text[end] != '`' && text[end] != '<' && text[end] != '|' &&
           text[end] != '\t' && text[end] != '\'' && text.substr(end, 9) != " Mozilla/")
        ++end;
    end = trim_end(text, run.start, end, " .,;*]");
    scan.add(Type::user_agent, run.start, end, std::string(text.substr(run.start, end - run.start)));
    return end;
}

std::size_t scan_user_agent(Scan& scan, const Run& run) {
    const auto text = scan.text;
    auto pos = run.end;
    while (pos < text.size() && pos - run.end < 4 &&
           (text[pos] == ':' || text[pos] == ' ' || text[pos] == '"' || text[pos] == '`' || text[pos] == '='))
        ++pos;
    if (text.substr(run.end, pos - run.end).find_first_of(":=") == std::string_view::npos ||
        istarts_with(text.substr(pos), "Mozilla/"))
        return 0;
    auto end = pos;
    const auto limit = line_end(text, pos, k_longest_agent);
    while (end < limit && text[end] != '"' && text[end] != '`' && text[end] != '<' && text[end] != '|' &&
           text[end] != '\t')
        ++end;
    end = trim_end(text, pos, end, " .,;*)");
    if (end < pos + 4 || !is(text[pos], k_alnum)) return 0;
    scan.add(Type::user_agent, pos, end, std::string(text.substr(pos, end - pos)), Verdict::none,
             Reading::labelled);
    return end;
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

// A command line: an interpreter or a tool of the system where a line, a quote or a prompt begins, and what
// looks like arguments behind it.
std::size_t scan_command(Scan& scan, const Run& run) {
    const auto text = scan.text;
    if (run.start < scan.command_end || at(text, run.end) != ' ') return 0;
    const char left = before(text, run.start);
    const bool opens =
        left == '\0' || left == '\n' || is_quote(left) || left == '>' ||
        (left == ' ' &&
         is_any_of(text.substr(run.start - std::min<std::size_t>(run.start, 2), 1), "$ > # - * : "));
    if (!opens) return 0;
    const bool quoted = left == '`' || left == '\'';
    const auto close =
        quoted ? text.substr(0, std::min(text.size(), run.end + k_longest_command)).find(left, run.end)
               : text.npos;
    auto end = line_end(text, run.end, std::min(k_longest_command, close - run.end));
    end = trim_end(text, run.start, end, " `\r\n");
    const auto line = text.substr(run.start, end - run.start);
    constexpr std::string_view marks[] = {" -",   " /",  " \"",  ".dll", "http",
                                          "hxxp", ".js", ".vbs", ".ps1", " %"};
    if (std::ranges::none_of(marks, [&](std::string_view mark) { return line.find(mark) != line.npos; }))
        return 0;
    scan.command_end = end;
    scan.add(Type::command_line, run.start, end, std::string(line));
    return 0;
}

// Rules go over many lines: they are read later, in the whole text.
void add_head(Scan& scan, std::vector<std::size_t>& heads, const Run& run) {
    if (heads.size() < RuleHeads::k_most) heads.push_back(scan.refanged.original_start(run.start));
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

struct Keyword {
    std::string_view word; // without ".exe"
    std::size_t (*scan)(Scan&, const Run&);
};
constexpr Keyword k_keywords[] = {
    {"asn", scan_asn_word},      {"bash", scan_command},       {"bcdedit", scan_command},
    {"bitsadmin", scan_command}, {"certutil", scan_command},   {"cmd", scan_command},
    {"cmstp", scan_command},     {"cscript", scan_command},    {"curl", scan_command},
    {"cve", scan_cve_word},      {"cvss", scan_cvss},          {"forfiles", scan_command},
    {"mozilla", scan_mozilla},   {"msbuild", scan_command},    {"mshta", scan_command},
    {"msiexec", scan_command},   {"mutex", scan_mutex},        {"mutexes", scan_mutex},
    {"net", scan_command},       {"netsh", scan_command},      {"nltest", scan_command},
    {"pipe", scan_pipe},         {"powershell", scan_command}, {"psexec", scan_command},
    {"pwsh", scan_command},      {"python", scan_command},     {"reg", scan_command},
    {"regsvr32", scan_command},  {"rule", scan_rule},          {"rundll32", scan_command},
    {"sc", scan_command},        {"schtasks", scan_command},   {"service", scan_service},
    {"task", scan_task},         {"title", scan_title},        {"user-agent", scan_user_agent},
    {"vssadmin", scan_command},  {"wevtutil", scan_command},   {"wget", scan_command},
    {"wmic", scan_command},      {"wscript", scan_command},
};
static_assert(std::ranges::is_sorted(k_keywords, {}, &Keyword::word));

constexpr std::size_t k_longest_keyword = 10;
static_assert(std::ranges::all_of(k_keywords,
                                  [](const Keyword& k) { return k.word.size() <= k_longest_keyword; }));

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
    if (word.size() > k_longest_keyword) word = without_exe(word);
    const auto letter = static_cast<unsigned char>(ascii_lower(word[0]) - 'a');
    if (letter >= k_outlines.size() || word.size() < 2 || word.size() > k_longest_keyword) return false;
    const auto& [sizes, seconds] = k_outlines[letter];
    return (seconds >> (static_cast<unsigned>(word[1]) & 31U) & 1U) != 0 &&
           ((sizes >> word.size() & 1U) != 0 || (word.size() > 5 && word[word.size() - 4] == '.'));
}

std::size_t scan_keyword(Scan& scan, const Run& run) {
    const auto word = without_exe(run.of(scan.text));
    std::array<char, k_longest_keyword> letters{};
    if (word.size() > letters.size()) return 0;
    std::ranges::transform(word, letters.begin(), [](char c) { return ascii_lower(c); });
    const std::string_view lower(letters.data(), word.size());
    const auto* found = std::ranges::lower_bound(k_keywords, lower, {}, &Keyword::word);
    return found == std::end(k_keywords) || found->word != lower ? 0 : found->scan(scan, run);
}
}
