#include "core/store/own/progress.hpp"

#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {

long read_progress(db::Transaction& transaction, const StepDone& task) {
    db::Params params;
    const auto name = params.add(std::string(task.name)), version = params.add(task.version);
    const auto rows = run(
        transaction,
        fmt::format("SELECT done_to FROM cti.progress WHERE task = {} AND version = {}::int", name, version),
        params);
    return rows.empty() ? 0 : number<long>(rows[0][0]);
}

void keep_progress(db::Transaction& transaction, const StepDone& task, long done_to) {
    db::Params params;
    const auto name = params.add(std::string(task.name)), version = params.add(task.version),
               id = params.add(done_to);
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.progress (task, version, done_to)
        VALUES ({}, {}::int, {}::bigint)
        ON CONFLICT (task) DO UPDATE SET version = excluded.version, done_to = excluded.done_to, updated_at = now())sql",
                    name, version, id),
        params);
}

void forget_progress(db::Transaction& transaction, std::string_view task) {
    db::Params params;
    run(transaction, fmt::format("DELETE FROM cti.progress WHERE task = {}", params.add(std::string(task))),
        params);
}

void keep_progress_to_last_hour(db::Transaction& transaction, const db::Schema& schema,
                                const StepDone& step) {
    db::Params params;
    const auto zone = params.add(schema.time_zone), name = params.add(std::string(step.name)),
               version = params.add(step.version);
    const auto& discovered = schema.articles.columns.find("discovered_at")->second;
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.progress AS p (task, version, done_to)
        SELECT {}, {}::int, a.id
        FROM public.articles a
        WHERE a.discovered_at < {}
        ORDER BY a.id DESC
        LIMIT 1
        ON CONFLICT (task) DO UPDATE SET version = excluded.version, done_to = excluded.done_to, updated_at = now()
        WHERE p.version <> excluded.version OR p.done_to < excluded.done_to)sql",
                    name, version, as_column_time(discovered, "now() - interval '1 hour'", zone)),
        params);
}
}
