#include "core/db/schema.hpp"
#include "core/monitor/job_requests.hpp"
#include "core/store/read/overview.hpp"
#include "core/store/web/sources.hpp"
#include "core/work/job_json.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::monitor {
namespace {
using namespace std::chrono_literals;
constexpr auto k_max_job_statement = 2s;

Answer show_job(db::Transaction& transaction, long id, int code) {
    const auto job = store::find_job(transaction, id);
    if (!job) return error_answer(404, fmt::format("there is no job {}", id));
    return {code, k_json_type, work::to_json(*job, store::list_job_lines(transaction, id))};
}

// Where it names a source that is not there, somebody has mistyped.
std::optional<Answer> find_unknown_source(db::Transaction& transaction,
                                          const std::vector<std::string>& wanted) {
    if (wanted.empty()) return std::nullopt;
    const auto known = store::list_sources(transaction, db::read_schema(transaction));
    for (const auto& name : wanted)
        if (std::ranges::find(known, name, &Source::identifier) == known.end())
            return error_answer(400, fmt::format("'source': there is no source '{}'", name));
    return std::nullopt;
}

// Not tried again where the database went away: the job may be there by then.
Answer add_job(db::Database& database, const JobQuery& query) {
    db::Transaction transaction(database);
    store::limit_statements(transaction, k_max_job_statement);
    if (auto refusal = find_unknown_source(transaction, query.sources)) return std::move(*refusal);
    const auto added = store::add_job(transaction, query.job);
    auto answer = show_job(transaction, added.id, 202);
    transaction.commit();
    answer.headers.emplace_back("Location", fmt::format("/jobs/{}", added.id));
    return answer;
}

Answer cancel_job(db::Database& database, long id) {
    db::Transaction transaction(database);
    store::limit_statements(transaction, k_max_job_statement);
    const auto result = store::cancel_job(transaction, id);
    if (result == store::CancelResult::unknown)
        return error_answer(404, fmt::format("there is no job {}", id));
    if (result == store::CancelResult::finished)
        return error_answer(409, fmt::format("job {} has ended already", id));
    auto answer = show_job(transaction, id, result == store::CancelResult::cancelled ? 200 : 202);
    transaction.commit();
    return answer;
}

Answer read_jobs(db::Database& database, const JobQuery& query) {
    db::Transaction transaction(database, db::Access::read_only);
    store::limit_statements(transaction, k_max_job_statement);
    if (query.what == JobQuery::What::show) return show_job(transaction, query.id, 200);
    return {200, k_json_type, work::to_json(store::list_jobs(transaction, query.list))};
}
}

Answer answer_job_query(db::Database& database, const JobQuery& query) {
    switch (query.what) {
    case JobQuery::What::list:
    case JobQuery::What::show: return read_jobs(database, query);
    case JobQuery::What::add: return add_job(database, query);
    case JobQuery::What::cancel: return cancel_job(database, query.id);
    }
    return error_answer(500, "an unknown request");
}
}
