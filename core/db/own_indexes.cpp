#include "core/db/own_indexes.hpp"

#include "core/db/pqxx_impl.hpp"

#include <fmt/format.h>
#include <set>

namespace cti::db {
namespace {

struct Index {
    std::string_view table, name;
    std::string_view definition;  // as pg_get_indexdef() writes what stands behind the table
    bool is_key = false;          // the table's primary key
    std::string_view migration{}; // that makes it; empty: the one that makes its table
    bool is_unique = false;       // and no key: of rows that have the same, the newest keeps it
};
// What the migrations leave behind; a test compares it with a database that they have made.
constexpr Index k_indexes[] = {
    {"analyses", "analyses_pkey",
     "btree (article_id, task, task_version, model, model_digest, prompt_sha256)", true},
    {"analyses", "analyses_terms", "gin (terms)"},
    {"article_keys", "article_keys_pkey", "btree (key)", true},
    {"article_words", "article_words_pkey", "btree (article_id)", true},
    {"article_words", "article_words_words", "gin (words)"},
    {"counters", "counters_pkey", "btree (name, labels, shard)", true},
    {"derived", "derived_pkey", "btree (article_id, step)", true},
    {"derived", "derived_unindexed", "btree (article_id) WHERE ((step = 'words'::text) AND (version = 0))",
     false, "0021_word_segments"},
    {"export_cursors", "export_cursors_pkey", "btree (name)", true},
    {"extractions", "extractions_pkey", "btree (article_id)", true},
    {"host_state", "host_state_pkey", "btree (host)", true},
    {"finished_jobs", "finished_jobs_finished_at", "btree (finished_at)"},
    {"finished_jobs", "finished_jobs_pkey", "btree (id)", true},
    {"indicators", "indicators_pkey", "btree (article_id, \"position\")", true},
    {"indicators", "indicators_value", "hash (value)"},
    {"job_lines", "job_lines_pkey", "btree (job_id, number)", true},
    {"jobs", "jobs_pkey", "btree (id)", true},
    {"jobs", "jobs_ready", "btree (priority DESC, run_at, id) WHERE (state = 'ready'::text)"},
    {"jobs", "jobs_running", "btree (lease_until) WHERE (state = 'running'::text)"},
    {"jobs", "jobs_unique_key", "btree (unique_key) WHERE (unique_key IS NOT NULL)", false, "", true},
    {"leaders", "leaders_pkey", "btree (name)", true},
    {"migrations", "migrations_pkey", "btree (name)", true},
    {"near_duplicates", "near_duplicates_first", "btree (first_article_id)"},
    {"near_duplicates", "near_duplicates_pkey", "btree (article_id)", true},
    {"notifications", "notifications_open", "btree (next_attempt_at) WHERE (next_attempt_at IS NOT NULL)"},
    {"notifications", "notifications_pkey", "btree (event_key)", true},
    {"progress", "progress_pkey", "btree (task)", true},
    {"read_marks", "read_marks_pkey", "btree (article_id, reader)", true},
    {"runs", "runs_finished_at", "btree (finished_at)"},
    {"runs", "runs_pkey", "btree (id)", true},
    {"schedules", "schedules_pkey", "btree (name)", true},
    {"seen_entries", "seen_entries_article_link",
     "btree (link_key) WHERE ((link_key <> ''::text) AND (article_id IS NOT NULL))", false,
     "0011_deleted_articles"},
    {"seen_entries", "seen_entries_link_key", "btree (source_id, link_key) WHERE (link_key <> ''::text)"},
    {"seen_entries", "seen_entries_pkey", "btree (source_id, entry_key)", true},
    {"seen_entries", "seen_entries_text_key", "btree (text_key) WHERE (text_key IS NOT NULL)", false,
     "0011_deleted_articles"},
    {"settings", "settings_pkey", "btree (key)", true},
    {"simhashes", "simhashes_band0", "btree (band0, article_id)"},
    {"simhashes", "simhashes_band1", "btree (band1, article_id)"},
    {"simhashes", "simhashes_band2", "btree (band2, article_id)"},
    {"simhashes", "simhashes_band3", "btree (band3, article_id)"},
    {"simhashes", "simhashes_pkey", "btree (article_id)", true},
    {"source_state", "source_state_pkey", "btree (source_id)", true},
    {"workers", "workers_pkey", "btree (name)", true},
    {"word_blocks", "word_blocks_pkey", "btree (segment, first_term)", true},
    {"word_segments", "word_segments_pkey", "btree (segment)", true},
};

std::set<std::string, std::less<>> tables_there(Transaction& transaction) {
    std::set<std::string, std::less<>> tables;
    for (const auto& row : run(transaction, R"sql(
        SELECT relname
        FROM pg_catalog.pg_class
        WHERE relnamespace = to_regnamespace('cti') AND relkind IN ('r', 'p'))sql"))
        tables.insert(text(row[0]));
    return tables;
}

// "seen_entries btree (source_id, entry_key)" of each index that is whole; a unique one serves as a key.
std::set<std::string> indexes_there(Transaction& transaction) {
    std::set<std::string> indexes;
    for (const auto& row : run(transaction, R"sql(
        SELECT c.relname || ' ' || CASE WHEN i.indisunique AND i.indimmediate THEN 'unique ' ELSE '' END
               || substring(pg_get_indexdef(i.indexrelid) FROM ' USING (.*)$')
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
        WHERE c.relnamespace = to_regnamespace('cti') AND i.indisvalid AND i.indisready)sql"))
        indexes.insert(text(row[0]));
    return indexes;
}

std::set<std::string, std::less<>> migrations_done(Transaction& transaction) {
    std::set<std::string, std::less<>> names;
    for (const auto& row : run(transaction, "SELECT name FROM cti.migrations")) names.insert(text(row[0]));
    return names;
}

// Those of a migration that has not been made yet are not missing.
std::vector<const Index*> find_missing(Transaction& transaction) {
    const auto tables = tables_there(transaction);
    const auto migrations =
        tables.contains("migrations") ? migrations_done(transaction) : std::set<std::string, std::less<>>{};
    const auto indexes = indexes_there(transaction);
    std::vector<const Index*> missing;
    for (const auto& index : k_indexes)
        if (tables.contains(index.table) &&
            (index.migration.empty() || migrations.contains(index.migration)) &&
            !indexes.contains(fmt::format(
                "{} {}{}", index.table, index.is_key || index.is_unique ? "unique " : "", index.definition)))
            missing.push_back(&index);
    return missing;
}

// "(name, labels, shard)"
std::string_view columns_of(const Index& index) {
    return index.definition.substr(index.definition.find('('));
}

std::string in_words(const Index& index) { return fmt::format("cti.{} {}", index.table, columns_of(index)); }

// All but the newest of the rows that have the same in this column.
void clear_doubled(Transaction& transaction, const Index& index) {
    const auto columns = columns_of(index);
    run_script(transaction, fmt::format(R"sql(
        UPDATE cti.{0} AS earlier
        SET {1} = NULL
        FROM (SELECT ctid, row_number() OVER (PARTITION BY {1} ORDER BY ctid DESC) AS number FROM cti.{0}) AS numbered
        WHERE earlier.ctid = numbered.ctid AND numbered.number > 1)sql",
                                        index.table, columns.substr(1, columns.find(')') - 1)));
}

// What is there under the name is not what it should be: not whole, or over other columns.
void make(Transaction& transaction, const Index& index) {
    if (index.is_unique) clear_doubled(transaction, index);
    if (!index.is_key)
        return run_script(
            transaction,
            fmt::format("DROP INDEX IF EXISTS cti.{0}; CREATE {3}INDEX {0} ON cti.{1} USING {2}", index.name,
                        index.table, index.definition, index.is_unique ? "UNIQUE " : ""));
    const auto columns = columns_of(index);
    run_script(transaction, fmt::format(R"sql(
        DELETE FROM cti.{0} AS earlier
        USING (SELECT ctid, row_number() OVER (PARTITION BY {1} ORDER BY ctid DESC) AS number FROM cti.{0}) AS numbered
        WHERE earlier.ctid = numbered.ctid AND numbered.number > 1)sql",
                                        index.table, columns.substr(1, columns.size() - 2)));
    run_script(transaction,
               fmt::format("ALTER TABLE cti.{0} DROP CONSTRAINT IF EXISTS {1}; DROP INDEX IF EXISTS cti.{1}; "
                           "ALTER TABLE cti.{0} ADD CONSTRAINT {1} PRIMARY KEY {2}",
                           index.table, index.name, columns));
}
}

std::vector<std::string> missing_indexes(Transaction& transaction) {
    std::vector<std::string> names;
    for (const auto* index : find_missing(transaction)) names.push_back(in_words(*index));
    return names;
}

std::vector<std::string> missing_tables(Transaction& transaction) {
    const auto tables = tables_there(transaction);
    std::vector<std::string> missing;
    for (const auto& index : k_indexes)
        if (index.is_key && !tables.contains(index.table))
            missing.push_back(fmt::format("cti.{}", index.table));
    return missing;
}

std::vector<std::string> make_missing_indexes(Transaction& transaction) {
    std::vector<std::string> made;
    for (const auto* index : find_missing(transaction)) {
        make(transaction, *index);
        made.push_back(in_words(*index));
    }
    return made;
}
}
