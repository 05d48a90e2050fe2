#include "sample.hpp"

namespace cti::monitor::test {
using namespace std::chrono_literals;

Time noon() { return *parse_time_argument("2026-11-19T12:00:00Z", Time{}); }

SteadyTime steady_noon() { return SteadyTime{240h}; }
Instant noon_on_both() { return {noon(), steady_noon()}; }

Source make_source(int id, const std::string& identifier) {
    Source source;
    source.id = id;
    source.identifier = identifier;
    source.name = "The " + identifier;
    source.url = "https://example.org/" + identifier;
    source.rss_url = source.url + "/feed";
    source.last_check = source.last_success = noon() - 10min;
    return source;
}

Sample::Sample() {
    fast.read_at = steady_noon() - 5s;
    fast.server_time = noon() - 5s;
    fast.sources.push_back({make_source(1, "alpha"), noon() + 50min, "", "", "", 0});
    fast.schedules.push_back({"collect", std::nullopt, noon() - 1min, noon() - 1min, 2.5});
    fast.runs.push_back({"0123456789abcdef", "collect", "host:1", "ok", noon() - 62s, noon() - 1min, 1, 0, 0,
                         20, 3, 0, 1000});
    slow.read_at = steady_noon() - 90s;
    slow.contents.articles = 42;
    slow.contents.last_24h[1] = 3;
    slow.contents.by_day = {{"2026-11-18", 5}, {"2026-11-19", 3}};
    slow.contents.newest.push_back({7, "alpha", "A loader", "https://example.org/a", noon() - 3h});
    slow.contents.database_bytes = 1 << 20;
    snapshot.taken_at = steady_noon() - 1s;
    snapshot.database_seen_at = steady_noon() - 1s;
    snapshot.response_s = 0.002;
    snapshot.schema_version = "0003_monitor";
    loop.started_at = steady_noon() - 1h;
    loop.heartbeat = steady_noon() - 100ms;
    loop.last_round = loop.last_good_round = steady_noon() - 1min;
    loop.next_round = steady_noon() + 4min;
    loop.schedule = "every 300 s";
}

State Sample::state() const {
    State out;
    auto copy = snapshot;
    copy.fast = std::make_shared<FastStatus>(fast);
    copy.slow = std::make_shared<SlowStatus>(slow);
    copy.jobs = std::make_shared<JobStatus>(jobs);
    copy.job_totals = std::make_shared<const store::Counters>(job_totals);
    out.snapshot = std::make_shared<Snapshot>(copy);
    out.loop = loop;
    out.now = noon_on_both();
    return out;
}
}
