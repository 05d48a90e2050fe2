#include "core/analysis/sentence.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace cti::analysis {
namespace {

constexpr std::string_view k_connecting[] = {
    "a",     "an",    "the",   "of",   "in",    "on",   "to",    "by",   "for",    "and",
    "or",    "with",  "as",    "at",   "is",    "was",  "are",   "were", "be",     "been",
    "has",   "have",  "had",   "it",   "its",   "they", "their", "them", "that",   "this",
    "these", "those", "which", "who",  "whose", "from", "into",  "then", "when",   "where",
    "while", "using", "used",  "uses", "use",   "via",  "also",  "both", "through"};
constexpr std::string_view k_denying[] = {"not",    "no",      "never",  "none", "without", "neither", "nor",
                                          "cannot", "nothing", "nobody", "n\"t", "denied",  "denies"};

bool is_one_of_words(std::string_view word, const auto& words) {
    return std::ranges::find(words, word) != std::ranges::end(words);
}

// What parts words, and what may stand at their ends: a dot inside belongs to a name or a number.
std::vector<std::string> words_of(std::string_view folded) {
    constexpr std::string_view parting = " \n\t\"()[]{}<>,;:!?/|", at_end = ".-'";
    std::vector<std::string> words;
    for (std::size_t at = 0; at < folded.size();) {
        const auto end = std::min(folded.find_first_of(parting, at), folded.size());
        auto word = folded.substr(at, end - at);
        while (!word.empty() && at_end.find(word.front()) != at_end.npos) word.remove_prefix(1);
        while (!word.empty() && at_end.find(word.back()) != at_end.npos) word.remove_suffix(1);
        if (!word.empty()) words.push_back(ascii_lower(word));
        at = end + 1;
    }
    return words;
}

bool is_plain_word(std::string_view word) { return std::ranges::all_of(word, is_ascii_lower); }

// "exploited" and "exploits"; a name or a number has one form only.
bool is_form_of(std::string_view word, std::string_view other) {
    if (word == other) return true;
    if (!is_plain_word(word) || !is_plain_word(other)) return false;
    constexpr std::size_t least = 4, ending = 3;
    const auto shorter = std::min(word.size(), other.size()), longer = std::max(word.size(), other.size());
    const auto stem = std::max(least, shorter > ending ? shorter - ending + 1 : least);
    return shorter >= least && longer - shorter <= ending && word.substr(0, stem) == other.substr(0, stem);
}

bool is_denial(std::string_view folded, const std::vector<std::string>& words) {
    return folded.find("n\"t ") != folded.npos || std::ranges::any_of(words, [](const std::string& word) {
               return is_one_of_words(word, k_denying);
           });
}
}

bool rests_on(std::string_view sentence, std::string_view quoted) {
    const auto said = words_of(sentence), shown = words_of(quoted);
    if (said.empty() || (is_denial(quoted, shown) && !is_denial(sentence, said))) return false;
    return std::ranges::all_of(said, [&](const std::string& word) {
        return is_one_of_words(word, k_connecting) ||
               std::ranges::any_of(shown, [&](const std::string& other) { return is_form_of(word, other); });
    });
}
}
