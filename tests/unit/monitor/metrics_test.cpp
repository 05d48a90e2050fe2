#include "core/monitor/exposition.hpp"
#include "sample.hpp"

#include <doctest/doctest.h>
#include <sstream>

using namespace cti;
using namespace cti::monitor;
using test::noon_on_both;
using test::Sample;
using namespace std::chrono_literals;

namespace {
std::string render(const Sample& sample, Exposition exposition = Exposition::prometheus,
                   std::size_t max_sources = 500) {
    const auto state = sample.state();
    return render_metrics({*state.snapshot, noon_on_both(), &sample.loop, nullptr, nullptr, max_sources},
                          exposition);
}
bool has_line(const std::string& text, const std::string& line) {
    std::istringstream lines(text);
    for (std::string at; std::getline(lines, at);)
        if (at == line) return true;
    return false;
}
}

TEST_CASE("metrics: counters come from the table and are there before their first event") {
    Sample sample;
    sample.fast.counters[{"cti_fetches_total", "result=\"timeout\""}] = 7;
    sample.fast.counters[{"cti_decoded_bytes_total", ""}] = 123456789012.0;
    const auto text = render(sample);
    CHECK(has_line(text, "cti_fetches_total{result=\"timeout\"} 7"));
    CHECK(has_line(text, "cti_fetches_total{result=\"new\"} 0"));
    CHECK(has_line(text, "cti_decoded_bytes_total 123456789012"));
    CHECK(has_line(text, "cti_ssrf_refused_total 0"));
    CHECK(has_line(text, "cti_database_up 1"));
    CHECK(has_line(text, "cti_schema_version 3"));
}

TEST_CASE("metrics: the histogram adds its buckets up") {
    Sample sample;
    sample.fast.counters[{"cti_fetch_duration_seconds_bucket", "le=\"0.05\""}] = 2;
    sample.fast.counters[{"cti_fetch_duration_seconds_bucket", "le=\"1\""}] = 3;
    sample.fast.counters[{"cti_fetch_duration_seconds_bucket", "le=\"+Inf\""}] = 1;
    sample.fast.counters[{"cti_fetch_duration_seconds_sum", ""}] = 90.5;
    const auto text = render(sample);
    CHECK(has_line(text, "cti_fetch_duration_seconds_bucket{le=\"0.05\"} 2"));
    CHECK(has_line(text, "cti_fetch_duration_seconds_bucket{le=\"0.5\"} 2"));
    CHECK(has_line(text, "cti_fetch_duration_seconds_bucket{le=\"1\"} 5"));
    CHECK(has_line(text, "cti_fetch_duration_seconds_bucket{le=\"+Inf\"} 6"));
    CHECK(has_line(text, "cti_fetch_duration_seconds_sum 90.5"));
    CHECK(has_line(text, "cti_fetch_duration_seconds_count 6"));
}

TEST_CASE("metrics: a source named with quotes, backslashes and line feeds breaks nothing") {
    Sample sample;
    sample.fast.sources.push_back({test::make_source(2, "a\"\\\n{}\xff"), {}, "", "", "", 0});
    const auto text = render(sample);
    CHECK(has_line(text, "cti_source_consecutive_failures{source=\"a\\\"\\\\\\n{}\xEF\xBF\xBD\"} 0"));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        CHECK((line.starts_with("# ") || line.starts_with("cti_") || line.starts_with("process_")));
}

TEST_CASE("metrics: with too many sources only their sums are told") {
    Sample sample;
    const auto text = render(sample, Exposition::prometheus, 0);
    CHECK(has_line(text, "cti_sources{state=\"active\"} 1"));
    CHECK(text.find("cti_source_last_success") == std::string::npos);
}

TEST_CASE("metrics: OpenMetrics heads counters without _total and says where it ends") {
    const auto text = render(Sample(), Exposition::open_metrics);
    CHECK(has_line(text, "# TYPE cti_fetches counter"));
    CHECK(has_line(text, "cti_fetches_total{result=\"new\"} 0"));
    CHECK(text.ends_with("# EOF\n"));
}

TEST_CASE("metrics: without an answer of the database they are there and say so") {
    const Snapshot nothing;
    const auto text = render_metrics({nothing, noon_on_both()}, Exposition::prometheus);
    CHECK(has_line(text, "cti_database_up 0"));
    CHECK(text.find("cti_fetches_total") == std::string::npos);
}

TEST_CASE("metrics: of the process the system's own figures are told") {
    const auto process = read_process();
    CHECK(process.resident_bytes > 1'000'000);
    CHECK(process.open_fds >= 3);
    CHECK(process.start_s > 1.7e9);
    CHECK(process.start_s <= std::chrono::duration<double>(current_time().time_since_epoch()).count() + 1);
}

TEST_CASE(
    "metrics: jobs are there by kind and state before the first of them, and kinds that are not known are one") {
    Sample sample;
    const auto before = render(sample);
    CHECK(has_line(before, "cti_jobs{kind=\"collect\",state=\"ready\"} 0"));
    CHECK(has_line(before, "cti_jobs_finished_total{kind=\"export\",result=\"dead\"} 0"));
    CHECK(has_line(before, "cti_job_oldest_ready_age_seconds 0"));
    CHECK(has_line(before, "cti_workers 0"));
    CHECK(before.find("cti_worker_last_heartbeat") == std::string::npos);
    sample.jobs.counts.by_kind = {
        {{"collect", JobState::ready}, 3}, {{"newer", JobState::ready}, 2}, {{"newest", JobState::ready}, 5}};
    sample.jobs.counts.oldest_ready_s = 90.5;
    sample.job_totals = {{{"cti_jobs_finished_total", "kind=\"collect\",result=\"done\""}, 7},
                         {{"cti_jobs_finished_total", "kind=\"newer\",result=\"done\""}, 1},
                         {{"cti_jobs_finished_total", "kind=\"newest\",result=\"done\""}, 2},
                         {{"cti_job_retries_total", "kind=\"collect\""}, 4}};
    const auto text = render(sample);
    CHECK(has_line(text, "cti_jobs{kind=\"collect\",state=\"ready\"} 3"));
    CHECK(has_line(text, "cti_jobs{kind=\"other\",state=\"ready\"} 7"));
    CHECK(text.find("newe") == std::string::npos);
    CHECK(has_line(text, "cti_job_oldest_ready_age_seconds 90.5"));
    CHECK(has_line(text, "cti_jobs_finished_total{kind=\"collect\",result=\"done\"} 7"));
    CHECK(has_line(text, "cti_jobs_finished_total{kind=\"other\",result=\"done\"} 3"));
    CHECK(has_line(text, "cti_job_retries_total{kind=\"collect\"} 4"));
    CHECK(has_line(text, "cti_job_lease_expirations_total{kind=\"collect\"} 0"));
}

TEST_CASE("metrics: the waiting of jobs is a histogram, and each of few workers has its heartbeat") {
    Sample sample;
    sample.job_totals = {{{"cti_job_wait_seconds_bucket", "le=\"1\""}, 2},
                         {{"cti_job_wait_seconds_bucket", "le=\"+Inf\""}, 1},
                         {{"cti_job_wait_seconds_sum", ""}, 90'000.5}};
    sample.jobs.workers.resize(2);
    sample.jobs.workers[0].name = "host:1", sample.jobs.workers[1].name = "host:2";
    sample.jobs.workers[0].heartbeat_at = Time{100s};
    auto text = render(sample);
    CHECK(has_line(text, "cti_job_wait_seconds_bucket{le=\"0.1\"} 0"));
    CHECK(has_line(text, "cti_job_wait_seconds_bucket{le=\"1\"} 2"));
    CHECK(has_line(text, "cti_job_wait_seconds_bucket{le=\"21600\"} 2"));
    CHECK(has_line(text, "cti_job_wait_seconds_bucket{le=\"+Inf\"} 3"));
    CHECK(has_line(text, "cti_job_wait_seconds_sum 90000.5"));
    CHECK(has_line(text, "cti_job_wait_seconds_count 3"));
    CHECK(has_line(text, "cti_workers 2"));
    CHECK(has_line(text, "cti_worker_last_heartbeat_timestamp_seconds{worker=\"host:1\"} 100"));
    sample.jobs.workers.resize(101);
    text = render(sample);
    CHECK(has_line(text, "cti_workers 101"));
    CHECK(text.find("cti_worker_last") == std::string::npos);
}

TEST_CASE("metrics: the source that has been due longest is told of by its age") {
    Sample sample;
    CHECK(has_line(render(sample), "cti_source_oldest_due_age_seconds 0"));
    sample.fast.sources[0].next_check = test::noon() - 30min;
    CHECK(has_line(render(sample), "cti_source_oldest_due_age_seconds 1800"));
    sample.fast.sources[0].source.active = false;
    CHECK(has_line(render(sample), "cti_source_oldest_due_age_seconds 0"));
}
