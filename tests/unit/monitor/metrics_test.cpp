#include "core/monitor/exposition.hpp"
#include "sample.hpp"

#include <doctest/doctest.h>
#include <sstream>

using namespace cti;
using namespace cti::monitor;
using test::noon_on_both;
using test::Sample;

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
