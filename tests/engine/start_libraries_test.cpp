#include "core/base/hash.hpp"
#include "core/collect/start_libraries.hpp"
#include "core/net/client.hpp"
#include "core/page/page.hpp"

#include <cstdio>
#include <doctest/doctest.h>
#include <latch>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace cti;

namespace {
// All at the same moment, in a process in which nothing was used before.
void use_everything_in_threads() {
    std::latch start(4);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            start.arrive_and_wait();
            page::extract("<html><body><article><p>A loader was seen.</p></article></body></html>", {});
            sha256_hex("a");
            const net::Client client({});
        });
    for (auto& thread : threads) thread.join();
}
}

TEST_CASE(
    "collect::start_libraries: after it the first use of every library may be in many threads at once") {
    for (int i = 0; i < 20; ++i) {
        std::fflush(stdout); // else the child would print it once more
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::alarm(60); // A hang ends here, and is seen by its signal.
            collect::start_libraries();
            use_everything_in_threads();
            ::_exit(0);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
    }
}
