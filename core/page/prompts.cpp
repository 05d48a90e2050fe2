#include "core/base/date/date_names.hpp"
#include "core/base/text.hpp"
#include "core/page/phrases.hpp"

#include <algorithm>
#include <array>
#include <vector>

// What sites ask of their readers, by kind and language: a line that begins so, and is no longer than prompts
// are, is no sentence of an article. English, German, French, Spanish, Italian, Portuguese, Polish, Dutch,
// Russian.
namespace cti::page {
namespace {
#include "core/page/prompts.inc"

constexpr std::size_t k_max_prompt = 160, k_max_prompt_label = 70,
                      k_max_credit = 90; // bytes: a sentence is longer, or may be

// Lower case, without the marks around it: "- Anzeige-", "(Photo: …)", "> Read also".
std::string bare(std::string_view line) {
    static constexpr std::string_view marks[] = {"–", "—", "»", "›", "→", "•", "▶", "►", "…", "«", "“", "”"};
    for (bool again = true; again && !line.empty();) {
        again = false;
        constexpr std::string_view signs = " -*|>()[]._:!\"\t";
        for (; !line.empty() && signs.find(line.front()) != signs.npos; again = true) line.remove_prefix(1);
        for (const auto mark : marks) {
            if (!line.starts_with(mark)) continue;
            line.remove_prefix(mark.size());
            again = true;
        }
    }
    auto lower = ascii_lower(trim(line));
    if (lower.size() > 1 && static_cast<unsigned char>(lower[0]) >= 0x80) // "À lire aussi", "Читайте также"
        lower.replace(0, 2, date_names::fold_word(std::string_view(lower).substr(0, 2)));
    return lower;
}

enum class Sort { see_also, ask, notice, label, credit };
struct Phrase {
    std::string_view start;
    Sort sort;
};
using Buckets = std::array<std::vector<Phrase>, 256>; // by the first byte: few of all phrases are compared

const Buckets& buckets() {
    static const auto all = [] {
        Buckets out;
        const auto add = [&](auto& phrases, Sort sort) {
            for (const std::string_view start : phrases)
                out[static_cast<unsigned char>(start[0])].push_back({start, sort});
        };
        add(k_see_also, Sort::see_also);
        add(k_asks, Sort::ask);
        add(k_notices, Sort::notice);
        add(k_labels, Sort::label);
        add(k_credits, Sort::credit);
        return out;
    }();
    return all;
}

// A label stands over the day or the shelf and little else: "Updated: March 12, 2026", "Kategorie:".
// "Category" alone is the head of a column.
bool is_label_rest(std::string_view words, std::string_view rest) {
    if (trim(rest).empty()) return words.find(' ') != words.npos;
    if (trim(rest) == ":") return true;
    return (rest[0] == ':' || rest[0] == ' ') && rest.size() < 45 &&
           std::ranges::count_if(rest, is_ascii_digit) >= 5;
}

bool fits(const Phrase& phrase, std::string_view line) {
    if (!line.starts_with(phrase.start)) return false;
    const auto rest = line.substr(phrase.start.size());
    switch (phrase.sort) {
    case Sort::see_also: {
        const auto sign = trim(rest);
        return sign.empty() || sign[0] == ':' || sign == "..." || sign == "…" || sign == ">" || sign == "»";
    }
    case Sort::label: return line.size() <= k_max_prompt_label && is_label_rest(phrase.start, rest);
    case Sort::credit: return line.size() <= k_max_credit;
    case Sort::ask:
    case Sort::notice: return true;
    }
    return false;
}
}

bool is_prompt(std::string_view text) {
    if (text.size() > k_max_prompt + 8) return false;
    const auto line = bare(text);
    if (line.empty() || line.size() > k_max_prompt) return false;
    return std::ranges::any_of(buckets()[static_cast<unsigned char>(line[0])],
                               [&](const Phrase& phrase) { return fits(phrase, line); });
}
}
