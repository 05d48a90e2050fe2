#include "core/intel/hunt_score.hpp"

#include "core/base/text.hpp"
#include "core/intel/article_text.hpp"
#include "core/intel/fingerprint.hpp"
#include "core/intel/python_text.hpp"
#include "core/intel/technical_depth.hpp"
#include "core/intel/web_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <initializer_list>

namespace cti::intel {
namespace {
bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

// Words that hold a part of a command or a path are found anywhere, others as whole words. "Event ID" and
// "command line" may be split by any white space there, which is why the text of 2025 comes folded.
Keyword keyword_2025(const std::string& word) {
    const auto lower = python_lower(word);
    if (is_one_of(word, {"[.]", "::", "==", "-->", "-accepteula", "c:\\windows\\", "D:\\", "<Command>",
                         "Event ID", "EventID", "lsass.exe", "powershell.exe", "command line"})) {
        return {lower, Edge::any, Edge::any};
    }
    return {lower, Edge::word_boundary, Edge::word_boundary};
}

// "cmd.exe" is found as "cmd" too; longer names only with their extension, since "services" is a word.
Keyword program_2026(const std::string& lower) {
    const auto base = lower.substr(0, lower.size() - 4);
    const bool is_short = head_code_points(base, 4).size() == head_code_points(base, 3).size();
    if (is_short && !base.empty()) return {base, Edge::word_boundary, Edge::no_alnum};
    const bool is_library = lower.ends_with(".dll");
    return {is_library ? base : lower, Edge::word_boundary, Edge::word_boundary};
}

// The order of the questions is the web service's.
Keyword keyword_2026(const std::string& word) {
    const auto lower = python_lower(word);
    if (is_one_of(lower, {"hunting", "detection", "monitor", "alert", "executable", "parent-child",
                          "defender query", "spawn"}) ||
        is_one_of(word, {"==", "!=", "<=", ">=", "::", "-->", "->", "//", "--", "\\", "|", "C:\\", "D:\\"})) {
        return {lower, Edge::any, Edge::any};
    }
    if (word.starts_with('-') || word.ends_with('-')) return {lower, Edge::no_letter, Edge::no_letter};
    if (word.starts_with('.')) return {lower, Edge::word, Edge::word_boundary};
    if (word.ends_with(".exe") || word.ends_with(".dll")) return program_2026(lower);
    return {lower, Edge::word_boundary, Edge::word_boundary};
}

// The service of 2025 puts each of these words unescaped into the replacement of a regular expression of
// Python, where "\R" or "\1" is an error: its page of the article then answers 500. They count in the score
// all the same. At the end of a word a backslash is none: the service sets a tag after it.
bool is_replaceable(std::string_view word) {
    const auto is_escape = [](char c) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    };
    for (std::size_t i = 0; i + 1 < word.size(); ++i)
        if (word[i] == '\\' && is_escape(word[i + 1])) return false;
    return true;
}
std::vector<std::string> replaceable(const std::vector<std::string>& words) {
    std::vector<std::string> some;
    std::ranges::copy_if(words, std::back_inserter(some), is_replaceable);
    return some;
}

// The lists that a generation counts, in one fixed order.
std::vector<const std::vector<std::string>*> lists_of(const Lexicon& lexicon, Generation generation) {
    if (generation == Generation::web_2025)
        return {&lexicon.perfect, &lexicon.good, &lexicon.lolbas, &lexicon.hunting_terms};
    return {&lexicon.perfect, &lexicon.good, &lexicon.lolbas, &lexicon.intelligence, &lexicon.negative};
}

std::vector<Keyword> keywords_of(const Lexicon& lexicon, Generation generation) {
    std::vector<Keyword> keywords;
    for (const auto* list : lists_of(lexicon, generation)) {
        for (const auto& word : *list) {
            keywords.push_back(generation == Generation::web_2025 ? keyword_2025(word) : keyword_2026(word));
        }
    }
    return keywords;
}

// As Python rounds: the exact binary value, halves to even.
double round_to(double value, int decimals) {
    char buffer[64];
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, decimals).ptr;
    std::from_chars(buffer, end, value);
    return value;
}

// Each further word adds half of what the one before added.
double geometric(std::size_t words, double most) {
    return most * (1.0 - std::pow(0.5, static_cast<double>(words)));
}
}

HuntScorer::HuntScorer(Lexicon lexicon, Generation generation)
    : m_generation(generation), m_lexicon(std::move(lexicon)), m_matcher(keywords_of(m_lexicon, generation)) {
}

HuntScore HuntScorer::score(ArticleText& text) const {
    if (text.content().empty()) return {};
    if (m_generation == Generation::web_2026)
        return score_2026(fmt::format("{} {}", text.lower_title(), text.lower_web_text()));
    return score_2025(
        fmt::format("{} {}", join_words(text.lower_title()), python_lower(web_text_2025(text.content()))));
}

HuntScore HuntScorer::score(std::string_view title, std::string_view content) const {
    ArticleText text(title, content);
    return score(text);
}

HuntScore HuntScorer::find_words(const std::string& text) const {
    HuntScore out;
    const auto found = m_matcher.find(text);
    std::vector<std::vector<std::string>*> targets{&out.perfect, &out.good, &out.lolbas};
    if (m_generation == Generation::web_2025) {
        targets.push_back(&out.hunting_terms);
    } else {
        targets.insert(targets.end(), {&out.intelligence, &out.negative});
    }
    std::size_t index = 0, list = 0;
    for (const auto* words : lists_of(m_lexicon, m_generation)) {
        for (const auto& word : *words) {
            if (found[index++]) targets[list]->push_back(word);
        }
        ++list;
    }
    return out;
}

HuntScore HuntScorer::score_2025(const std::string& text) const {
    auto out = find_words(text);
    const auto points = 15 * out.perfect.size() + 8 * out.good.size() + 12 * out.lolbas.size() +
                        10 * out.hunting_terms.size();
    const auto matches = out.perfect.size() + out.good.size() + out.lolbas.size() + out.hunting_terms.size();
    out.technical_depth = technical_depth(text);
    out.keyword_density = round_to(static_cast<double>(matches) / std::max(count_words(text), 1) * 1000, 2);
    out.score = round_to(std::min(static_cast<double>(points) + out.technical_depth, 100.0), 1);
    return out;
}

HuntScore HuntScorer::score_2026(const std::string& text) const {
    auto out = find_words(text);
    // In the web service's order of additions: the last bit may decide how a half is rounded.
    const double points = geometric(out.perfect.size(), 75) + geometric(out.good.size(), 5) +
                          geometric(out.lolbas.size(), 10) + geometric(out.intelligence.size(), 10);
    out.score = round_to(std::clamp(points - geometric(out.negative.size(), 15), 0.0, 99.9), 1);
    return out;
}

void HuntScorer::append_metadata(JsonWriter& json, const HuntScore& score) const {
    const bool is_2025 = m_generation == Generation::web_2025;
    json.member("threat_hunting_score", score.score);
    json.member("perfect_keyword_matches", is_2025 ? replaceable(score.perfect) : score.perfect);
    json.member("good_keyword_matches", is_2025 ? replaceable(score.good) : score.good);
    json.member("lolbas_matches", score.lolbas);
    if (is_2025) {
        json.member("threat_hunting_matches", score.hunting_terms)
            .member("keyword_density", score.keyword_density);
        json.member("technical_depth_score", score.technical_depth);
    } else {
        json.member("intelligence_matches", score.intelligence).member("negative_matches", score.negative);
    }
}
}
