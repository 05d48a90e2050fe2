#include "core/page/phrases.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <vector>

namespace cti::page {
namespace {
// Lower case, ASCII folded; matched against the folded line.
constexpr std::string_view k_lines[] = {
    "advertisement",
    "advertisement:",
    "advert",
    "anzeige",
    "werbung",
    "publicidad",
    "publicité",
    "pubblicità",
    "reklama",
    "sponsored",
    "share",
    "share this",
    "share this article",
    "share this story",
    "share this post",
    "share on facebook",
    "share on twitter",
    "teilen",
    "compartir",
    "partager",
    "print",
    "email",
    "tweet",
    "pin it",
    "comments",
    "comment",
    "leave a comment",
    "leave a reply",
    "post a comment",
    "view comments",
    "add a comment",
    "read more",
    "read more:",
    "weiterlesen",
    "mehr lesen",
    "mehr zum thema",
    "leer más",
    "lire la suite",
    "continue reading",
    "continue reading the main story",
    "story continues below",
    "article continues below",
    "story continues below advertisement",
    "loading...",
    "loading",
    "loading…",
    "back to top",
    "nach oben",
    "scroll to top",
    "subscribe",
    "sign up",
    "log in",
    "sign in",
    "skip to content",
    "skip to main content",
    "table of contents",
    "related",
    "related articles",
    "related posts",
    "related stories",
    "related content",
    "you may also like",
    "you might also like",
    "recommended",
    "recommended for you",
    "recommended videos",
    "recommended stories",
    "trending",
    "trending now",
    "most read",
    "most popular",
    "popular posts",
    "latest news",
    "more from",
    "more stories",
    "don't miss",
    "up next",
    "top stories",
    "partner news",
    "breaking news",
    "latest stories",
    "latest articles",
    "latest posts",
    "recent posts",
    "recent articles",
    "recent stories",
    "more news",
    "more stories",
    "more articles",
    "related news",
    "related topics",
    "related links",
    "related reading",
    "related coverage",
    "further reading",
    "in other news",
    "editor's picks",
    "editors' picks",
    "editors' recommendations",
    "explore more",
    "keep reading",
    "you might like",
    "share your opinion",
    "share with friends",
    "follow us",
    "about us",
    "contact us",
    "our staff",
    "our team",
    "newsletter",
    "our newsletter",
    "join the conversation",
    "join the discussion",
    "more great",
    "sign up for our newsletter",
    "subscribe to our newsletter",
    "get in touch",
    "ähnliche artikel",
    "weitere artikel",
    "weitere themen",
    "mehr zum thema",
    "ähnliche beiträge",
    "verwandte artikel",
    "artículos relacionados",
    "noticias relacionadas",
    "articles liés",
    "sur le même sujet",
    "articoli correlati",
    "powiązane artykuły",
    "kommentare",
    "schlagwörter",
    "tags",
    "tags:",
    "categories",
    "kategorien",
    "filed under",
    "filed under:",
    "meist gelesen",
    "meistgelesen",
    "teilen:",
    "você pode gostar...",
    "leia também",
    "leia mais",
    "veja também",
    "artigos relacionados",
    "похожие статьи",
    "читайте также",
    "相关阅读",
    "相关新闻",
    "関連記事",
    "read next",
    "see also",
    "also read",
    "auch interessant",
    "das könnte sie auch interessieren",
    "das könnte dich auch interessieren",
    "lesen sie auch",
    "te puede interesar",
    "lea también",
    "à lire aussi",
    "leggi anche",
    "lees ook",
    "czytaj także",
    "czytaj też",
    "media playback is unsupported on your device",
    "you need to enable javascript",
    "previous",
    "next",
    "previous post",
    "next post",
    "previous article",
    "next article",
    "share your thoughts",
    "tell us what you think",
    "watch now",
    "permalink",
    "permalien",
};

constexpr std::string_view k_starts[] = {
    "read more:",
    "read also:",
    "also read:",
    "see also:",
    "related:",
    "read next:",
    "lesen sie auch:",
    "lesen sie auch",
    "lea también:",
    "lea más:",
    "lea:",
    "lee también:",
    "leer también:",
    "lire aussi",
    "à lire aussi",
    "leggi anche",
    "czytaj także",
    "czytaj też",
    "mehr dazu:",
    "mehr zum thema:",
    "auch interessant:",
    "advertisement ",
    "image copyright",
    "image caption",
    "media caption",
    "image source",
    "also on ",
    "follow us on",
    "like us on",
    "share this ",
    "sign up for ",
    "sign up to ",
    "subscribe to ",
    "click here to ",
    "join our ",
    "get the latest ",
    "this website uses cookies",
    "we use cookies",
    "image credit",
    "photo credit",
    "picture credit",
    "like this story?",
    "have a tip?",
    "got a tip",
    "enjoyed this article",
    "if you enjoyed ",
    "copyright ©",
    "© ",
    "all rights reserved",
    "recommended:",
    "don't miss:",
    "more:",
    "watch:",
    "photos:",
    "gallery:",
    "listen:",
};
}

std::string letters_of(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (is_ascii_alpha(c) || is_ascii_digit(c) || static_cast<unsigned char>(c) >= 0x80)
            out += ascii_lower(c);
    }
    return out;
}

namespace {
bool is_known_line(std::string_view lower) {
    static const auto sorted = [] {
        std::vector<std::string_view> lines(std::begin(k_lines), std::end(k_lines));
        std::ranges::sort(lines);
        return lines;
    }();
    constexpr std::size_t k_max_phrase_bytes = 60;
    return lower.size() <= k_max_phrase_bytes && std::ranges::binary_search(sorted, lower);
}
}

bool is_boilerplate_line(std::string_view line) {
    constexpr std::size_t k_max_line = 220;
    if (line.empty() || line.size() >= k_max_line) return false;
    const auto lower = ascii_lower(line);
    return is_known_line(lower) || std::ranges::any_of(k_starts, [&](std::string_view start) {
               return start[0] == lower[0] && lower.starts_with(start);
           });
}

bool is_boilerplate_heading(std::string_view heading) {
    auto lower = ascii_lower(heading);
    while (!lower.empty() && (lower.back() == ':' || lower.back() == ' ')) lower.pop_back();
    return is_known_line(lower);
}

bool announces_links(std::string_view heading) {
    static constexpr std::string_view starts[] = {
        "more ",   "related",  "recommended", "you may ",  "you might ", "read ",    "latest ",
        "recent ", "popular ", "trending",    "most ",     "also ",      "explore ", "top ",
        "see ",    "further ", "keep ",       "continue ", "discover ",  "what to ", "our ",
        "weitere", "mehr ",    "das könnte",  "auch ",     "ähnliche",   "más ",     "te puede",
        "plus ",   "à lire",   "voir ",       "altri ",    "leggi"};
    if (heading.empty() || heading.size() >= 80) return false;
    const auto lower = ascii_lower(heading);
    return std::ranges::any_of(
        starts, [&](std::string_view start) { return start[0] == lower[0] && lower.starts_with(start); });
}

bool is_closing_line(std::string_view line) {
    static constexpr std::string_view words[] = {"follow us",
                                                 "follow me",
                                                 "follow him",
                                                 "follow her",
                                                 "follow them",
                                                 "follow the ",
                                                 "on twitter",
                                                 "on facebook",
                                                 "on instagram",
                                                 "newsletter",
                                                 "subscribe",
                                                 "sign up",
                                                 "all rights reserved",
                                                 "originally published",
                                                 "originally appeared",
                                                 "click here",
                                                 "contact us",
                                                 "email us",
                                                 "reached at",
                                                 "reach out to",
                                                 "email him",
                                                 "email her",
                                                 "contact the author",
                                                 "privacy policy",
                                                 "terms of",
                                                 "affiliate",
                                                 "commission",
                                                 "join the conversation",
                                                 "share this",
                                                 "your inbox",
                                                 "download our",
                                                 "copyright",
                                                 "photo by",
                                                 "image credit",
                                                 "reporting by",
                                                 "editing by",
                                                 "letters to the editor",
                                                 "like what you",
                                                 "folgen sie uns",
                                                 "abonnieren",
                                                 "newsletter"};
    const auto lower = ascii_lower(line);
    // A question to the readers stands at the end of a last paragraph too.
    constexpr std::size_t k_max_question = 100;
    if (lower.size() < k_max_question && (lower.find("let us know") != std::string::npos ||
                                          lower.find("in the comments") != std::string::npos))
        return true;
    return lower.size() < 420 && std::ranges::any_of(words, [&](std::string_view word) {
               return lower.find(word) != std::string::npos;
           });
}
}
