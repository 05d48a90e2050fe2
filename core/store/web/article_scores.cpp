#include "core/store/web/article_scores.hpp"

#include "core/store/sql.hpp"
#include "core/store/web/article_batch.hpp"

#include <fmt/format.h>

namespace cti::store {

void update_scores(db::Transaction& transaction, const db::Schema& schema,
                   const std::vector<DerivedArticle>& articles) {
    if (articles.empty() || !schema.articles.has("article_metadata")) return;
    std::vector<int> ids;
    db::TextArray scores;
    for (const auto& [id, article] : articles) {
        ids.push_back(id);
        scores.add(article->metadata_json);
    }
    db::Params params;
    const auto id = params.add(int_array(ids)), score = params.add(scores.finish());
    db::InsertList row("public.articles", schema.articles, "'UTC'");
    row.set("article_metadata", "(a.article_metadata::jsonb || c.score::jsonb)");
    run(transaction,
        fmt::format(R"sql(
        UPDATE public.articles a
        SET ({0}) = ROW ({1})
        FROM unnest({2}::int[], {3}::text[]) AS c (id, score)
        WHERE a.id = c.id 
          AND CASE WHEN {4} THEN a.article_metadata::jsonb -> 'threat_hunting_score' = c.score::jsonb -> 'threat_hunting_score'
                        AND a.article_metadata::jsonb IS DISTINCT FROM a.article_metadata::jsonb || c.score::jsonb END)sql",
                    row.names(), row.values(), id, score, k_has_readable_metadata),
        params);
}
}
