#pragma once
#include "core/db/schema.hpp"
#include "core/ops/import_articles.hpp"
#include "core/store/record.hpp"

#include <cstdint>
#include <memory>
#include <unordered_set>

namespace cti::ops {

// Brings articles of an export into the database, source by source; in a dry run it finds out what that would
// do. Counts in `result`, and tells of each article that is refused.
class ImportStore {
public:
    // `file` tells what it knows of sources that are made.
    ImportStore(const Environment& environment, const ArticleImportOptions& options,
                const importer::Reader& file, ArticleImportResult& result);

    // Of one source, in the order of the file.
    void add(const std::string& source, std::vector<importer::Record> records);
    void refuse(long line, const std::string& why);
    db::Database& database() { return m_database; }
    void index(); // so that `search` need not read what was stored

private:
    // Articles that are looked at together: no two of them have an address or a hash in common.
    struct Round {
        std::vector<long> lines;
        store::ArticleRecord record;
    };
    Round make_round(std::vector<importer::Record>& records) const;
    // Whether the source may have articles; else all are refused.
    bool look_up(const std::string& source, Round& round);
    void keep_new(Round& round, const store::KnownArticles& known);
    void foresee(const std::string& source, const Round& round);
    void write(const std::string& source, Round& round);
    void count(const Round& round, const store::Recorded& recorded);
    void note_source(const std::string& source);
    const char* place() const { return m_options.is_sqlite ? "row" : "line"; }
    bool is_foreseen(const Article& article) const;

    const Environment& m_environment;
    const ArticleImportOptions& m_options;
    const importer::Reader& m_file;
    ArticleImportResult& m_result;
    std::shared_ptr<const pipeline::Intelligence> m_intelligence;
    db::Database m_database;
    db::Schema m_schema;
    bool m_has_source = false; // the one of the round is there already
    // What a dry run would have stored by now: keys of addresses and texts, 16 bytes an article.
    std::unordered_set<std::int64_t> m_foreseen;
};
}
