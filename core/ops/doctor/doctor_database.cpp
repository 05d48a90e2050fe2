#include "core/base/plural.hpp"
#include "core/base/shown_url.hpp"
#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/db/database_faults.hpp"
#include "core/ops/doctor/doctor_checks.hpp"
#include "core/source/kind.hpp"
#include "core/sources/reading.hpp"
#include "core/sources/source_json.hpp"
#include "core/store/own/job_list.hpp"
#include "core/store/own/leases.hpp"
#include "core/store/own/runs.hpp"
#include "core/store/own/source_state.hpp"
#include "core/store/read/overview.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <utility>

namespace cti::ops {
namespace {
using namespace std::chrono_literals;

void look_at_server(db::Database& database, const db::Target& target, Findings& findings) {
    db::Transaction transaction(database, db::Access::read_only);
    const auto facts = db::read_server(transaction);
    const bool is_local = target.is_socket() || target.host == "localhost" ||
                          target.host.starts_with("127.") || target.host == "::1";
    if (facts.encrypted || is_local)
        findings.add("tls", Verdict::ok, facts.encrypted ? facts.cipher : "not needed on this machine");
    else
        findings.add(
            "tls", Verdict::warn, "the connection is not encrypted",
            "Add ?sslmode=verify-full to DATABASE_URL, unless the network is yours alone (Compose).");
    constexpr int oldest = 120000;
    findings.add("server", facts.version_number < oldest ? Verdict::fail : Verdict::ok,
                 "PostgreSQL " + facts.version,
                 facts.version_number < oldest ? "Upgrade it to PostgreSQL 12 or later." : "");
    const auto encoding = db::find_encoding_fault(transaction);
    findings.add("encoding", encoding ? Verdict::fail : Verdict::ok, encoding ? encoding->what : "UTF8",
                 encoding ? encoding->remedy : "");
    if (facts.in_recovery)
        findings.add("replica", Verdict::warn, "this server is a replica: it can be read only",
                     "Collect into the primary.");
    const auto ahead = std::chrono::duration<double>(facts.clock_ahead).count();
    const bool is_apart = std::abs(ahead) > 2;
    findings.add(
        "clock", is_apart ? Verdict::warn : Verdict::ok,
        fmt::format("the server's clock is {:.3f} s {}", std::abs(ahead), ahead >= 0 ? "ahead" : "behind"),
        is_apart
            ? "Let both machines keep time (systemd-timesyncd, chrony); the server's decides when sources are due."
            : "");
}

void look_at_sessions(db::Transaction& transaction, Findings& findings) {
    const auto held = db::find_held_sessions(transaction, 60s);
    if (held.empty())
        return findings.add("sessions", Verdict::ok,
                            "none holds a lock or stands still for more than a minute");
    for (const auto& session : held)
        findings.add(
            "session " + std::to_string(session.pid), Verdict::warn,
            fmt::format("'{}' of role '{}' from {}: {}, its transaction is {} old{}{}", session.application,
                        session.role, session.client, session.state, format_duration(session.age),
                        session.table.empty() ? "" : ", holds a lock on " + session.table,
                        session.waiting > 0
                            ? fmt::format(", {} wait for it", count_of(session.waiting, "session"))
                            : ""),
            fmt::format(
                "Let its program go on or end it; else, as its role or a superuser: SELECT pg_terminate_backend({}).",
                session.pid));
}

// Of a writing transaction; nothing is written.
void look_at_limits(db::Database& database, Findings& findings) {
    db::Transaction transaction(database);
    std::string limits;
    for (const auto& [name, value] : db::read_limits(transaction))
        limits += fmt::format("{}{} {}", limits.empty() ? "" : ", ", name, value);
    findings.add("limits", Verdict::ok,
                 limits + "; while collecting, lock_timeout 2s and statement_timeout 2min");
}

// " (https://…)": where its reading begins.
std::string asked_address(const Source& source) {
    const auto* const kind = source::find_kind(source);
    const auto address = kind == nullptr ? std::string() : kind->first_address(source);
    return address.empty() ? std::string() : " (" + shown_url(address) + ')';
}

// Many that fail for one reason are one finding: it is one thing to mend.
void add_failing(const std::vector<sources::SourceState>& failing, const sources::Reading& reading,
                 Findings& findings) {
    std::set<std::string_view> told;
    for (const auto& [source, error] : failing) {
        const auto fault = sources::fault_of(error);
        const auto shared = reading.faults.find(fault);
        if (shared != reading.faults.end() && shared->second >= sources::k_min_shared) {
            if (!told.insert(fault).second) continue;
            const auto remedy = sources::remedy_of(fault);
            findings.add("sources", Verdict::warn,
                         fmt::format("{}: {}", count_of(shared->second, "source"), fault),
                         remedy.empty() ? "See 'cti sources list'." : std::string(remedy));
            continue;
        }
        const auto name = printable(source->identifier);
        findings.add("source " + name, Verdict::warn,
                     fmt::format("{} in a row: {}{}", count_of(source->consecutive_failures, "failure"),
                                 error, asked_address(*source)),
                     sources::site_remedy(error, name));
    }
}

void look_at_sources(db::Transaction& transaction, const db::Schema& schema, Findings& findings) {
    const auto rows = store::list_sources(transaction, schema);
    const auto errors = store::last_errors(transaction, schema);
    std::vector<sources::SourceState> states, failing;
    for (const auto& row : rows) {
        const auto error = errors.find(row.id);
        states.push_back({&row, error == errors.end() ? std::string_view() : error->second});
        if (sources::health_of(row) == "failing") failing.push_back(states.back());
    }
    const auto reading = sources::assess_reading(states);
    if (sources::is_dead(reading))
        return findings.add("sources", Verdict::fail, sources::reading_fault(reading),
                            sources::reading_remedy(reading));
    auto found = fmt::format("{}, {} active, {} failing", rows.size(), reading.active, failing.size());
    if (const auto warning = reading.unread - reading.failing; warning > 0)
        found += fmt::format(", {} warning", warning);
    const auto fault = sources::reading_fault(reading);
    if (!fault.empty()) found += "; " + fault;
    findings.add("sources", rows.empty() || !fault.empty() ? Verdict::warn : Verdict::ok, found,
                 rows.empty()     ? "Bring some in: cti init --config sources.yaml."
                 : !fault.empty() ? "See 'cti sources list --failing'."
                                  : "");
    add_failing(failing, reading, findings);
}

void look_at_runs(db::Transaction& transaction, Findings& findings) {
    const auto leases = store::count_living_leases(transaction);
    findings.add("leases", Verdict::ok,
                 leases == 0 ? "no source is in hand"
                             : fmt::format("{} sources are in the hands of runs", leases));
    const auto schedules = store::list_schedules(transaction);
    const auto collect = std::ranges::find(schedules, "collect", &store::ScheduleRow::name);
    std::optional<Time> last;
    if (collect != schedules.end()) last = collect->last_success_at;
    const auto now = store::server_time(transaction);
    const bool is_stale = !last || now - *last > 24h;
    findings.add("collection", is_stale ? Verdict::warn : Verdict::ok,
                 last ? "last successful run " + format_relative(*last, now)
                      : "there was no successful run yet",
                 is_stale ? "Run 'cti monitor' or a cron line with 'cti collect'." : "");
}

// Kinds of jobs that are ready and that none of the workers takes.
std::vector<std::string> find_kinds_without_worker(const store::JobCounts& counts,
                                                   const std::vector<store::Worker>& workers) {
    std::vector<std::string> kinds;
    for (const auto& [key, count] : counts.by_kind) {
        if (key.second != JobState::ready) continue;
        const bool is_taken =
            std::ranges::any_of(workers, [&, &kind = key.first](const store::Worker& worker) {
                return std::ranges::find(worker.kinds, kind) != worker.kinds.end();
            });
        if (!is_taken) kinds.push_back(printable(key.first));
    }
    return kinds;
}

// A job that is ready and that nobody takes.
void look_at_jobs(db::Transaction& transaction, Findings& findings) {
    const auto counts = store::count_jobs(transaction);
    const auto workers = store::list_workers(transaction);
    const auto left = find_kinds_without_worker(counts, workers);
    const auto waits_s = counts.oldest_ready_s.value_or(0);
    auto detail = counts.oldest_ready_s
                      ? fmt::format("one has been ready for {}",
                                    format_duration(std::chrono::seconds(std::lround(waits_s))))
                      : std::string("none waits");
    detail += workers.empty() ? ", and nobody works" : ", " + count_of(std::ssize(workers), "worker");
    if (!workers.empty() && !left.empty()) detail += ", of which none takes " + join(left, ", ");
    const bool is_late = counts.oldest_ready_s && (!left.empty() || waits_s > store::k_long_wait_s);
    findings.add(
        "jobs", is_late ? Verdict::warn : Verdict::ok, detail,
        !is_late          ? ""
        : workers.empty() ? "Start a worker: cti worker."
        : !left.empty()
            ? "Start a worker for it: cti worker (exports want --export-dir, newer kinds its version)."
            : "See 'cti jobs list --state running', or start more workers.");
}

// Rows of the queue die by the thousand; they stay, and each claim reads them, until vacuum may remove them.
void look_at_vacuum(db::Transaction& transaction, Findings& findings) {
    const auto holders = db::find_vacuum_holders(transaction, 1h);
    if (holders.empty())
        return findings.add("vacuum", Verdict::ok, "nothing that is known of has held it back for an hour");
    for (const auto& holder : holders)
        findings.add("vacuum", Verdict::warn,
                     fmt::format("{}, {}, holds it back{}: {} since", holder.what, holder.who,
                                 holder.age ? " for " + format_duration(*holder.age) : "",
                                 count_of(holder.transactions, "transaction")),
                     holder.remedy);
}

void look_at_schema(db::Database& database, Findings& findings) {
    db::Transaction transaction(database, db::Access::read_only);
    std::optional<db::Schema> schema;
    try {
        schema = db::read_schema(transaction);
    } catch (const Error& error) {
        findings.add("schema", Verdict::fail, error.what(), error.hint());
        return findings.skip({"rights", "sources"}, "the schema does not fit");
    }
    const char* generation = schema->generation == db::Generation::web_2025   ? "the web service's of 2025"
                             : schema->generation == db::Generation::web_2026 ? "the web service's of 2026"
                                                                              : "cti's own";
    findings.add("schema", Verdict::ok,
                 fmt::format("migration {}, tables are {}, times are kept in {}",
                             store::last_migration(transaction), generation, schema->time_zone));
    const auto missing = db::missing_rights(transaction);
    findings.add(
        "rights", missing.empty() ? Verdict::ok : Verdict::warn,
        missing.empty() ? "the role may do all that collecting needs" : "missing: " + join(missing, ", "),
        missing.empty()
            ? ""
            : "Grant them to the role that collects (sql/roles.sql); reading and exporting work without.");
    look_at_tables(transaction, *schema, findings);
    look_at_sources(transaction, *schema, findings);
    look_at_runs(transaction, findings);
    look_at_sessions(transaction, findings);
    look_at_jobs(transaction, findings);
    look_at_vacuum(transaction, findings);
    look_at_load(transaction, findings);
    transaction.commit();
    look_at_limits(database, findings);
}
}

void look_at_database(const DoctorOptions& options, const std::string& url, const db::Target& target,
                      Findings& findings) {
    std::optional<db::Database> database;
    try {
        database.emplace(url, db::OutagePolicy{}, options.connection_name);
    } catch (const Error& error) {
        findings.add("authentication", Verdict::fail, error.what(), error.hint());
        return findings.skip({"tls", "server", "schema"}, "not logged in");
    }
    findings.add("authentication", Verdict::ok, fmt::format("logged in as '{}'", target.user));
    try {
        look_at_server(*database, target, findings);
        look_at_schema(*database, findings);
        db::Transaction transaction(*database, db::Access::read_only);
        look_at_backups(transaction, options.backups, current_time(), findings);
    } catch (const Error& error) {
        findings.add("database", Verdict::fail, error.what(), error.hint());
    }
}
}
