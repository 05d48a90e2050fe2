#include "core/intel/families/keywords.hpp"

#include "core/intel/families/ids.hpp"

#include <algorithm>

// What a word announces, and the table of these words.
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
    {"mutex-name", scan_mutex},
    {"mutex_name", scan_mutex},
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
    if (is(word[0], k_high) || is(word.back(), k_high)) return is_mutex_elsewhere(word);
    if (word.size() > k_max_keyword_bytes) word = without_exe(word);
    const auto letter = static_cast<unsigned char>(ascii_lower(word[0]) - 'a');
    if (letter >= k_outlines.size() || word.size() < 2 || word.size() > k_max_keyword_bytes) return false;
    const auto& [sizes, seconds] = k_outlines[letter];
    return (seconds >> (static_cast<unsigned>(word[1]) & 31U) & 1U) != 0 &&
           ((sizes >> word.size() & 1U) != 0 || (word.size() > 5 && word[word.size() - 4] == '.'));
}

std::size_t scan_keyword(Scan& scan, const Run& run) {
    const auto word = without_exe(run.of(scan.text));
    if ((run.seen & k_high) != 0) return is_mutex_elsewhere(word) ? scan_mutex(scan, run) : 0;
    std::array<char, k_max_keyword_bytes> letters{};
    if (word.size() > letters.size()) return 0;
    std::ranges::transform(word, letters.begin(), [](char c) { return ascii_lower(c); });
    const std::string_view lower(letters.data(), word.size());
    const auto* found = std::ranges::lower_bound(k_keywords, lower, {}, &ListedKeyword::word);
    return found == std::end(k_keywords) || found->word != lower ? 0 : found->scan(scan, run);
}
}
