#include "core/monitor/job_requests.hpp"
#include "core/store/read/overview.hpp"
#include "core/work/job_json.hpp"

#include <fmt/format.h>

namespace cti::monitor {
namespace {
using namespace std::chrono_literals;
constexpr auto k_max_statement = 2s;

Answer show_job(db::Transaction& transaction, long id, int code) {
    const auto job = store::find_job(transaction, id);
    if (!job) return error_answer(404, fmt::format("there is no job {}", id));
    return {code, k_json_type, work::to_json(*job, store::list_job_lines(transaction, id))};
}

Answer read_jobs(db::Database& database, const JobQuery& query) {
    db::Transaction transaction(database, db::Access::read_only);
    store::limit_statements(transaction, k_max_statement);
    if (query.what == JobQuery::What::show) return show_job(transaction, query.id, 200);
    return {200, k_json_type, work::to_json(store::list_jobs(transaction, query.list))};
}
}

Answer answer_job_query(db::Database& database, const JobQuery& query) { return read_jobs(database, query); }
}
