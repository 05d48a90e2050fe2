#include "core/store/own/indicators.hpp"

#include "core/store/sql.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_set>

namespace cti::store {
namespace {
constexpr std::size_t k_max_batch_bytes = 8 << 20; // of one statement
constexpr long k_max_read_bytes = 8 << 20;

// The rows of one INSERT, an array for each column.
struct Rows {
    std::vector<int> articles, positions, starts, ends, counts;
    db::TextArray types, values, originals, sentences, verdicts, readings, in_title;
    std::size_t bytes = 0;

    void add(int article_id, int position, const Finding& finding) {
        articles.push_back(article_id);
        positions.push_back(position);
        starts.push_back(static_cast<int>(finding.start));
        ends.push_back(static_cast<int>(finding.end));
        counts.push_back(finding.count);
        types.add(finding.type.name());
        values.add(finding.value);
        originals.add(finding.original);
        sentences.add(finding.sentence);
        verdicts.add(finding.verdict.name());
        readings.add(finding.reading.name());
        in_title.add(finding.in_title ? "t" : "f");
        bytes += finding.value.size() + finding.original.size() + finding.sentence.size() + 64;
    }
};

void insert_rows(db::Transaction& transaction, Rows& rows) {
    if (rows.articles.empty()) return;
    db::Params params;
    std::string arrays;
    for (const auto* numbers : {&rows.articles, &rows.positions, &rows.starts, &rows.ends, &rows.counts})
        arrays += params.add(int_array(*numbers)) + "::int[], ";
    for (auto* texts :
         {&rows.types, &rows.values, &rows.originals, &rows.sentences, &rows.verdicts, &rows.readings})
        arrays += params.add(texts->finish()) + "::text[], ";
    arrays += params.add(rows.in_title.finish()) + "::boolean[]";
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.indicators (article_id, position, start_offset, end_offset, count, type, value, original, sentence, verdict, reading, in_title)
        SELECT *
        FROM unnest({}))sql",
                    arrays),
        params);
}

void insert_findings(db::Transaction& transaction, const std::vector<NewFindings>& articles) {
    auto rows = std::make_unique<Rows>();
    for (const auto& [id, article] : articles) {
        int position = 0;
        for (const auto& finding : article->findings) {
            rows->add(id, position++, finding);
            if (rows->bytes < k_max_batch_bytes) continue;
            insert_rows(transaction, *rows);
            rows = std::make_unique<Rows>();
        }
    }
    insert_rows(transaction, *rows);
}

// The article's row in cti.extractions, which is also what two that read the same article wait for. Returns
// those that may be written; `condition`: a WHERE of the update.
struct Noted {
    std::vector<int> fresh, known; // known: something may be there of before
};
Noted note_extractions(db::Transaction& transaction, const std::vector<NewFindings>& articles,
                       const char* source, const char* condition) {
    std::vector<int> ids, versions, found;
    for (const auto& [id, article] : articles) {
        ids.push_back(id);
        versions.push_back(article->extractor_version);
        found.push_back(static_cast<int>(article->findings.size()));
    }
    db::Params params;
    const auto id_array = params.add(int_array(ids)), version_array = params.add(int_array(versions)),
               found_array = params.add(int_array(found));
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        INSERT INTO cti.extractions AS e (article_id, version, found)
        SELECT n.id, n.version, n.found
        FROM unnest({}::int[], {}::int[], {}::int[]) AS n (id, version, found)
        {}
        ORDER BY n.id
        ON CONFLICT (article_id) DO UPDATE SET version = excluded.version, found = excluded.found, extracted_at = now()
        {}
        RETURNING article_id, xmax = 0)sql",
                                      id_array, version_array, found_array, source, condition),
                          params);
    Noted noted;
    for (const auto& row : rows) (flag(row[1]) ? noted.fresh : noted.known).push_back(number<int>(row[0]));
    return noted;
}

long replace(db::Transaction& transaction, const std::vector<NewFindings>& articles, const char* source,
             const char* condition) {
    std::vector<NewFindings> read;
    std::unordered_set<int> ids; // An article that stands there twice is one.
    std::copy_if(articles.begin(), articles.end(), std::back_inserter(read), [&](const NewFindings& item) {
        return item.article->extractor_version > 0 && ids.insert(item.article_id).second;
    });
    if (read.empty()) return 0;
    const auto noted = note_extractions(transaction, read, source, condition);
    if (!noted.known.empty()) {
        db::Params params;
        run(transaction,
            fmt::format("DELETE FROM cti.indicators WHERE article_id = ANY ({}::int[])",
                        params.add(int_array(noted.known))),
            params);
    }
    std::unordered_set<int> writable(noted.fresh.begin(), noted.fresh.end());
    writable.insert(noted.known.begin(), noted.known.end());
    std::erase_if(read, [&](const NewFindings& item) { return !writable.contains(item.article_id); });
    insert_findings(transaction, read);
    return static_cast<long>(read.size());
}

constexpr const char* k_unread =
    R"sql(NOT EXISTS (SELECT 1 FROM cti.extractions e WHERE e.article_id = a.id AND e.version >= {}::int))sql";
}

void replace_findings(db::Transaction& transaction, const std::vector<NewFindings>& articles) {
    replace(transaction, articles, "", "");
}

long replace_older_findings(db::Transaction& transaction, const std::vector<NewFindings>& articles) {
    return replace(transaction, articles, "WHERE EXISTS (SELECT 1 FROM public.articles a WHERE a.id = n.id)",
                   "WHERE e.version < excluded.version");
}

void forget_extractions(db::Transaction& transaction) {
    run(transaction, "UPDATE cti.extractions SET version = 0 WHERE version <> 0");
}

long count_unread(db::Transaction& transaction, int version) {
    db::Params params;
    const auto condition = fmt::format(fmt::runtime(k_unread), params.add(version));
    return number<long>(run(
        transaction, fmt::format("SELECT count(DISTINCT a.id) FROM public.articles a WHERE {}", condition),
        params)[0][0]);
}

// Sizes first: texts are asked for only as far as they fit.
UnreadBatch find_unread(db::Transaction& transaction, const db::Schema&, int version, int after_id,
                        int most) {
    db::Params params;
    const auto condition = fmt::format(fmt::runtime(k_unread), params.add(version));
    const auto after = params.add(after_id), limit = params.add(most);
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        WITH next AS (
            SELECT a.id, octet_length(a.content) AS bytes
            FROM public.articles a
            WHERE a.id > {}::int AND {}
            ORDER BY a.id
            LIMIT {}::int
        ), fitting AS (
            SELECT n.id
            FROM (SELECT id, sum(bytes) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - bytes AS bytes_before FROM next) AS n
            WHERE n.bytes_before < {}
        )
        SELECT a.id, a.canonical_url, a.title, a.content
        FROM public.articles a
        WHERE a.id IN (SELECT f.id FROM fitting f)
        ORDER BY a.id)sql",
                                      after, condition, limit, k_max_read_bytes),
                          params);
    UnreadBatch batch;
    for (const auto& row : rows) {
        const auto id = number<int>(row[0]);
        if (id != batch.last_id) batch.articles.push_back({id, text(row[1]), text(row[2]), text(row[3])});
        batch.last_id = id;
    }
    return batch;
}
}
