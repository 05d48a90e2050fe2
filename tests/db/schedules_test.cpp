#include "core/base/error.hpp"
#include "core/store/own/job_list.hpp"
#include "core/store/own/schedules.hpp"
#include "core/work/schedule_leader.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

// Plans that become jobs: by one leader, at each moment once.
using namespace cti;
using namespace cti::db;
using namespace cti::store;
using namespace std::chrono_literals;
using work::ScheduleLeader;

namespace {

class Plans {
public:
    Plans() {
        run("UPDATE cti.schedules SET is_enabled = false");
        beat({"collect", "export", "housekeeping"});
    }
    // A worker that takes these kinds.
    void beat(const std::vector<std::string>& kinds) {
        Worker worker;
        worker.name = "host:1", worker.kinds = kinds;
        in_transaction([&](Transaction& transaction) { beat_worker(transaction, worker); });
    }
    void add(const std::string& name, const std::string& cron = "0 * * * *",
             const std::string& kind = "housekeeping") {
        in_transaction([&](Transaction& transaction) {
            REQUIRE(add_plan(transaction, {.name = name, .cron = cron, .kind = kind}));
        });
    }
    void turn(ScheduleLeader& leader) {
        in_transaction([&](Transaction& transaction) { leader.turn(transaction); });
    }
    // It is planned, and its moment comes.
    void let_come(ScheduleLeader& leader, const char* ago = "1 second") {
        turn(leader);
        run(fmt::format("UPDATE cti.schedules SET next_run_at = now() - interval '{}' WHERE is_enabled",
                        ago));
    }
    long jobs() { return std::stol(value("SELECT count(*) FROM cti.jobs")); }
    void finish_jobs() { run("DELETE FROM cti.jobs"); }
    void run(const std::string& sql) { m_ready.test.run(sql); }
    std::string value(const std::string& sql) { return m_ready.test.value(sql); }
    Transaction begin() { return m_ready.begin(); }
    template <class Work>
    void in_transaction(const Work& work) {
        auto transaction = m_ready.begin();
        work(transaction);
        transaction.commit();
    }

private:
    Ready m_ready;
};

ScheduleLeader make_leader(const char* name = "host:1") { return {name, work::job_kinds(), 15s}; }
}

TEST_CASE("schedules: a new database has the usual plans") {
    for (const auto kind : all_kinds()) {
        CAPTURE(name_of(kind));
        Ready ready(kind);
        auto transaction = ready.begin();
        std::vector<std::string> lines;
        for (const auto& plan : list_plans(transaction)) {
            CHECK_NOTHROW(work::check_plan(plan, current_time()));
            lines.push_back(plan.name + " " + plan.cron + " " + plan.kind);
        }
        CHECK(lines == std::vector<std::string>{"analyze 20 * * * * analyze", "backup 0 2 * * * backup",
                                                "backup_prune 30 2 * * * prune",
                                                "backup_verify 0 4 * * SUN verify",
                                                "collect 0 */3 * * * collect", "digest 0 6 * * * export",
                                                "housekeeping 30 3 * * * housekeeping"});
    }
}

TEST_CASE("schedules: a moment becomes one job, and the next one is planned") {
    Plans plans;
    plans.add("clean");
    auto leader = make_leader();
    plans.turn(leader);
    CHECK(plans.jobs() == 0); // It was never planned: there is nothing to catch up with.
    CHECK(plans.value("SELECT next_run_at > now() AND next_run_at <= now() + interval '1 hour' FROM "
                      "cti.schedules WHERE name = 'clean'") == "t");
    plans.let_come(leader);
    plans.turn(leader);
    plans.turn(leader);
    CHECK(plans.jobs() == 1);
    CHECK(plans.value("SELECT kind || ' ' || created_by FROM cti.jobs") == "housekeeping schedule clean");
    CHECK(plans.value("SELECT s.last_job_id = j.id AND s.last_slot_at < s.next_run_at FROM cti.schedules s, "
                      "cti.jobs j WHERE s.name = 'clean'") == "t");
}

TEST_CASE("schedules: moments that nobody was there for are caught up with once") {
    Plans plans;
    plans.add("clean");
    auto leader = make_leader();
    plans.let_come(leader, "30 days");
    plans.turn(leader);
    plans.finish_jobs();
    plans.turn(leader);
    CHECK(plans.jobs() == 0);
    CHECK(plans.value("SELECT next_run_at > now() FROM cti.schedules WHERE name = 'clean'") == "t");
}

TEST_CASE("schedules: while the job of the last moment waits or runs there is no second one") {
    Plans plans;
    plans.add("clean");
    auto leader = make_leader();
    for (int i = 0; i < 3; ++i) {
        plans.let_come(leader);
        plans.turn(leader);
    }
    CHECK(plans.jobs() == 1);
}

TEST_CASE(
    "schedules: one leads until it is silent for as long as its lease, and then knows that it does not") {
    Plans plans;
    plans.add("clean");
    auto first = make_leader("host:1"), second = make_leader("host:2");
    plans.let_come(first);
    plans.turn(second);
    CHECK(plans.jobs() == 0);
    plans.run("UPDATE cti.leaders SET lease_until = now() - interval '1 second'");
    plans.turn(second);
    CHECK(plans.jobs() == 1);
    CHECK(plans.value("SELECT holder || ' ' || term FROM cti.leaders") == "host:2 2");
    plans.finish_jobs();
    plans.let_come(first);
    plans.turn(first);
    CHECK(plans.jobs() == 0);
}

TEST_CASE("schedules: a leader that ends leaves the lead to another at once") {
    Plans plans;
    plans.add("clean");
    auto first = make_leader("host:1"), second = make_leader("host:2");
    plans.let_come(first);
    // It does not lead: nothing changes.
    plans.in_transaction([&](Transaction& transaction) { second.resign(transaction); });
    plans.turn(second);
    CHECK(plans.jobs() == 0);
    plans.in_transaction([&](Transaction& transaction) { first.resign(transaction); });
    plans.turn(second);
    CHECK(plans.jobs() == 1);
}

TEST_CASE("schedules: whoever read a moment before another moved it makes nothing of it") {
    Plans plans;
    plans.add("clean");
    auto leader = make_leader();
    plans.let_come(leader);
    Schedule read;
    long term = 0;
    plans.in_transaction([&](Transaction& transaction) {
        term = lead(transaction, "schedules", "host:1", 15s).value();
        const auto due = list_due_plans(transaction);
        REQUIRE(due.plans.size() == 1);
        read = due.plans.front();
    });
    plans.turn(leader);
    auto transaction = plans.begin();
    CHECK_FALSE(move_plan(transaction, read, current_time() + 1h, term));
}

TEST_CASE("schedules: a leader whose term is over moves nothing") {
    Plans plans;
    plans.add("clean");
    auto leader = make_leader();
    plans.let_come(leader);
    auto transaction = plans.begin();
    const auto due = list_due_plans(transaction);
    REQUIRE(due.plans.size() == 1);
    const auto term = lead(transaction, "schedules", "host:1", 15s).value();
    CHECK_FALSE(move_plan(transaction, due.plans.front(), current_time() + 1h, term - 1));
    CHECK(move_plan(transaction, due.plans.front(), current_time() + 1h, term));
}

TEST_CASE("schedules: what a monitor does by itself becomes no job, until no monitor is left") {
    Plans plans;
    plans.add("clean");
    auto leader = make_leader();
    plans.let_come(leader);
    plans.in_transaction([](Transaction& transaction) {
        CHECK(keep_plan(transaction, "clean", 180s)->is_kept_by_monitors);
        CHECK_FALSE(keep_plan(transaction, "nothing", 180s));
    });
    plans.turn(leader);
    CHECK(plans.jobs() == 0);
    plans.run("UPDATE cti.schedules SET monitors_until = now() - interval '1 second'");
    plans.turn(leader);
    CHECK(plans.jobs() == 1);
}

TEST_CASE("schedules: a moment waits for a worker that takes its kind") {
    Plans plans;
    plans.add("clean");
    auto leader = make_leader();
    plans.let_come(leader);
    plans.beat({"collect"});
    plans.turn(leader);
    CHECK(plans.jobs() == 0);
    plans.beat({"collect", "housekeeping"});
    plans.turn(leader);
    CHECK(plans.jobs() == 1);
}

TEST_CASE("schedules: a plan that is no use is left out, and the others are not") {
    Plans plans;
    plans.add("a_cron", "99 * * * *");
    plans.add("b_zone");
    plans.run("UPDATE cti.schedules SET zone = 'Mars/Olympus' WHERE name = 'b_zone'");
    plans.add("c_kind", "0 * * * *", "newer");
    plans.beat({"newer", "housekeeping"});
    plans.add("d_good");
    auto leader = make_leader();
    plans.let_come(leader);
    plans.turn(leader);
    CHECK(plans.value("SELECT string_agg(created_by, ' ') FROM cti.jobs") == "schedule d_good");
}

TEST_CASE("schedules: one that is disabled rests, and begins anew when it is enabled") {
    Plans plans;
    plans.add("clean");
    auto leader = make_leader();
    plans.let_come(leader);
    const auto enable = [&](bool is_enabled) {
        plans.in_transaction([&](Transaction& transaction) {
            auto plan = find_plan(transaction, "clean").value();
            plan.is_enabled = is_enabled;
            CHECK(change_plan(transaction, plan));
        });
    };
    enable(false);
    plans.turn(leader);
    CHECK(plans.jobs() == 0);
    enable(true);
    plans.turn(leader);
    CHECK(plans.jobs() == 0);
    CHECK(plans.value("SELECT next_run_at > now() FROM cti.schedules WHERE name = 'clean'") == "t");
}

TEST_CASE("schedules: removing one keeps what was done, and its name can be used again") {
    Plans plans;
    plans.run("UPDATE cti.schedules SET last_success_at = now() WHERE name = 'collect'");
    auto transaction = plans.begin();
    CHECK(remove_plan(transaction, "collect"));
    CHECK_FALSE(remove_plan(transaction, "collect"));
    CHECK_FALSE(find_plan(transaction, "collect"));
    const Schedule plan{.name = "collect", .cron = "0 * * * *", .kind = "collect"};
    CHECK_FALSE(change_plan(transaction, plan));
    CHECK(add_plan(transaction, plan));
    CHECK_FALSE(add_plan(transaction, plan));
    transaction.commit();
    CHECK(plans.value("SELECT last_success_at IS NOT NULL FROM cti.schedules WHERE name = 'collect'") == "t");
}
