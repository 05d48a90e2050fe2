#include "core/monitor/job_requests.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::monitor;

namespace {
JobRequest ask(const std::string& path, const std::string& state = {}, const std::string& limit = {}) {
    StatusRequest request;
    request.path = path, request.state = state, request.limit = limit;
    return read_job_request(request);
}
int code_of(const JobRequest& request) {
    const auto* const answer = std::get_if<Answer>(&request);
    return answer == nullptr ? 0 : answer->code;
}
}

TEST_CASE("job requests: a list has fifty jobs of all states, or what was asked for") {
    const auto plain = std::get<JobQuery>(ask("/jobs/"));
    CHECK(plain.what == JobQuery::What::list);
    CHECK(plain.list.limit == 50);
    CHECK(plain.list.states.empty());
    const auto some = std::get<JobQuery>(ask("/jobs/", "dead,failed", "1000"));
    CHECK(some.list.limit == 1000);
    CHECK(some.list.states == std::vector{JobState::dead, JobState::failed});
}

TEST_CASE("job requests: numbers and states that are none are refused with their names") {
    for (const char* limit : {"0", "-1", "1001", "5x", " 5", "+5", "0x5", "5.0", "99999999999999999999"})
        CHECK_MESSAGE(code_of(ask("/jobs/", "", limit)) == 400, limit);
    for (const char* state : {"asleep", "ready,", ",", "READY", "ready;dead"})
        CHECK_MESSAGE(code_of(ask("/jobs/", state)) == 400, state);
    CHECK(std::get<Answer>(ask("/jobs/", "", "x")).body ==
          "{\"error\":\"'limit' is not between 1 and 1000\"}\n");
    std::string many = "ready";
    for (int i = 0; i < 1000; ++i) many += ",ready";
    CHECK(std::get<JobQuery>(ask("/jobs/", many)).list.states.size() < 10);
}

TEST_CASE("job requests: a job is named by its number and nothing else") {
    const auto one = std::get<JobQuery>(ask("/jobs/7"));
    CHECK(one.what == JobQuery::What::show);
    CHECK(one.id == 7);
    for (const char* path :
         {"/jobs/0", "/jobs/-7", "/jobs/7/", "/jobs/7x", "/jobs/x", "/jobs/99999999999999999999", "/jobs//7"})
        CHECK_MESSAGE(code_of(ask(path)) == 404, path);
    CHECK(is_job_query("/jobs/"));
    CHECK_FALSE(is_job_query("/jobs/status"));
    CHECK_FALSE(is_job_query("/jobs"));
}
