#include "core/collect/build_article.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/intel/fingerprint.hpp"
#include "core/page/html/html_text.hpp"

#include <algorithm>

namespace cti::collect {
namespace {
using namespace std::chrono_literals;

bool is_http(std::string_view url) { return istarts_with(url, "http://") || istarts_with(url, "https://"); }

// 1970 is what broken feeds write for "unknown"; the web service leaves it out too.
bool is_plausible(Time time, Time now) {
    return time >= Time{std::chrono::sys_days{std::chrono::year{1971} / 1 / 1}} && time <= now + 48h;
}

std::string title_from(std::string_view text) {
    const auto line = trim(text.substr(0, text.find('\n')));
    const auto head = head_code_points(line, 120);
    return fold_space(head) + (head.size() < line.size() ? "…" : "");
}

void add_unique(std::vector<std::string>& list, const std::string& value) {
    if (!value.empty() && std::ranges::find(list, value) == list.end()) list.push_back(value);
}

std::string from_page(const std::string& where) { return "page:" + where; }

// Makes one article; each step fills its fields and says where they come from.
class Builder {
public:
    Builder(const feed::Entry& entry, Time now, const BuildOptions& options)
        : m_entry(entry), m_now(now), m_options(options) {}

    Built read_entry() {
        m_article.url = article_url(m_entry);
        if (m_article.url.empty()) return dropped(DropReason::no_address);
        read_texts();
        return complete();
    }

    Built read_page(const Built& built, const ReadPage& read) {
        m_page = &read.page;
        if (m_options.is_link && m_page->is_home_page) return dropped(DropReason::home_page);
        m_from = built.provenance;
        if (built.article)
            m_article = *built.article;
        else
            m_article.url = article_url(m_entry);
        if (m_options.is_link && !m_page->canonical_url.value.empty())
            m_article.url = m_page->canonical_url.value;
        choose_text(read.choice);
        return complete();
    }

private:
    Built dropped(DropReason reason) { return {std::nullopt, reason, std::move(m_from)}; }

    Built complete() {
        if (m_article.content.empty()) return dropped(DropReason::no_text);
        choose_title();
        choose_dates();
        choose_authors();
        for (const auto& tag : m_entry.tags) add_unique(m_article.tags, tag);
        m_article.word_count = intel::count_words(m_article.content);
        m_article.metadata_json = metadata();
        return {std::move(m_article), DropReason::none, std::move(m_from)};
    }

    void read_texts() {
        const auto summary = page::html_to_text(m_entry.summary);
        if (!summary.empty()) m_article.summary = summary;
        m_article.content = page::html_to_text(m_entry.content);
        m_from.text = m_article.content.empty() ? "feed_summary" : "feed_content";
        if (m_article.content.empty()) m_article.content = summary;
    }

    void choose_text(const page::TextChoiceOptions& options) {
        const auto choice = page::choose_text(m_article.content, m_page->text, options);
        m_from.completeness = choice.completeness, m_from.text_reason = choice.reason;
        if (choice.source != page::TextSource::page) return;
        m_article.content = m_page->text;
        m_from.text = from_page(m_page->method);
        if (!m_article.summary && !m_page->description.value.empty())
            m_article.summary = m_page->description.value;
    }

    void choose_title() {
        if (!m_entry.title.empty()) {
            m_article.title = m_entry.title, m_from.title = "feed";
        } else if (m_page != nullptr && !m_page->title.value.empty()) {
            m_article.title = m_page->title.value, m_from.title = from_page(m_page->title.source);
        } else {
            m_article.title = title_from(m_article.content), m_from.title = "text";
        }
    }

    bool use_date(const std::optional<Time>& time, std::string from) {
        if (!time || !is_plausible(*time, m_now)) return false;
        m_article.published_at = *time, m_from.date = std::move(from);
        return true;
    }

    void choose_dates() {
        const auto* const published = m_page != nullptr && m_page->published ? &*m_page->published : nullptr;
        const auto of_page = [&] {
            return published != nullptr && use_date(published->time, from_page(published->source));
        };
        // A sitemap's date is that of the last change.
        const bool found = use_date(m_entry.published, "published") || (m_options.is_link && of_page()) ||
                           use_date(m_entry.updated, "updated") || of_page();
        if (!found) m_article.published_at = m_now, m_from.date = "collected";
        m_article.modified_at.reset();
        auto modified = m_entry.updated;
        if (!modified && m_page != nullptr && m_page->modified) modified = m_page->modified->time;
        if (modified && *modified != m_article.published_at && is_plausible(*modified, m_now))
            m_article.modified_at = modified;
    }

    void choose_authors() {
        for (const auto& person : m_entry.authors)
            add_unique(m_article.authors, person.name.empty() ? person.email : person.name);
        if (!m_article.authors.empty()) {
            m_from.authors = "feed";
        } else if (m_page != nullptr && !m_page->authors.empty()) {
            m_article.authors = m_page->authors, m_from.authors = from_page(m_page->authors_source);
        }
    }

    std::string metadata() const {
        std::string out;
        JsonWriter json(out);
        json.begin_object();
        json.key("feed_entry").begin_object().member("id", m_entry.id).member("link", m_entry.link);
        json.member("published", m_entry.published_raw);
        json.member("updated", format_rfc3339(m_entry.updated)).end_object();
        json.member("extraction_method", m_options.extraction_method).member("content_source", m_from.text);
        json.member("date_source", m_from.date).member("word_count", m_article.word_count);
        if (m_page != nullptr)
            json.member("title_source", m_from.title).member_or_null("author_source", m_from.authors);
        if (m_page != nullptr) json.member("completeness", m_from.completeness);
        json.member("content_length", count_code_points(m_article.content))
            .member("reading_time_minutes", std::max(1, m_article.word_count / 200));
        json.member("collector", "cti/" + version()).end_object();
        return out;
    }

    const feed::Entry& m_entry;
    Time m_now;
    const BuildOptions& m_options;
    const page::Page* m_page = nullptr; // where it was read
    Article m_article;
    Provenance m_from;
};
}

std::string article_url(const feed::Entry& entry) {
    if (is_http(entry.link)) return entry.link;
    return is_http(entry.id) ? entry.id : std::string();
}

Built build_article(const feed::Entry& entry, Time now, const BuildOptions& options) {
    return Builder(entry, now, options).read_entry();
}

Built add_page(const Built& built, const feed::Entry& entry, const ReadPage& read, Time now,
               const BuildOptions& options) {
    return Builder(entry, now, options).read_page(built, read);
}

void add_hashes(Article& article) {
    intel::ArticleText text(article.title, article.content);
    add_hashes(article, text);
}

void add_hashes(Article& article, intel::ArticleText& text) { article.hashes = intel::content_hashes(text); }
}
