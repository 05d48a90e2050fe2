#include "core/page/hints.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace cti::page {
namespace {
struct Word {
    std::string_view word;
    Hints hints;
};
constexpr Word k_words[] = {
    {"ad", h_boilerplate},
    {"ads", h_boilerplate},
    {"advert", h_boilerplate},
    {"advertisement", h_boilerplate},
    {"advertising", h_boilerplate},
    {"adwrapper", h_boilerplate},
    {"author", h_byline},
    {"authors", h_byline},
    {"autor", h_byline},
    {"banner", h_weak},
    {"bio", h_weak},
    {"bookmark", h_weak},
    {"breadcrumb", h_boilerplate},
    {"breadcrumbs", h_boilerplate},
    {"button", h_weak},
    {"buttons", h_weak},
    {"byline", h_byline},
    {"caption", h_caption},
    {"captions", h_caption},
    {"carousel", h_weak},
    {"cc", 0},
    {"comment", h_comments},
    {"commentary", 0},
    {"commentlist", h_comments},
    {"comments", h_comments},
    {"consent", h_boilerplate},
    {"contentinfo", h_boilerplate},
    {"cookie", h_boilerplate},
    {"cookies", h_boilerplate},
    {"copyright", h_weak},
    {"credit", h_weak},
    {"credits", h_weak},
    {"cta", h_boilerplate},
    {"date", h_date},
    {"dateline", h_date},
    {"datetime", h_date},
    {"deck", h_lead},
    {"dek", h_lead},
    {"disclaimer", h_weak},
    {"disqus", h_comments},
    {"donate", h_boilerplate},
    {"flyout", h_boilerplate},
    {"footer", h_weak},
    {"footnav", h_boilerplate},
    {"gdpr", h_boilerplate},
    {"headline", h_title},
    {"hidden", h_weak},
    {"intro", h_lead},
    {"jetpack", 0},
    {"kommentare", h_comments},
    {"lead", h_lead},
    {"legal", h_weak},
    {"login", h_boilerplate},
    {"mailchimp", h_boilerplate},
    {"masthead", h_weak},
    {"menu", h_boilerplate},
    {"meta", h_weak},
    {"metadata", h_weak},
    {"modal", h_boilerplate},
    {"nav", h_boilerplate},
    {"navbar", h_boilerplate},
    {"navi", h_boilerplate},
    {"navigation", h_boilerplate},
    {"newsletter", h_boilerplate},
    {"newsletters", h_boilerplate},
    {"optin", h_boilerplate},
    {"outbrain", h_boilerplate | h_others},
    {"overlay", h_weak},
    {"pager", h_boilerplate},
    {"pagination", h_boilerplate},
    {"paywall", h_weak},
    {"popular", h_boilerplate | h_others},
    {"popup", h_boilerplate},
    {"postmeta", h_weak},
    {"postmetadata", h_weak},
    {"print", h_weak},
    {"printfriendly", h_weak},
    {"promo", h_boilerplate},
    {"promoted", h_boilerplate},
    {"promotion", h_boilerplate},
    {"pubdate", h_date},
    {"published", h_date},
    {"rating", h_weak},
    {"ratings", h_weak},
    {"reactions", h_boilerplate},
    {"readmore", h_weak},
    {"recirc", h_boilerplate | h_others},
    {"recirculation", h_boilerplate | h_others},
    {"recommend", h_boilerplate | h_others},
    {"recommendation", h_boilerplate | h_others},
    {"recommendations", h_boilerplate | h_others},
    {"recommended", h_boilerplate | h_others},
    {"register", h_weak},
    {"related", h_boilerplate | h_others},
    {"relatedposts", h_boilerplate | h_others},
    {"replies", h_comments},
    {"reply", h_comments},
    {"respond", h_comments},
    {"rss", h_weak},
    {"search", h_weak},
    {"sharedaddy", h_boilerplate},
    {"share", h_boilerplate},
    {"sharebar", h_boilerplate},
    {"sharing", h_boilerplate},
    {"shareit", h_boilerplate},
    {"sidebar", h_boilerplate},
    {"sidenav", h_boilerplate},
    {"signup", h_boilerplate},
    {"sitemap", h_weak},
    {"skip", h_boilerplate},
    {"skyscraper", h_boilerplate},
    {"slideshow", h_weak},
    {"social", h_boilerplate},
    {"socials", h_boilerplate},
    {"sponsor", h_boilerplate},
    {"sponsored", h_boilerplate},
    {"standfirst", h_lead},
    {"subhead", h_lead},
    {"subheadline", h_lead},
    {"subnav", h_boilerplate},
    {"subscribe", h_boilerplate},
    {"subscription", h_boilerplate},
    {"subscriptions", h_boilerplate},
    {"taboola", h_boilerplate | h_others},
    {"tags", h_weak},
    {"tag", h_weak},
    {"tease", h_weak},
    {"teaser", h_weak},
    {"teasers", h_boilerplate | h_others},
    {"timestamp", h_date},
    {"title", h_title},
    {"toolbar", h_boilerplate},
    {"tools", h_weak},
    {"tooltip", h_weak},
    {"topics", h_weak},
    {"trending", h_boilerplate | h_others},
    {"widget", h_weak},
    {"widgets", h_weak},
};

constexpr std::size_t k_max_word_bytes = 16;

Hints hints_of_word(std::string_view word) {
    if (word.size() < 2 || word.size() > k_max_word_bytes) return 0;
    static const auto sorted = [] {
        std::vector<Word> words(std::begin(k_words), std::end(k_words));
        std::ranges::sort(words, {}, &Word::word);
        return words;
    }();
    const auto it = std::ranges::lower_bound(sorted, word, {}, &Word::word);
    return it != sorted.end() && it->word == word ? it->hints : 0;
}

// "post-content", "articleBody", "entry_content__text": two words that mean the text only when they stand
// together.
Hints hints_of_pair(std::string_view first, std::string_view second) {
    static constexpr std::string_view whose[] = {"article", "artikel", "blog",   "entry",
                                                 "news",    "post",    "single", "story"};
    static constexpr std::string_view what[] = {"body", "content", "copy", "text"};
    if (std::ranges::find(whose, first) != std::end(whose) &&
        std::ranges::find(what, second) != std::end(what))
        return h_body;
    if ((first == "body" || first == "main") && (second == "copy" || second == "text" || second == "content"))
        return h_article;
    if (first == "screen" && second == "reader") return h_hidden;
    if (first == "sr" && second == "only") return h_hidden;
    if (first == "visually" && second == "hidden") return h_hidden;
    if (first == "no" && second == "comments") return h_comments;
    if (first == "rich" && second == "text") return h_article;
    return 0;
}

Hints hints_of_joined(std::string_view word) {
    static constexpr std::string_view bodies[] = {
        "articlebody", "articlecontent", "articletext",  "bodycopy", "bodytext", "entrycontent",
        "maincontent", "newsbody",       "newscontent",  "newstext", "postbody", "postcontent",
        "posttext",    "storybody",      "storycontent", "storytext"};
    return std::ranges::find(bodies, word) != std::end(bodies) ? h_body : 0;
}

// Words end at what is no letter or digit, and where a capital follows a small letter.
Hints hints_of_names(std::string_view names) {
    Hints found = 0;
    std::array<char, 32> word{};
    std::size_t size = 0;
    std::array<char, 32> previous{};
    std::size_t previous_size = 0;
    bool after_lower = false;
    const auto finish = [&] {
        if (size == 0) return;
        const std::string_view now(word.data(), size), before(previous.data(), previous_size);
        found |= hints_of_word(now) | hints_of_joined(now);
        if (previous_size > 0) found |= hints_of_pair(before, now);
        previous = word;
        previous_size = size;
        size = 0;
    };
    for (const char c : names.substr(0, 512)) {
        const bool is_upper = c >= 'A' && c <= 'Z';
        if (!is_ascii_alpha(c) && !is_ascii_digit(c)) {
            finish();
            if (is_ascii_space(c)) previous_size = 0;
            after_lower = false;
            continue;
        }
        if (is_upper && after_lower) finish();
        if (size < word.size()) word[size++] = ascii_lower(c);
        after_lower = !is_upper;
    }
    finish();
    return found;
}

Hints hints_of_role(std::string_view role) {
    static constexpr std::string_view chrome[] = {
        "alert",   "alertdialog", "banner", "complementary", "contentinfo", "dialog", "menu",
        "menubar", "navigation",  "search", "toolbar",       "tablist",     "button"};
    if (std::ranges::find(chrome, role) != std::end(chrome)) return h_chrome;
    return role == "main" || role == "article" ? h_article : 0;
}

bool is_hiding(std::string_view style) {
    const auto has = [&](std::string_view property, std::string_view value) {
        for (auto at = style.find(property); at != style.npos; at = style.find(property, at + 1)) {
            auto rest = style.substr(at + property.size());
            while (!rest.empty() && (is_ascii_space(rest[0]) || rest[0] == ':')) rest.remove_prefix(1);
            if (istarts_with(rest, value)) return true;
        }
        return false;
    };
    return has("display", "none") || has("visibility", "hidden");
}

Hints hints_of_element(Element element) {
    switch (element) {
    case Element::e_nav:
    case Element::e_footer:
    case Element::e_aside:
    case Element::e_button:
    case Element::e_dialog:
    case Element::e_menu:
    case Element::e_label:
    case Element::e_legend: return h_chrome;
    case Element::e_article:
    case Element::e_main: return h_article;
    case Element::e_figcaption: return h_caption;
    default: return 0;
    }
}
}

Hints hints_of(const Document& document, NodeId id) {
    Hints found = hints_of_element(document.element(id));
    if (document.element(id) == Element::other && document.tag_name(id) == "byline") found |= h_byline;
    for (std::size_t i = 0; i < document.attribute_count(id); ++i) {
        const auto [name, value] = document.attribute(id, i);
        if (name == "class" || name == "id") {
            found |= hints_of_names(value);
        } else if (name == "role") {
            found |= hints_of_role(value);
        } else if (name == "itemprop") {
            if (value == "articleBody" || value == "reviewBody" || value == "blogPost") found |= h_body;
            if (value == "comment") found |= h_comments;
        } else if (name == "hidden") {
            found |= h_hidden;
        } else if (name == "aria-hidden") {
            if (value == "true") found |= h_hidden;
        } else if (name == "style") {
            if (is_hiding(value)) found |= h_hidden;
        }
    }
    return found;
}
}
