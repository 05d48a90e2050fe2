#include "core/base/thread_board.hpp"

#include <doctest/doctest.h>
#include <stdexcept>
#include <thread>

using namespace cti;
using namespace std::chrono_literals;

namespace {
struct Board {
    SteadyTime now{1h};
    ThreadBoard threads{[this] { return now; }};
};
}

TEST_CASE("thread board: it lists who is there, with what and since when") {
    Board board;
    CHECK(board.threads.list().empty());
    ThreadSlot fetch(&board.threads, "fetch");
    {
        ThreadSlot worker(&board.threads, "worker 1");
        worker.begin("source talos");
        board.now += 90s;
        const auto threads = board.threads.list();
        REQUIRE(threads.size() == 2);
        CHECK(threads[0].name == "fetch");
        CHECK_FALSE(threads[0].is_busy);
        CHECK(threads[1].name == "worker 1");
        CHECK(threads[1].work == "source talos");
        CHECK(threads[1].silent_for == 90s);
        CHECK(threads[1].is_busy);
    }
    CHECK(board.threads.list().size() == 1);
}

TEST_CASE("thread board: a busy thread is stuck when it does not beat, begin or end") {
    Board board;
    ThreadSlot idle(&board.threads, "idle"), busy(&board.threads, "busy");
    const auto stuck = [&] { return find_stuck_thread(board.threads.list(), 300s); };
    busy.begin("one");
    board.now += 300s;
    CHECK(stuck() == "");
    board.now += 1s;
    CHECK(stuck() == "the thread 'busy' has not moved for 5 min 1 s: one");
    busy.beat();
    CHECK(stuck() == "");
    board.now += 301s;
    busy.begin("two");
    CHECK(stuck() == "");
    board.now += 301s;
    busy.end();
    board.now += 301s;
    CHECK(stuck() == "");
}

TEST_CASE("thread board: of two that are stuck the one that is longest is told") {
    Board board;
    ThreadSlot first(&board.threads, "first"), second(&board.threads, "second");
    second.begin("b");
    board.now += 1s;
    first.begin("a");
    board.now += 400s;
    CHECK(find_stuck_thread(board.threads.list(), 300s).starts_with("the thread 'second'"));
}

TEST_CASE("thread board: an exception ends the work") {
    Board board;
    ThreadSlot slot(&board.threads, "worker");
    CHECK_THROWS([&] {
        const ThreadSlot::Work work(slot, "source talos");
        CHECK(board.threads.list()[0].is_busy);
        throw std::runtime_error("no");
    }());
    CHECK_FALSE(board.threads.list()[0].is_busy);
    CHECK(board.threads.list()[0].work == "");
}

TEST_CASE("thread board: without one nothing is said") {
    ThreadSlot slot(nullptr, "worker");
    slot.begin("x");
    slot.beat();
    slot.end();
}

TEST_CASE("thread board: many threads come, work and go while it is read") {
    ThreadBoard threads;
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i)
        workers.emplace_back([&] {
            for (int round = 0; round < 200; ++round) {
                ThreadSlot slot(&threads, "worker");
                const ThreadSlot::Work work(slot, "a source");
                slot.beat();
            }
        });
    for (int i = 0; i < 200; ++i) CHECK(threads.list().size() <= 4);
    for (auto& worker : workers) worker.join();
    CHECK(threads.list().empty());
}
