#include "core/store/own/analyses.hpp"

#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {

void write_analysis(db::Transaction& transaction, int article_id, const Analysis& analysis) {
    db::Params params;
    const auto& key = analysis.key;
    const auto article = params.add(article_id), task = params.add(key.task),
               version = params.add(key.task_version), model = params.add(key.model),
               digest = params.add(key.model_digest), prompt = params.add(key.prompt_sha256),
               settings = params.add(analysis.settings_json), requests = params.add(analysis.requests),
               in = params.add(analysis.tokens_in), out = params.add(analysis.tokens_out),
               duration = params.add(analysis.duration_ms), result = params.add(analysis.result_json),
               rejected = params.add(analysis.rejected_json);
    db::TextArray terms;
    for (const auto& term : analysis.terms) terms.add(term);
    const auto found_by = params.add(terms.finish());
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.analyses (article_id, task, task_version, model, model_digest, prompt_sha256, settings, requests,
                                  tokens_in, tokens_out, duration_ms, result, rejected, terms)
        VALUES ({}::int, {}, {}::int, {}, {}, {}, {}::jsonb, {}::int, {}::bigint, {}::bigint, {}::bigint, {}::jsonb, {}::jsonb, {}::text[])
        ON CONFLICT (article_id, task, task_version, model, model_digest, prompt_sha256) DO UPDATE
        SET settings = excluded.settings, requests = excluded.requests, tokens_in = excluded.tokens_in,
            tokens_out = excluded.tokens_out, duration_ms = excluded.duration_ms, result = excluded.result,
            rejected = excluded.rejected, terms = excluded.terms, created_at = now())sql",
                    article, task, version, model, digest, prompt, settings, requests, in, out, duration,
                    result, rejected, found_by),
        params);
}

bool is_article_there(db::Transaction& transaction, int article_id) {
    db::Params params;
    return !run(transaction,
                fmt::format("SELECT 1 FROM public.articles WHERE id = {}::int", params.add(article_id)),
                params)
                .empty();
}
}

std::vector<AnalysisKey> find_analysis_keys(db::Transaction& transaction, int article_id) {
    std::vector<AnalysisKey> keys;
    db::Params params;
    for (const auto& row : run(transaction,
                               fmt::format(R"sql(
        SELECT task, task_version, model, model_digest, prompt_sha256
        FROM cti.analyses
        WHERE article_id = {}::int)sql",
                                           params.add(article_id)),
                               params))
        keys.push_back({text(row[0]), number<int>(row[1]), text(row[2]), text(row[3]), text(row[4])});
    return keys;
}

std::vector<Analysis> find_last_analyses(db::Transaction& transaction, int article_id) {
    std::vector<Analysis> found;
    db::Params params;
    for (const auto& row : run(transaction,
                               fmt::format(R"sql(
        SELECT DISTINCT ON (task) task, task_version, model, model_digest, prompt_sha256, settings, result, rejected,
               requests, tokens_in, tokens_out, duration_ms, {}
        FROM cti.analyses
        WHERE article_id = {}::int
        ORDER BY task, created_at DESC, task_version DESC)sql",
                                           read_moment("created_at"), params.add(article_id)),
                               params))
        found.push_back({{text(row[0]), number<int>(row[1]), text(row[2]), text(row[3]), text(row[4])},
                         text(row[5]),
                         text(row[6]),
                         text(row[7]),
                         {},
                         number<int>(row[8]),
                         number<long>(row[9]),
                         number<long>(row[10]),
                         number<long>(row[11]),
                         maybe_time(row[12])});
    return found;
}

bool write_analyses(db::Transaction& transaction, int article_id, const std::vector<Analysis>& analyses) {
    if (!is_article_there(transaction, article_id)) return false;
    for (const auto& analysis : analyses) write_analysis(transaction, article_id, analysis);
    return true;
}
}
