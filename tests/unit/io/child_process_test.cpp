#include "core/io/child_process.hpp"
#include "core/io/pipe_feeder.hpp"

#include <csignal>
#include <cstdlib>
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

TEST_CASE("child process: with few variables it sees none that may be secret") {
    ::setenv("CTI_CANARY", "secret", 1);
    const std::vector<std::string> words{"sh", "-c", "printf %s \"$CTI_CANARY$HERE\""};
    CHECK(output_of({.words = words}) == "secret");
    CHECK(output_of({.words = words, .environment = {"HERE=x"}, .variables = Variables::few}) == "x");
    ::unsetenv("CTI_CANARY");
}

TEST_CASE("child process: that there is none is an error of its own") {
    try {
        output_of(
            {.words = {"/nonexistent/age"}, .code = ExitCode::usage, .missing_code = ExitCode::failure});
        FAIL("it ran");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::failure);
    }
}

TEST_CASE("pipe feeder: a program reads what a source has, and what the source threw comes after it") {
    int pieces = 0;
    const auto source = [&]() -> std::string_view { return pieces++ < 1000 ? "0123456789" : ""; };
    PipeFeeder feeder(source);
    ChildProcess child({.words = {"wc", "-c"}, .input = feeder.output()});
    feeder.close_output();
    CHECK(child.read() == "10000\n");
    child.finish();
    feeder.finish();

    PipeFeeder broken([]() -> std::string_view { throw Error{ExitCode::check, "broken"}; });
    output_of({.words = {"cat"}, .input = broken.output()});
    CHECK_THROWS_WITH_AS(broken.finish(), "broken", Error);
}

TEST_CASE("pipe feeder: a program that reads no more ends the feeding") {
    std::signal(SIGPIPE, SIG_IGN); // as the program does
    PipeFeeder feeder([]() -> std::string_view { return "0123456789"; });
    ChildProcess child({.words = {"true"}, .input = feeder.output()});
    feeder.close_output();
    child.finish();
    feeder.finish();
}
