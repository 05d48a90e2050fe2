#include "core/collect/check_queue.hpp"
#include "core/sources/page_settings.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti;
using namespace cti::collect;
using namespace std::chrono_literals;

namespace {
const Time k_now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 10h;
const CheckQueue::Moment k_moment{100s};

// A source whose posts stand in two lists, so that two answers are on their way at the same time.
std::unique_ptr<Check> make_check(const db::Schema& schema) {
    store::Claim claim;
    claim.source.id = 1, claim.source.identifier = "one", claim.source.url = "https://a.example/";
    claim.source.config_json =
        R"({"discovery": {"strategies": [{"listing": {"urls": ["/x", "/y"], "post_link_selector": "li a"}}]}})";
    CheckOptions options;
    options.dry_run = options.ignore_known = true;
    return std::make_unique<Check>(schema, std::move(claim), options, k_now);
}

Answer answer_to(const Ask& ask) {
    net::Response response;
    response.status = 200, response.url = ask.document.request.url, response.content_type = "text/html";
    response.body = fmt::format("<ul><li><a href='/blog/post-of-{}'>A post</a></li></ul>",
                                ask.document.request.url.back());
    return {ask, std::move(response)};
}

// One order of events: two answers arrive, and two threads take turns, each of which begins and ends at a
// moment of its own.
class Play {
public:
    Play() {
        auto check = make_check(m_schema);
        for (auto& ask : check->begin().asks) m_asks.push_back(std::move(ask));
        REQUIRE(m_asks.size() == 2);
        m_queue.add(1, std::move(check));
    }

    enum Action { arrive_x, arrive_y, thread_a, thread_b };
    std::vector<int> possible() const {
        std::vector<int> actions;
        if (!m_arrived[0]) actions.push_back(arrive_x);
        if (!m_arrived[1]) actions.push_back(arrive_y);
        for (const int thread : {0, 1})
            if (m_turns[thread] || m_queue.has_ready(k_moment)) actions.push_back(thread_a + thread);
        return actions;
    }

    void act(int action) {
        if (action < thread_a) {
            m_arrived[action] = true;
            return m_queue.push(1, answer_to(m_asks[static_cast<std::size_t>(action)]));
        }
        auto& turn = m_turns[action - thread_a];
        if (turn) return end_turn(turn);
        turn = m_queue.next_turn(k_moment);
        // Nobody else has the check.
        CHECK_FALSE((m_turns[0] && m_turns[1]));
    }

    // What came out, when nothing more can happen.
    void check_end() const {
        CHECK(m_records == 1);
        CHECK(m_accepted == 2);
        CHECK(m_posts == 2);
        CHECK(m_queue.is_empty());
        CHECK(m_queue.tasks() == 0);
    }

private:
    void end_turn(std::optional<CheckQueue::Turn>& turn) {
        std::optional<CheckTask> next;
        if (auto* answer = std::get_if<Answer>(&turn->task)) {
            CHECK(m_records == 0);
            ++m_accepted;
            const auto step = turn->check->accept(answer->ask, std::move(answer->response));
            CHECK((step.next == Next::record) == (m_accepted == 2));
            if (step.next == Next::record) next = Record{};
            m_queue.give_back(1, std::move(next));
        } else {
            turn->check->finish();
            m_posts = turn->check->defer("").result.entries;
            ++m_records;
            m_queue.end(1);
        }
        turn.reset();
    }

    db::Schema m_schema;
    CheckQueue m_queue;
    std::vector<Ask> m_asks;
    bool m_arrived[2] = {false, false};
    std::optional<CheckQueue::Turn> m_turns[2];
    int m_accepted = 0, m_records = 0, m_posts = 0;
};

// All orders: every prefix is played anew, as a check cannot be copied.
int play_all(std::vector<int>& path) {
    Play play;
    for (const int action : path) play.act(action);
    const auto actions = play.possible();
    if (actions.empty()) {
        play.check_end();
        return 1;
    }
    int orders = 0;
    for (const int action : actions) {
        path.push_back(action);
        orders += play_all(path);
        path.pop_back();
    }
    return orders;
}
}

TEST_CASE(
    "collect::CheckQueue: two answers to one check are read one after the other and recorded once, in every order of two threads") {
    std::vector<int> path;
    const auto orders = play_all(path);
    CHECK(orders == 48);
}

TEST_CASE("collect::CheckQueue: checks that wait for a lock let the others pass, and come back in time") {
    const db::Schema schema;
    CheckQueue queue;
    for (const CheckId id : {1U, 2U}) {
        queue.add(id, make_check(schema));
        queue.push(id, Record{});
    }
    CHECK(queue.next_turn(k_moment)->id == 1);
    queue.put_back(1, Record{1}, k_moment + 5s);
    CHECK(queue.next_turn(k_moment)->id == 2);
    CHECK_FALSE(queue.next_turn(k_moment));
    CHECK(queue.next_moment() == k_moment + 5s);
    queue.end(2);
    const auto again = queue.next_turn(k_moment + 5s);
    REQUIRE(again);
    CHECK(std::get<Record>(again->task).tries == 1);
    queue.end(1);
    CHECK(queue.is_empty());
}

TEST_CASE("collect::CheckQueue: what comes for a check that has ended is dropped") {
    const db::Schema schema;
    CheckQueue queue;
    queue.add(1, make_check(schema));
    queue.push(1, Record{});
    queue.push(1, CutShort{});
    CHECK(queue.tasks() == 2);
    REQUIRE(queue.next_turn(k_moment));
    queue.end(1);
    queue.push(1, CutShort{});
    CHECK(queue.tasks() == 0);
    CHECK_FALSE(queue.next_turn(k_moment));
}
