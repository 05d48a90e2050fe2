#include "core/store/own/article_words.hpp"

#include "core/store/own/text_key.hpp"
#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {

void remove_words(db::Transaction& transaction, const std::vector<DerivedArticle>& articles) {
    std::vector<int> ids;
    for (const auto& item : articles)
        if (!item.article->words) ids.push_back(item.article_id);
    if (ids.empty()) return;
    db::Params params;
    run(transaction,
        fmt::format("DELETE FROM cti.article_words WHERE article_id = ANY ({}::int[])",
                    params.add(int_array(ids))),
        params);
}

void replace_words(db::Transaction& transaction, const std::vector<DerivedArticle>& articles) {
    std::size_t bytes = 0;
    for (const auto& [id, article] : articles)
        if (article->words) bytes += article->words->content.size() + 4;
    if (bytes == 0) return;
    db::TextArray ids, titles, contents;
    contents.reserve(bytes);
    for (const auto& [id, article] : articles) {
        if (!article->words) continue;
        ids.add(std::to_string(id));
        titles.add(article->words->title);
        contents.add(article->words->content);
    }
    db::Params params;
    const auto id = params.add(ids.finish()), title = params.add(titles.finish()),
               content = params.add(contents.finish());
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.article_words (article_id, words)
        SELECT n.id, n.title::tsvector || n.content::tsvector
        FROM unnest({}::int[], {}::text[], {}::text[]) AS n (id, title, content)
        ORDER BY n.id
        ON CONFLICT (article_id) DO UPDATE SET words = excluded.words)sql",
                    id, title, content),
        params);
}

// One statement, so that the words and their account are of the same text. Articles by rising id, as every
// other process does it.
void index_words_of(db::Transaction& transaction, const db::Schema& schema, const StepDone& step,
                    const std::vector<int>& ids) {
    db::Params params;
    const auto id_array = params.add(int_array(ids)), name = params.add(std::string(step.name)),
               version = params.add(step.version);
    run(transaction,
        fmt::format(R"sql(
        WITH pending AS (
            SELECT DISTINCT ON (a.id) a.id, a.title, a.content, {3} AS text_key
            FROM public.articles a
            LEFT JOIN cti.derived d ON d.article_id = a.id AND d.step = {1}
            WHERE a.id = ANY ({0}::int[]) AND {4}
            ORDER BY a.id
        ), noted AS (
            INSERT INTO cti.derived (article_id, step, version, text_key)
            SELECT id, {1}, {2}::int, text_key
            FROM pending
            ORDER BY id
            ON CONFLICT (article_id, step) DO UPDATE SET version = excluded.version, text_key = excluded.text_key
        )
        INSERT INTO cti.article_words (article_id, words)
        SELECT id, cti.search_words(title, content)
        FROM pending
        ORDER BY id
        ON CONFLICT (article_id) DO UPDATE SET words = excluded.words)sql",
                    id_array, name, version, text_key(schema), is_pending(schema, version)),
        params);
}
}
