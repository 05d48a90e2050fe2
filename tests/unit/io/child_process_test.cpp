#include "core/io/child_process.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace cti;
using namespace cti::io;

namespace {
std::string output_of(ChildPlan plan) {
    ChildProcess child(std::move(plan));
    std::string out;
    for (auto bytes = child.read(); !bytes.empty(); bytes = child.read()) out += bytes;
    child.finish();
    return out;
}
std::string complaint_of(ChildPlan plan) {
    try {
        output_of(std::move(plan));
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}
}

TEST_CASE("child process: it gets its words as they are, and its variables before ours") {
    CHECK(output_of({.words = {"printf", "%s|", "a b", "$HOME", "`id`", ""}}) == "a b|$HOME|`id`||");
    CHECK(output_of({.words = {"sh", "-c", "printf %s \"$HOME\""}, .environment = {"HOME=/there"}}) ==
          "/there");
    CHECK(output_of({.words = {"seq", "1", "50000"}}).size() == 288894);
}

TEST_CASE("child process: what it said is the reason where it fails") {
    CHECK(complaint_of({.words = {"sh", "-c", "echo out; printf 'no \\033[31m' >&2; exit 3"},
                        .environment = {}}) == "'sh' failed: no \\x1b[31m");
    CHECK(complaint_of({.words = {"sh", "-c", "exit 3"}}) == "'sh' failed: exit status 3");
    CHECK(complaint_of({.words = {"sh", "-c", "kill -9 $$"}}) == "'sh' failed: it was ended by signal 9 ()");
    CHECK(complaint_of({.words = {"/nonexistent/pg_dump"}}) ==
          "'/nonexistent/pg_dump' failed: no such file or directory");
    // More than a pipe holds is said before anything is read.
    CHECK(complaint_of({.words = {"sh", "-c", "seq 1 100000 >&2; exit 1"}}).ends_with("99999 100000"));
}

TEST_CASE("child process: a stop ends it, and so does leaving it alone") {
    CHECK_THROWS_AS(output_of({.words = {"sleep", "1000"}, .is_stopped = [] { return true; }}), Error);
    const ChildProcess left({.words = {"sleep", "1000"}});
}
