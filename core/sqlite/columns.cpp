#include "core/sqlite/columns.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>

namespace cti::sqlite {
namespace {

// Without generated ones, which would run what the file says.
std::set<std::string> read_columns(Database& database, const char* table) {
    std::set<std::string> names;
    auto statement = database.prepare(fmt::format("SELECT name FROM pragma_table_info('{}')", table));
    while (statement.step() == Step::row)
        if (const auto name = statement.find_text(0)) names.insert(ascii_lower(*name));
    return names;
}

// "" where there is none; a view or a virtual table would run what the file says.
std::string find_rowid(Database& database, const char* table, const std::set<std::string>& columns) {
    auto statement = database.prepare(fmt::format(
        "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = '{}' AND type = 'table'", table));
    if (statement.step() != Step::row || statement.find_number(0) != 0) return {};
    for (const char* name : {"rowid", "_rowid_", "oid"})
        if (!columns.contains(name)) return name;
    return {};
}

// The first of these that is there.
std::string choose(const std::set<std::string>& columns, std::initializer_list<const char*> names) {
    const auto* const found =
        std::ranges::find_if(names, [&](const char* name) { return columns.contains(name); });
    return found == names.end() ? std::string() : *found;
}

Error no_table(const std::string& why) {
    return {ExitCode::usage, why, "The former tool keeps articles in the tables 'articles' and 'sources'."};
}
}

ArticleTable find_article_table(Database& database) {
    const auto columns = read_columns(database, "articles");
    ArticleTable table;
    table.rowid = find_rowid(database, "articles", columns);
    if (table.rowid.empty()) throw no_table("the database has no table 'articles' with rows");
    const std::array<std::string, k_source + 1> chosen = {choose(columns, {"canonical_url", "url"}),
                                                          choose(columns, {"title"}),
                                                          choose(columns, {"content"}),
                                                          choose(columns, {"published_at"}),
                                                          choose(columns, {"discovered_at"}),
                                                          choose(columns, {"created_at"}),
                                                          choose(columns, {"authors"}),
                                                          choose(columns, {"tags"}),
                                                          choose(columns, {"summary"}),
                                                          choose(columns, {"source_id"})};
    for (const auto& [column, name] :
         {std::pair{k_url, "canonical_url"}, {k_title, "title"}, {k_content, "content"}})
        if (chosen[column].empty())
            throw no_table(fmt::format("the table 'articles' has no column '{}'", name));
    for (const auto& name : chosen)
        table.select += fmt::format("{}{}", table.select.empty() ? "" : ", ", name.empty() ? "NULL" : name);
    return table;
}

std::map<std::int64_t, OldSource> read_old_sources(Database& database) {
    constexpr std::size_t k_max_sources = 100'000, k_max_cell_bytes = 4096;
    std::map<std::int64_t, OldSource> sources;
    const auto columns = read_columns(database, "sources");
    if (find_rowid(database, "sources", columns).empty() || !columns.contains("id") ||
        !columns.contains("identifier"))
        return sources;
    auto statement = database.prepare(fmt::format(
        "SELECT id, identifier, {}, {}, {} FROM main.sources", columns.contains("name") ? "name" : "NULL",
        columns.contains("url") ? "url" : "NULL", columns.contains("rss_url") ? "rss_url" : "NULL"));
    const auto text_of = [&](int column) {
        const auto text = statement.find_text(column);
        return text && text->size() <= k_max_cell_bytes && is_valid_utf8(*text) ? std::string(*text)
                                                                                : std::string();
    };
    // What is damaged there, the articles tell: they name no source.
    while (statement.step() == Step::row && sources.size() < k_max_sources)
        if (const auto id = statement.find_number(0); id && !text_of(1).empty())
            sources.emplace(*id, OldSource{text_of(1), text_of(2), text_of(3), text_of(4)});
    return sources;
}
}
