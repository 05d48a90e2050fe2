#include "cli/term/article_list.hpp"

#include "cli/term/output.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::cli {
namespace {

constexpr std::size_t k_one_line = 100; // cells from which on one line shows enough of a title

// "3 h" for "3 h ago".
std::string age_of(const StoredArticle& article, Time now) {
    constexpr std::string_view end = " ago";
    auto age = format_relative(article.published_at, now);
    if (age.ends_with(end)) age.resize(age.size() - end.size());
    return age;
}

// "12 domain, 7 sha256 +9": as many types as `room` has, then how many indicators are left.
std::string counts_text(const std::vector<store::TypeCount>& counts, std::size_t room) {
    long left = 0;
    for (const auto& count : counts) left += count.indicators;
    const auto rest = [](long indicators) {
        return indicators > 0 ? fmt::format(" +{}", indicators) : std::string();
    };
    std::string out;
    for (const auto& [type, indicators] : counts) {
        const auto longer =
            fmt::format("{}{}{} {}", out, out.empty() ? "" : ", ", indicators, printable(type.name()));
        if (display_width(longer + rest(left - indicators)) > room) break;
        out = longer, left -= indicators;
    }
    if (out.empty() && left > 0) return fmt::format("{} in all", left);
    return out + rest(left);
}

std::string styled(const ListStyle& style, const char* code, std::string_view text) {
    return style.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

// What is unread stands out.
std::string title_in(const ListStyle& style, const ops::ListedArticle& listed, std::string_view text) {
    return listed.read_at ? std::string(text) : styled(style, "1", text);
}

std::string one_line_each(const std::vector<ops::ListedArticle>& articles, const ListStyle& style) {
    Table table({"ID", "AGE", "SCORE", "SOURCE", "TITLE", "INDICATORS"});
    for (const auto& [article, indicators, read_at] : articles)
        table.add({std::to_string(article.id), age_of(article, style.now), score_text(article),
                   article.source, article.title, counts_text(indicators, style.width / 5)});
    if (!style.color) return table.aligned(style.width, false);
    std::string out;
    const auto text = table.aligned(style.width, true);
    const auto lines = split(trim(text), '\n');
    for (std::size_t i = 0; i < lines.size(); ++i)
        out += (i > 0 ? title_in(style, articles[i - 1], lines[i]) : std::string(lines[i])) + '\n';
    return out;
}

// The title behind the id, and below it where it comes from and what is in it.
std::string two_lines_each(const std::vector<ops::ListedArticle>& articles, const ListStyle& style) {
    std::size_t widest = 0;
    for (const auto& listed : articles) widest = std::max(widest, std::to_string(listed.article.id).size());
    const auto room = style.width > widest + 2 ? style.width - widest - 2 : style.width;
    std::string out;
    for (const auto& listed : articles) {
        const auto& [article, indicators, read_at] = listed;
        auto about = fmt::format("{}  score {}  {}", age_of(article, style.now), score_text(article),
                                 printable(article.source));
        if (const auto used = display_width(about) + 2; !indicators.empty() && used + 8 < room)
            about += "  " + counts_text(indicators, room - used);
        out += fmt::format("{:>{}}  {}\n{}  {}\n", article.id, widest,
                           title_in(style, listed, cut_to_width(printable(article.title), room)),
                           std::string(widest, ' '), styled(style, "2", cut_to_width(about, room)));
    }
    return out;
}
}

std::string score_text(const StoredArticle& article) {
    return article.threat_hunting_score ? fmt::format("{:.1f}", *article.threat_hunting_score) : "-";
}

void write_members(JsonWriter& json, const StoredArticle& article) {
    json.member("id", article.id).member("source_id", article.source_id);
    json.member_or_null("source", article.source);
    json.member("title", article.title).member("url", article.url);
    json.member("published_at", format_rfc3339(article.published_at));
    json.member("threat_hunting_score", article.threat_hunting_score);
}

std::string article_list(const std::vector<ops::ListedArticle>& articles, const ListStyle& style) {
    return style.width >= k_one_line ? one_line_each(articles, style) : two_lines_each(articles, style);
}

std::string article_row_titles() { return "ID\tPUBLISHED\tSCORE\tSOURCE\tTITLE\tURL\tINDICATORS\tREAD\n"; }

std::string article_row(const ops::ListedArticle& listed) {
    const auto& article = listed.article;
    std::vector<std::string> counts;
    for (const auto& [type, indicators] : listed.indicators)
        counts.push_back(fmt::format("{}={}", printable(type.name()), indicators));
    return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", article.id, format_rfc3339(article.published_at),
                       score_text(article), printable(article.source), printable(article.title),
                       printable(article.url), join(counts, ","),
                       format_rfc3339(listed.read_at).value_or("-"));
}
}
