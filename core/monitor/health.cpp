#include "core/monitor/health.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/sources/reading.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace cti::monitor {
namespace {
using std::chrono::seconds;

constexpr double k_slow_database_s = 1.0;
constexpr seconds k_clock_slack{5}; // between two readings of the server's clock

double in_seconds(Time::duration duration) { return std::chrono::duration<double>(duration).count(); }
std::string in_words(Time::duration duration) { return format_duration(duration); }

Check check_database(const Snapshot& snapshot, SteadyTime now) {
    Check check{"postgresql:responseTime", Level::pass, "null", "s", ""};
    if (snapshot.database_seen_at) check.observed = fmt::format("{:.6f}", snapshot.response_s);
    if (!is_database_up(snapshot, now)) {
        check.level = Level::fail;
        check.output = !snapshot.database_error.empty() ? snapshot.database_error
                       : snapshot.database_seen_at
                           ? fmt::format("no answer for {}", in_words(now - *snapshot.database_seen_at))
                           : "no answer yet";
    } else if (snapshot.response_s > k_slow_database_s) {
        check.level = Level::warn;
        check.output =
            fmt::format("the database took {:.1f} s for the simplest question", snapshot.response_s);
    }
    return check;
}

Check check_schema(const Snapshot& snapshot) {
    Check check{"postgresql:schemaVersion", Level::pass, "null", "", snapshot.schema_error};
    if (!snapshot.schema_version.empty()) {
        check.observed.clear();
        append_json_string(check.observed, snapshot.schema_version);
    }
    if (!check.output.empty()) check.level = Level::fail;
    return check;
}

std::string find_silent_loop(const LoopView& loop, SteadyTime now) {
    if (now - loop.heartbeat < k_max_heartbeat) return {};
    return fmt::format("the loop has not turned for {}", in_words(now - loop.heartbeat));
}

Check check_loop(const LoopView& loop, SteadyTime now) {
    Check check{"loop:heartbeatAge", Level::pass, fmt::format("{:.1f}", in_seconds(now - loop.heartbeat)),
                "s", find_silent_loop(loop, now)};
    if (!check.output.empty()) check.level = Level::fail;
    return check;
}

Check check_threads(const std::vector<ThreadStatus>& threads) {
    std::chrono::microseconds longest{0};
    for (const auto& thread : threads)
        if (thread.is_busy) longest = std::max(longest, thread.silent_for);
    Check check{"threads:longestSilence", Level::pass, fmt::format("{:.1f}", in_seconds(longest)), "s",
                find_stuck_thread(threads, k_slow_thread)};
    if (!check.output.empty()) check.level = longest > k_max_thread_silence ? Level::fail : Level::warn;
    return check;
}

// How long ago the last good round of this process was, or of any when the database knows of a later one (a
// replica, a cron line). The database's moments are compared with its own clock; one that lies ahead of that
// was written before the clock was set back, and says nothing.
std::optional<Time::duration> age_of_success(const Snapshot& snapshot, const LoopView& loop, SteadyTime now) {
    std::optional<Time::duration> age;
    if (loop.last_good_round) age = now - *loop.last_good_round;
    if (!snapshot.fast) return age;
    const auto server_now = server_time_at(*snapshot.fast, now);
    for (const auto& row : snapshot.fast->schedules) {
        if (row.name != "collect" || !row.last_success_at ||
            *row.last_success_at > server_now + k_clock_slack)
            continue;
        const auto by_database = std::max(server_now - *row.last_success_at, Time::duration::zero());
        age = std::min(age.value_or(by_database), by_database);
    }
    return age;
}

Check check_collection(const Snapshot& snapshot, const LoopView& loop, SteadyTime now) {
    // Three rounds, and never less than a quarter of an hour: slow sources alone make a round take minutes.
    const auto patience = std::max<seconds>(3 * loop.period, seconds{900});
    const auto last = age_of_success(snapshot, loop, now);
    const Time::duration uptime = now - loop.started_at;
    Check check{"collector:lastSuccessAge", Level::pass,
                last ? fmt::format("{:.0f}", in_seconds(*last)) : "null", "s", ""};
    if (loop.collects && std::min(last.value_or(uptime), uptime) > patience) {
        check.level = Level::fail;
        check.output = fmt::format("no successful round for {}{}{}", in_words(last.value_or(uptime)),
                                   loop.last_error.empty() ? "" : ": ", loop.last_error);
    }
    return check;
}

Check check_sources(const Snapshot& snapshot) {
    Check check{"sources:failing", Level::pass, "null", "sources", ""};
    if (!snapshot.fast) return check;
    std::vector<sources::SourceState> states;
    for (const auto& status : snapshot.fast->sources) states.push_back({&status.source, status.last_error});
    const auto reading = sources::assess_reading(states);
    check.observed = std::to_string(reading.failing);
    if (reading.active == 0)
        check.output = states.empty() ? "there are no sources yet: run 'cti init'" : "no source is active";
    else if (const auto fault = sources::reading_fault(reading); !fault.empty())
        check.output = fault;
    else if (reading.failing > 0)
        check.output = fmt::format("{} of {} active sources fail", reading.failing, reading.active);
    if (!check.output.empty()) check.level = sources::is_dead(reading) ? Level::fail : Level::warn;
    return check;
}

// Jobs that wait or run; those that have ended are in the counts for a day.
Check check_depth(const Snapshot& snapshot) {
    Check check{"queue:depth", Level::pass, "null", "jobs", ""};
    if (!snapshot.jobs) return check;
    long living = 0;
    for (const auto& [key, count] : snapshot.jobs->counts.by_kind)
        if (!is_finished(key.second)) living += count;
    check.observed = std::to_string(living);
    return check;
}

Check check_oldest_job(const Snapshot& snapshot) {
    Check check{"queue:oldestReadyAge", Level::pass, "null", "s", ""};
    if (!snapshot.jobs || !snapshot.jobs->counts.oldest_ready_s) return check;
    const auto waits_s = *snapshot.jobs->counts.oldest_ready_s;
    check.observed = fmt::format("{:.0f}", waits_s);
    if (waits_s <= store::k_long_wait_s) return check;
    check.level = Level::warn;
    check.output = fmt::format("a job has been ready for {}{}", in_words(seconds(std::lround(waits_s))),
                               snapshot.jobs->workers.empty() ? ": no worker is at work" : "");
    return check;
}

Check check_uptime(const LoopView& loop, SteadyTime now) {
    return {"uptime", Level::pass, fmt::format("{:.0f}", in_seconds(now - loop.started_at)), "s", ""};
}

// Of what was read from the database once; nothing before.
template <class Status>
std::optional<double> age_of(const std::shared_ptr<const Status>& status, SteadyTime now) {
    return status ? std::optional(in_seconds(now - status->read_at)) : std::nullopt;
}

void write_check(JsonWriter& json, const Check& check, Time now) {
    json.key(check.name)
        .begin_array()
        .begin_object()
        .member("status", name_of(check.level))
        .key("observedValue")
        .raw(check.observed);
    if (!check.unit.empty()) json.member("observedUnit", check.unit);
    if (!check.output.empty()) json.member("output", printable(check.output));
    json.member("time", format_rfc3339(now)).end_object().end_array();
}
}

std::string_view name_of(Level level) {
    return level == Level::pass ? "pass" : level == Level::warn ? "warn" : "fail";
}
std::string_view status_word(Level level) {
    return level == Level::pass ? "healthy" : level == Level::warn ? "degraded" : "unhealthy";
}

std::string find_hurt(const LoopView& loop, const std::vector<ThreadStatus>& threads, SteadyTime now) {
    auto silent = find_silent_loop(loop, now);
    return silent.empty() ? find_stuck_thread(threads, k_max_thread_silence) : silent;
}

bool is_database_up(const Snapshot& snapshot, SteadyTime now) {
    return snapshot.database_error.empty() && snapshot.database_seen_at &&
           now - *snapshot.database_seen_at < k_max_silence;
}

std::string unready_reason(const Snapshot& snapshot, const LoopView& loop, SteadyTime now) {
    if (loop.draining) return "stopping";
    for (const auto& check : {check_database(snapshot, now), check_schema(snapshot)})
        if (check.level == Level::fail) return check.output;
    // One that could not be done says that the next may not either, for want of disk for example; a good one
    // takes it back.
    if (loop.collects && !loop.last_error.empty())
        return "the last round could not be done: " + loop.last_error;
    return {};
}

Health assess_health(const Snapshot& snapshot, const LoopView& loop, const std::vector<ThreadStatus>& threads,
                     SteadyTime now) {
    Health health;
    health.checks = {check_database(snapshot, now),
                     check_schema(snapshot),
                     check_loop(loop, now),
                     check_threads(threads),
                     check_collection(snapshot, loop, now),
                     check_sources(snapshot),
                     check_depth(snapshot),
                     check_oldest_job(snapshot),
                     check_uptime(loop, now)};
    for (const auto& check : health.checks) {
        if (check.level <= health.level) continue;
        health.level = check.level;
        health.reason = check.output;
    }
    return health;
}

std::string health_json(const Health& health, const Snapshot& snapshot, const LoopView& loop,
                        const Instant& now) {
    std::string out;
    JsonWriter json(out, 2);
    json.begin_object()
        .member("status", status_word(health.level))
        .member("timestamp", format_rfc3339(now.wall));
    json.member_or_null("reason", printable(health.reason));
    const bool up = is_database_up(snapshot, now.steady);
    json.key("database").begin_object().member("status", up ? "connected" : "disconnected");
    json.member("sources", snapshot.fast ? std::optional(snapshot.fast->sources.size()) : std::nullopt);
    json.member("articles", snapshot.slow ? std::optional(snapshot.slow->contents.articles) : std::nullopt)
        .end_object();
    json.member("version", version())
        .member("snapshot_age_seconds", in_seconds(now.steady - snapshot.taken_at));
    // The counts outlive a database that is away, and the articles of a big one are counted seldom.
    json.member("sources_age_seconds", age_of(snapshot.fast, now.steady));
    json.member("articles_age_seconds", age_of(snapshot.slow, now.steady));
    json.member("next_round", format_rfc3339(next_round_of(loop, now)));
    json.key("checks").begin_object();
    for (const auto& check : health.checks) write_check(json, check, now.wall);
    json.end_object().end_object();
    return out + '\n';
}
}
