#include "core/page/completeness.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <set>

namespace cti::page {
namespace {
constexpr std::size_t k_max_words = 400; // of the feed's text: its beginning says what it is about

bool is_word_byte(char c) {
    return is_ascii_alpha(c) || is_ascii_digit(c) || static_cast<unsigned char>(c) >= 0x80;
}

std::set<std::string> words_of(std::string_view text, std::size_t limit) {
    std::set<std::string> words;
    std::string word;
    for (std::size_t i = 0; i <= text.size() && words.size() < limit; ++i) {
        if (i < text.size() && is_word_byte(text[i])) {
            word += ascii_lower(text[i]);
        } else {
            if (word.size() > 3) words.insert(word);
            word.clear();
        }
    }
    return words;
}

// How much of the feed's words stand in the page's text; 1 where the feed has too few to tell.
double shared_words(std::string_view feed_text, std::string_view page_text) {
    constexpr std::size_t k_enough = 5;
    const auto wanted = words_of(feed_text, k_max_words);
    if (wanted.size() < k_enough) return 1;
    const auto have = words_of(page_text, 100'000);
    const auto shared =
        std::ranges::count_if(wanted, [&](const std::string& word) { return have.contains(word); });
    return static_cast<double>(shared) / static_cast<double>(wanted.size());
}

// "…", "[...]", "Read more", "The post X appeared first on Y."
bool ends_as_teaser(std::string_view text) {
    text = trim(text);
    auto tail = ascii_lower(text.substr(text.size() - std::min<std::size_t>(text.size(), 200)));
    while (!tail.empty() && (tail.back() == '.' || tail.back() == ' ' || tail.back() == ']' ||
                             tail.back() == ')' || tail.back() == '>')) {
        if (tail.ends_with("...")) return true;
        tail.pop_back();
    }
    static constexpr std::string_view ends[] = {
        "\u2026",        "read more",   "continue reading", "weiterlesen", "mehr lesen", "leer m\u00E1s",
        "lire la suite", "leggi tutto", "[&hellip;",        "\u00BB",      "\u2192"};
    return std::ranges::any_of(ends, [&](std::string_view end) { return tail.ends_with(end); });
}
}

bool is_whole(std::string_view feed_text, const TextChoiceOptions& options) {
    if (options.feed_only) return true;
    return count_code_points(feed_text) >= options.min_characters && !ends_as_teaser(feed_text);
}

TextChoice choose_text(std::string_view feed_text, std::string_view page_text,
                       const TextChoiceOptions& options) {
    const auto feed_size = count_code_points(feed_text), page_size = count_code_points(page_text);
    const auto longer = static_cast<double>(std::max<std::size_t>({feed_size, page_size, 1}));
    const auto keep_feed = [&](double known, const char* reason) {
        return TextChoice{TextSource::feed, known, reason};
    };
    if (options.feed_only) return keep_feed(1, "the source wants the feed's text only");
    if (page_size == 0) return keep_feed(is_whole(feed_text, options) ? 1 : 0, "the page has no text");
    if (page_size <= feed_size) return keep_feed(1, "the feed's text is the fuller one");
    // Half of the words: a summary is often told in other words than the text, another article shares hardly
    // any.
    if (shared_words(feed_text, page_text) < 0.5)
        return keep_feed(static_cast<double>(feed_size) / longer, "the page is about something else");
    return {TextSource::page, 1, "the page's text is the fuller one"};
}
}
