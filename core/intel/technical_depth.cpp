#include "core/intel/technical_depth.hpp"

#include <algorithm>
#include <array>
#include <re2/re2.h>
#include <re2/stringpiece.h>
#include <string_view>

namespace cti::intel {
namespace {
constexpr int k_max_pattern_points = 20, k_max_term_points = 15, k_max_points = 30;

struct Counted {
    RE2 pattern;
    int points;
};

int count_points(const std::string& text, const Counted& counted) {
    re2::StringPiece rest(text);
    int points = 0;
    while (points < k_max_pattern_points && RE2::FindAndConsume(&rest, counted.pattern))
        points += counted.points;
    return std::min(points, k_max_pattern_points);
}

// The patterns overlap (a SHA-256 is also 32 digits): each counts for itself.
int count_patterns(const std::string& text) {
    static const std::array<Counted, 10> k_patterns{{
        {RE2(R"(cve-\d{4}-\d+)"), 5},
        {RE2("0x[0-9a-f]+"), 3},
        {RE2(R"(\\[a-z0-9_]+\\)"), 2},
        {RE2(R"([a-z]:\\[\\\pL\pN_\s]+)"), 2},
        {RE2(R"(powershell|cmd\.exe|cmd)"), 3},
        {RE2(R"(\.exe|\.dll|\.sys)"), 2},
        {RE2(R"(https?://\S+)"), 1},
        {RE2(R"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})"), 2},
        {RE2("[a-f0-9]{32,}"), 3},
        {RE2("[a-f0-9]{64,}"), 4},
    }};
    int points = 0;
    for (const auto& counted : k_patterns) points += points < k_max_points ? count_points(text, counted) : 0;
    return points;
}

int count_terms(std::string_view text) {
    static constexpr std::string_view k_terms[] = {"malware",
                                                   "ransomware",
                                                   "trojan",
                                                   "backdoor",
                                                   "rootkit",
                                                   "exploit",
                                                   "vulnerability",
                                                   "payload",
                                                   "shellcode",
                                                   "injection",
                                                   "persistence",
                                                   "lateral movement",
                                                   "privilege escalation",
                                                   "command and control",
                                                   "c2",
                                                   "beacon",
                                                   "dropper",
                                                   "loader"};
    const auto found =
        std::ranges::count_if(k_terms, [&](std::string_view term) { return text.find(term) != text.npos; });
    return std::min(2 * static_cast<int>(found), k_max_term_points);
}
}

double technical_depth(const std::string& text) {
    static const RE2 k_code(R"(```|`.*`|\[.*\]|\(.*\))");
    int points = count_patterns(text);
    if (points < k_max_points && RE2::PartialMatch(text, k_code)) points += 5;
    if (points < k_max_points) points += count_terms(text);
    return std::min(points, k_max_points);
}
}
