#include "cli/term/article_list.hpp"
#include "cli/term/article_page.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

namespace cti::cli {
namespace {
using Lines = std::vector<exporter::LabelledText>;

// "2026-11-03 08:00 UTC"
std::string moment_text(Time time) {
    auto text = format_rfc3339(time);
    constexpr std::size_t seconds = 4; // ":00Z"
    if (const auto t = text.find('T'); t != text.npos) text[t] = ' ';
    return text.substr(0, text.size() - seconds) + " UTC";
}

void add(Lines& lines, const char* label, const std::string& text) {
    if (!text.empty()) lines.push_back({label, text});
}

std::string source_text(const StoredArticle& article) {
    if (article.source.empty()) return "a source that is gone";
    return article.source_name.empty() || article.source_name == article.source
               ? article.source
               : fmt::format("{} ({})", article.source, article.source_name);
}

// The methods are the web service's words.
std::string reason_of(const ops::WholeArticle& whole) {
    const auto& origin = whole.origin;
    if (origin.collector.empty()) return "the web service stored it";
    const bool is_feed = origin.method == "rss";
    auto text = fmt::format("{} {}", is_feed ? "a new entry of the feed" : "a new post that is linked on",
                            origin.feed_url.empty() ? "its source" : origin.feed_url);
    if (origin.first_seen) text += ", first seen " + moment_text(*origin.first_seen);
    return text;
}

std::string parts_text(const store::Origin& origin) {
    std::vector<std::string> parts;
    const auto add_part = [&](const char* name, const std::string& from) {
        if (!from.empty()) parts.push_back(fmt::format("{}: {}", name, from));
    };
    add_part("text", origin.text);
    add_part("title", origin.title);
    add_part("date", origin.date);
    add_part("authors", origin.authors);
    return join(parts, ", ");
}
}

Lines about_article(const StoredArticle& article, Time now) {
    Lines lines;
    add(lines, "article", fmt::format("{}, of {}", article.id, source_text(article)));
    add(lines, "published",
        fmt::format("{}, {}", moment_text(article.published_at), format_relative(article.published_at, now)));
    add(lines, "found", moment_text(article.discovered_at));
    add(lines, "authors", join(article.authors, ", "));
    add(lines, "tags", join(article.tags, ", "));
    add(lines, "address", article.url);
    if (article.threat_hunting_score) add(lines, "score", score_text(article));
    return lines;
}

Lines origin_of(const ops::WholeArticle& whole) {
    const auto& origin = whole.origin;
    Lines lines;
    add(lines, "why", reason_of(whole));
    add(lines, "entry", origin.entry_id);
    if (origin.entry_link != whole.article.url) add(lines, "link", origin.entry_link);
    add(lines, "taken from", parts_text(origin));
    add(lines, "collector", origin.collector);
    std::vector<std::string> steps;
    for (const auto& [step, version] : origin.derived) steps.push_back(fmt::format("{} {}", step, version));
    add(lines, "steps", join(steps, ", "));
    return lines;
}

std::vector<std::string> near_articles(const ops::WholeArticle& whole) {
    std::vector<std::string> lines;
    for (const auto& article : whole.near)
        lines.push_back(fmt::format("{}  {}  {}  {}", article.id,
                                    moment_text(article.published_at).substr(0, 10),
                                    article.source.empty() ? "-" : article.source, article.title));
    return lines;
}
}
