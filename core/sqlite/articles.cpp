#include "core/sqlite/articles.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/sqlite/columns.hpp"

#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>

namespace cti::sqlite {
namespace {
using importer::Key;
using importer::Record;
using importer::Value;
using importer::Values;

// A cell of type JSON, which SQLite keeps as text.
void parse_list(Value& value) {
    constexpr std::size_t k_max_list_bytes = 1U << 20, k_max_list_items = 10000;
    const auto text = std::exchange(value.text, {});
    value.is_given = false;
    value.fault = "must be a list of texts";
    if (text.size() > k_max_list_bytes || is_nested_deeper(text, 1)) return;
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (json.is_null()) value.fault.clear();
    if (!json.is_array() || json.size() > k_max_list_items) return;
    for (const auto& item : json) {
        if (!item.is_string()) return;
        value.list.push_back(item.get<std::string>());
    }
    value.is_given = true;
    value.fault.clear();
}

class ArticleReader final : public importer::Reader {
public:
    ArticleReader(const std::string& path, const ArticleOptions& options)
        : m_options(options), m_database(path, {options.max_cell_bytes, options.stop}),
          m_table(find_article_table(m_database)), m_sources(read_old_sources(m_database)),
          m_rows(
              m_database.prepare(fmt::format("SELECT {0} FROM main.articles ORDER BY {0}", m_table.rowid))),
          m_row(m_database.prepare(
              fmt::format("SELECT {} FROM main.articles WHERE {} = ?1", m_table.select, m_table.rowid))) {
        for (const auto& [id, source] : m_sources) m_ids.emplace(source.identifier, id);
    }

    std::optional<Record> next() override;
    std::optional<importer::SourceDescription> describe_source(const std::string& identifier) const override;

private:
    std::optional<Record> finish();
    Record give_up();
    Record read_row(std::int64_t id);
    void copy(Values& values, Key key, ArticleColumn column);

    ArticleOptions m_options;
    Database m_database;
    ArticleTable m_table;
    std::map<std::int64_t, OldSource> m_sources;
    std::map<std::string, std::int64_t> m_ids;
    Statement m_rows; // their numbers alone: a row that cannot be read hides no other
    Statement m_row;
    std::int64_t m_last = std::numeric_limits<std::int64_t>::min();
    bool m_is_first = true, m_is_ended = false;
};

std::optional<Record> ArticleReader::next() {
    if (m_is_ended) return std::nullopt;
    switch (m_rows.step()) {
    case Step::row: break;
    case Step::done: return finish();
    case Step::stopped: return std::nullopt;
    default: return give_up();
    }
    const auto id = m_rows.find_number(0);
    // Pages that lead back to pages before them would be read for ever.
    if (!id || (!m_is_first && *id <= m_last)) return give_up();
    m_is_first = false;
    m_last = *id;
    return read_row(*id);
}

std::optional<Record> ArticleReader::finish() {
    m_is_ended = true;
    m_database.require_unchanged();
    return std::nullopt;
}

Record ArticleReader::give_up() {
    m_is_ended = true;
    return importer::make_fault(
        m_is_first ? 0 : m_last,
        "the database is damaged behind this one, and what follows could not be read: "
        "'sqlite3 FILE .recover' may save more");
}

Record ArticleReader::read_row(std::int64_t id) {
    m_row.bind(id);
    switch (m_row.step()) {
    case Step::row: break;
    case Step::oversized:
        return importer::make_fault(id,
                                    fmt::format("it is larger than {} MiB", m_options.max_cell_bytes >> 20));
    case Step::stopped: return importer::make_fault(id, "stopped");
    default: return importer::make_fault(id, "the database is damaged there");
    }
    Values values;
    copy(values, Key::url, k_url), copy(values, Key::title, k_title), copy(values, Key::content, k_content);
    copy(values, Key::authors, k_authors), copy(values, Key::tags, k_tags),
        copy(values, Key::summary, k_summary);
    copy(values, Key::discovered_at, m_row.is_null(k_discovered) ? k_created : k_discovered);
    copy(values, Key::published_at, m_row.is_null(k_published) ? k_discovered : k_published);
    if (m_row.is_null(k_published) && m_row.is_null(k_discovered)) copy(values, Key::published_at, k_created);
    if (auto& published = values[Key::published_at]; !published.is_given && published.fault.empty())
        published.is_given = true, published.text = format_rfc3339(m_options.now);
    const auto source = m_sources.find(m_row.find_number(k_source).value_or(-1));
    if (source != m_sources.end()) values[Key::source].text = source->second.identifier;
    return importer::make_record(values, id);
}

void ArticleReader::copy(Values& values, Key key, ArticleColumn column) {
    auto& value = values[key];
    value = {};
    if (m_row.is_null(column)) return;
    const auto text = m_row.find_text(column);
    if (!text)
        value.fault = "must be a text";
    else if (!is_valid_utf8(*text))
        value.fault = "is no valid UTF-8";
    else
        value.is_given = true, value.text = *text;
    if (is_list(key) && value.is_given) parse_list(value);
}

std::optional<importer::SourceDescription>
ArticleReader::describe_source(const std::string& identifier) const {
    const auto id = m_ids.find(identifier);
    if (id == m_ids.end()) return std::nullopt;
    const auto& source = m_sources.at(id->second);
    return importer::SourceDescription{source.name, source.url, source.rss_url};
}
}

std::unique_ptr<importer::Reader> make_article_reader(const std::string& path,
                                                      const ArticleOptions& options) {
    return std::make_unique<ArticleReader>(path, options);
}
}
