#include "core/store/web/article_analysis_note.hpp"

#include "core/store/sql.hpp"
#include "core/store/web/article_batch.hpp"

#include <fmt/format.h>

namespace cti::store {

void note_analyses(db::Transaction& transaction, const db::Schema& schema, int article_id,
                   const std::string& tasks_json) {
    if (!schema.articles.has("article_metadata")) return;
    db::Params params;
    const auto id = params.add(article_id), tasks = params.add(tasks_json);
    db::InsertList row("public.articles", schema.articles, "'UTC'");
    row.set("article_metadata",
            fmt::format("(a.article_metadata::jsonb || jsonb_build_object('llm_analysis', jsonb_build_object("
                        "'collector', 'cti', 'tasks', coalesce(a.article_metadata::jsonb #> "
                        "'{{llm_analysis,tasks}}', '{{}}') || {}::jsonb)))",
                        tasks));
    run(transaction,
        fmt::format(R"sql(
        UPDATE public.articles a
        SET ({}) = ROW ({})
        WHERE a.id = {}::int
          AND CASE WHEN {} THEN coalesce(a.article_metadata::jsonb #>> '{{llm_analysis,collector}}' = 'cti',
                                         a.article_metadata::jsonb -> 'llm_analysis' IS NULL) END)sql",
                    row.names(), row.values(), id, k_has_readable_metadata),
        params);
}
}
