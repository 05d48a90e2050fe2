#include "core/store/own/indicators.hpp"

#include "core/store/sql.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::store {
namespace {
constexpr std::size_t k_max_finding_bytes = 8 << 20; // of one statement

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

}

void insert_findings(db::Transaction& transaction, const std::vector<DerivedArticle>& articles) {
    auto rows = std::make_unique<Rows>();
    for (const auto& [id, article] : articles) {
        int position = 0;
        for (const auto& finding : article->findings) {
            rows->add(id, position++, finding);
            if (rows->bytes < k_max_finding_bytes) continue;
            insert_rows(transaction, *rows);
            rows = std::make_unique<Rows>();
        }
    }
    insert_rows(transaction, *rows);
}

void remove_findings(db::Transaction& transaction, const std::vector<int>& article_ids) {
    db::Params params;
    run(transaction,
        fmt::format("DELETE FROM cti.indicators WHERE article_id = ANY ({}::int[])",
                    params.add(int_array(article_ids))),
        params);
}
}
