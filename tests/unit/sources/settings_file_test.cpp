#include "core/sources/settings_file.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace cti;
using namespace cti::sources;

namespace {
// Each setting as "path=values @line", in the order of the file.
std::string settings_of(const std::string& text) {
    std::string out;
    for (const auto& setting : read_settings(text, "s.yaml").settings) {
        out += dotted(setting.path) + "=";
        for (const auto& value : setting.values) out += "<" + value + ">";
        out += (setting.is_list ? " list" : "") + std::string(" @") + std::to_string(setting.line) + "\n";
    }
    return out;
}
std::string first_error(const std::string& text) {
    const auto read = read_settings(text, "s.yaml");
    return read.errors.empty() ? "" : to_string(read.errors.front());
}
}

TEST_CASE("sources::read_settings: a key is an option, a mapping a command, a list several values") {
    CHECK(settings_of("timeout: 30 # seconds\n"
                      "warninglist: [a, 'b c']\n"
                      "collect:\n"
                      "  workers: 4\n"
                      "sources:\n"
                      "  list: {format: json}\n") == "timeout=<30> @1\n"
                                                     "warninglist=<a><b c> list @2\n"
                                                     "collect.workers=<4> @4\n"
                                                     "sources.list.format=<json> @6\n");
    CHECK(settings_of("").empty());
    CHECK(first_error("# only words\n").empty());
}

TEST_CASE("sources::read_settings: values are texts as they are written") {
    CHECK(settings_of("a: 007\nb: yes\nc: '5m'\nd: \"\"\n") ==
          "a=<007> @1\nb=<yes> @2\nc=<5m> @3\nd=<> @4\n");
}

TEST_CASE("sources::read_settings: what is wrong is told with its line, and the rest is read") {
    for (const auto& [text, why] : {
             std::pair<std::string, std::string>{"- a\n",
                                                 "s.yaml: line 1: must be a mapping of options, not a list"},
             {"a: 1\nb:\n", "s.yaml: line 2: 'b' has no value"},
             {"a: 1\nb: 2\na: 3\n", "s.yaml: line 3: 'a' stands twice, first in line 1"},
             {"a: [1, [2]]\n", "s.yaml: line 1: 'a' must be a list of plain values, not of a list"},
             {"a: [1, ~]\n", "s.yaml: line 1: 'a' must be a list of plain values"},
             {"[a]: 1\n", "s.yaml: line 1: a key must be the name"},
             {"a: {b: {c: {d: {e: 1}}}}\n", "s.yaml: line 1: 'a.b.c.d' is more than 4 levels deep"},
             {"a: [1\n", "s.yaml: line "},
             {"a: \"x\\0y\"\n", "s.yaml: line 1: a text holds a NUL character"},
             {"\xff: 1\n", "s.yaml: line 1: "},
         }) {
        CAPTURE(text);
        CHECK(first_error(text).find(why) == 0);
    }
    CHECK(settings_of("a: 1\nb:\nc: 3\n") == "a=<1> @1\nc=<3> @3\n");
}

TEST_CASE("sources::read_settings: a hostile file is refused, in bounded space") {
    CHECK(first_error(std::string(k_max_settings_bytes + 1, '#')) == "s.yaml: more than 256 KiB");
    CHECK_FALSE(first_error("a: " + std::string(5000, '[')).empty());
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "k" + std::to_string(i) + ":\n";
    CHECK(read_settings(many, "s.yaml").errors.size() == k_max_settings_errors);
    // Ten to the ninth values, by aliases.
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 9; ++i) {
        const auto below = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 10; ++j) bomb += below + ",";
        bomb += "]\n";
    }
    CHECK(first_error(bomb).find("too large, with what its aliases stand for") != std::string::npos);
}
