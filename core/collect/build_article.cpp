#include "core/collect/build_article.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/intel/fingerprint.hpp"
#include "core/page/html_text.hpp"

#include <algorithm>

namespace cti::collect {
namespace {
using namespace std::chrono_literals;

bool is_http(std::string_view url) { return istarts_with(url, "http://") || istarts_with(url, "https://"); }

// 1970 is what broken feeds write for "unknown"; the web service leaves it out too.
bool is_plausible(Time time, Time now) { return time >= Time{std::chrono::sys_days{std::chrono::year{1971} / 1 / 1}} && time <= now + 48h; }

struct Dated {
    Time time;
    const char* source;
};
Dated choose_date(const feed::Entry& entry, Time now) {
    if (entry.published && is_plausible(*entry.published, now)) return {*entry.published, "published"};
    if (entry.updated && is_plausible(*entry.updated, now)) return {*entry.updated, "updated"};
    return {now, "collected"};
}

std::string title_from(std::string_view text) {
    const auto line = trim(text.substr(0, text.find('\n')));
    const auto head = head_code_points(line, 120);
    return fold_space(head) + (head.size() < line.size() ? "…" : "");
}

void add_unique(std::vector<std::string>& list, const std::string& value) {
    if (!value.empty() && std::ranges::find(list, value) == list.end()) list.push_back(value);
}

std::vector<std::string> author_names(const feed::Entry& entry) {
    std::vector<std::string> names;
    for (const auto& person : entry.authors) add_unique(names, person.name.empty() ? person.email : person.name);
    return names;
}

std::size_t count_code_points(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string metadata(const feed::Entry& entry, const Article& article, const char* date_source, bool from_summary) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.key("feed_entry").begin_object().member("id", entry.id).member("link", entry.link);
    json.member("published", entry.published_raw);
    json.key("updated").value(format_rfc3339(entry.updated)).end_object();
    json.member("extraction_method", "rss").member("content_source", from_summary ? "feed_summary" : "feed_content");
    json.member("date_source", date_source).member("word_count", article.word_count);
    json.member("content_length", count_code_points(article.content)).member("reading_time_minutes", std::max(1, article.word_count / 200));
    json.member("collector", "cti/" + version()).end_object();
    return out;
}
}

std::string article_url(const feed::Entry& entry) {
    if (is_http(entry.link)) return entry.link;
    return is_http(entry.id) ? entry.id : std::string();
}

Built build_article(const feed::Entry& entry, Time now) {
    Article article;
    article.url = article_url(entry);
    if (article.url.empty()) return {std::nullopt, "no_address"};
    const auto summary = page::html_to_text(entry.summary);
    article.content = page::html_to_text(entry.content);
    const bool from_summary = article.content.empty();
    if (from_summary) article.content = summary;
    if (article.content.empty()) return {std::nullopt, "no_text"};
    article.title = entry.title.empty() ? title_from(article.content) : entry.title;
    if (!summary.empty()) article.summary = summary;
    const auto [published, date_source] = choose_date(entry, now);
    article.published_at = published;
    if (entry.updated && *entry.updated != published && is_plausible(*entry.updated, now)) article.modified_at = entry.updated;
    article.authors = author_names(entry);
    for (const auto& tag : entry.tags) add_unique(article.tags, tag);
    article.hashes = intel::content_hashes(article.title, article.content);
    article.simhash = intel::simhash(article.title, article.content);
    article.word_count = intel::count_words(article.content);
    article.metadata_json = metadata(entry, article, date_source, from_summary);
    return {std::move(article), {}};
}
}
