#pragma once
#include "core/db/database.hpp"
#include "core/monitor/routes.hpp"
#include "core/store/own/job_list.hpp"
#include "core/store/own/jobs.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// What clients ask of the queue and no snapshot knows. Requests are read without the database; answering
// takes one short transaction.
namespace cti::monitor {

struct JobQuery {
    enum class What { list, show, add, cancel } what = What::list;
    store::JobListOptions list;       // list
    long id = 0;                      // show, cancel
    store::NewJob job;                // add
    std::vector<std::string> sources; // add: that it names, so that one that is not there is refused
};
// A query, or at once the answer: a refusal that says what is wrong.
using JobRequest = std::variant<JobQuery, Answer>;

// Whether GET of the path is answered by a query.
bool is_job_query(std::string_view path);
std::optional<long> find_job_id(std::string_view path);    // "/jobs/7"
JobRequest read_job_request(const StatusRequest& request); // a GET

// Throws Error where the database cannot.
Answer answer_job_query(db::Database& database, const JobQuery& query);
}
