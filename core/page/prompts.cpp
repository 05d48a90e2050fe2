#include "core/base/date/date_names.hpp"
#include "core/base/text.hpp"
#include "core/page/phrases.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

// What sites ask of their readers, by kind and language: a line that begins so, and is no longer than prompts
// are, is no sentence of an article. English, German, French, Spanish, Italian, Portuguese, Dutch, Polish,
// Russian, Turkish, Arabic, Japanese, Chinese, Korean.
namespace cti::page {
namespace {
#include "core/page/prompts.inc"

constexpr std::size_t k_max_prompt = 160, k_max_prompt_label = 70,
                      k_max_credit = 90; // bytes: a sentence is longer, or may be

// Without the signs of ASCII and the marks beyond it that stand before the line.
std::string_view skip_signs(std::string_view line, std::string_view signs,
                            std::span<const std::string_view> marks) {
    for (bool again = true; again && !line.empty();) {
        again = false;
        for (; !line.empty() && signs.find(line.front()) != signs.npos; again = true) line.remove_prefix(1);
        if (line.empty() || static_cast<unsigned char>(line[0]) < 0x80) break;
        for (const auto mark : marks) {
            if (!line.starts_with(mark)) continue;
            line.remove_prefix(mark.size());
            again = true;
        }
    }
    return line;
}

// "¿", "「", "→": what stands before a line and is none of its words.
std::string_view without_leading_marks(std::string_view line) {
    static constexpr std::string_view marks[] = {
        "–",  "—",  "»",  "›", "→", "•", "▶", "►", "…", "«", "“", "”", "„", "¿", "¡", "「", "『", "【", "《",
        "〈", "（", "・", "※", "■", "□", "●", "○", "▼", "◆", "◇", "★", "☆", "☞", "➡", "👉",  "📢",  "🔔",  "✉"};
    return trim(skip_signs(line, " -*|>()[]._:!\"\t", marks));
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

// Lower case, without the marks around it: "- Anzeige-", "(Photo: …)", "> Read also", "À lire aussi".
std::string bare(std::string_view text) {
    const auto line = without_leading_marks(text);
    if (std::ranges::none_of(line, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
        return ascii_lower(line);
    std::string out(line);
    replace_all(out, "İ", "i"); // Turkish
    replace_all(out, "’", "'");
    replace_all(out, "＇", "'");
    return date_names::fold_word(out);
}

enum class Sort { see_also, ask, notice, label, credit };
struct Phrase {
    std::string_view pattern;
    Sort sort;
};
// Few of all phrases are compared with a line: those whose first bytes are its own.
constexpr std::size_t k_head = 6;
using Buckets = std::unordered_map<std::uint64_t, std::vector<Phrase>>;

std::uint64_t key_of(std::string_view head) {
    std::uint64_t key = head.size();
    for (const char c : head) key = key << 8U | static_cast<unsigned char>(c);
    return key;
}

// Nothing but signs is left.
bool is_at_end(std::string_view line) {
    static constexpr std::string_view marks[] = {"。", "！", "？", "؟", "…", "：", "」", "』",
                                                 "】", "》", "）", "»", "”", "→",  "›",  "٪"};
    return skip_signs(line, " .!?:>)]*|-\"'_", marks).empty();
}

// Of "a|b|", the last of them empty.
template <class Use>
bool any_word(std::string_view words, const Use& use) {
    for (;;) {
        const auto bar = words.find('|');
        if (use(words.substr(0, bar))) return true;
        if (bar == words.npos) return false;
        words.remove_prefix(bar + 1);
    }
}

// A phrase as the tables write it: "{a|b|}" is one of these words, "~" is a few words of any kind, "$" is the
// end of the line but for its full stop. `accept` judges what stands behind.
template <class Accept>
bool matches(std::string_view pattern, std::string_view line, const Accept& accept) {
    constexpr std::size_t k_max_gap = 48; // bytes
    for (; !pattern.empty(); pattern.remove_prefix(1), line.remove_prefix(1)) {
        if (pattern[0] == '$') return is_at_end(line);
        if (pattern[0] == '~') {
            for (std::size_t gap = 0; gap <= std::min(k_max_gap, line.size()); ++gap)
                if (matches(pattern.substr(1), line.substr(gap), accept)) return true;
            return false;
        }
        if (pattern[0] == '{') {
            const auto close = pattern.find('}');
            return any_word(pattern.substr(1, close - 1), [&](std::string_view word) {
                if (word.ends_with('$')) {
                    word.remove_suffix(1);
                    return line.starts_with(word) && is_at_end(line.substr(word.size()));
                }
                return line.starts_with(word) &&
                       matches(pattern.substr(close + 1), line.substr(word.size()), accept);
            });
        }
        if (line.empty() || line[0] != pattern[0]) return false;
    }
    return accept(line);
}

// Under each head of k_head bytes that the phrase may begin with; a shorter one where the phrase ends before.
void add_phrase(Buckets& out, std::string head, std::string_view rest, const Phrase& phrase) {
    while (!rest.empty() && head.size() < k_head && rest[0] != '$' && rest[0] != '~') {
        if (rest[0] == '{') {
            const auto close = rest.find('}');
            any_word(rest.substr(1, close - 1), [&](std::string_view word) {
                const bool ends = word.ends_with('$');
                if (ends) word.remove_suffix(1);
                add_phrase(out, head + std::string(word), ends ? "" : rest.substr(close + 1), phrase);
                return false;
            });
            return;
        }
        head += rest[0];
        rest.remove_prefix(1);
    }
    auto& bucket = out[key_of(head.substr(0, k_head))];
    if (bucket.empty() || bucket.back().pattern != phrase.pattern) bucket.push_back(phrase);
}

const Buckets& buckets() {
    static const auto all = [] {
        Buckets out;
        const auto add = [&](auto& phrases, Sort sort) {
            for (const std::string_view pattern : phrases) add_phrase(out, {}, pattern, {pattern, sort});
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

// Another page's name follows behind a colon or a dash, or is a line of its own.
bool is_before_name(std::string_view rest) {
    static constexpr std::string_view signs[] = {":", "：", "…", "»", "→", "｜", "「", "『", "《", "【", "؛"};
    const auto sign = trim(rest);
    if (sign.empty() || sign == "..." || sign == ">" || sign == "。") return true;
    const bool is_dash = sign[0] == '|' || sign.starts_with("– ") || sign.starts_with("- ");
    return (rest[0] == ' ' && is_dash) ||
           std::ranges::any_of(signs, [&](std::string_view one) { return sign.starts_with(one); });
}

bool fits(const Phrase& phrase, std::string_view line) {
    return matches(phrase.pattern, line, [&](std::string_view rest) {
        switch (phrase.sort) {
        case Sort::see_also: return is_before_name(rest);
        case Sort::label: return line.size() <= k_max_prompt_label && is_label_rest(phrase.pattern, rest);
        case Sort::credit: return line.size() <= k_max_credit;
        case Sort::ask:
        case Sort::notice: return true;
        }
        return false;
    });
}
}

bool is_prompt(std::string_view text) {
    if (text.size() > k_max_prompt + 8) return false;
    const auto line = bare(text);
    if (line.empty() || line.size() > k_max_prompt) return false;
    for (std::size_t size = 1; size <= std::min(k_head, line.size()); ++size) {
        const auto bucket = buckets().find(key_of(std::string_view(line).substr(0, size)));
        if (bucket != buckets().end() &&
            std::ranges::any_of(bucket->second, [&](const Phrase& phrase) { return fits(phrase, line); }))
            return true;
    }
    return false;
}

bool is_author_heading(std::string_view text) {
    constexpr std::size_t k_max_heading = 60; // bytes
    if (text.empty() || text.size() > k_max_heading) return false;
    const auto line = bare(text);
    return std::ranges::any_of(k_about_author, [&](std::string_view pattern) {
        return matches(pattern, line, [](std::string_view) { return true; });
    });
}
}
