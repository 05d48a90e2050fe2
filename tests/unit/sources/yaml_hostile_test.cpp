#include "core/sources/yaml.hpp"
#include "core/sources/yaml_tree.hpp"

#include <doctest/doctest.h>

using namespace cti::sources;

namespace {
std::string repeat(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}
std::string error_of(std::string_view text) { return parse_yaml(text).error; }
}

TEST_CASE("sources::parse_yaml: aliases that stand for gigabytes are refused") {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const auto alias = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias +
                repeat(", " + alias, 8) + "]\n";
    }
    const auto document = parse_yaml(bomb);
    CHECK(document.error == "too large, with what its aliases stand for");
    CHECK(document.error_line > 1);
}

TEST_CASE("sources::parse_yaml: one long text behind many aliases is refused") {
    const auto text = "a: &a " + std::string(100000, 'x') + "\nb: [" + repeat("*a, ", 1000) + "]\n";
    CHECK(error_of(text) == "too large, with what its aliases stand for");
}

TEST_CASE("sources::parse_yaml: an alias inside of what it names is refused") {
    CHECK(error_of("a: &a [*a]") == "an alias stands inside of what it names");
}

TEST_CASE("sources::parse_yaml: deep nesting is refused, also when aliases build it up") {
    CHECK(error_of(repeat("[", 60) + repeat("]", 60)).empty());
    CHECK_FALSE(error_of(repeat("[", 70) + repeat("]", 70)).empty());
    CHECK_FALSE(error_of(repeat("[", 200000)).empty());
    CHECK_FALSE(error_of(repeat("- ", 5000)).empty());
    CHECK_FALSE(error_of(repeat("? ", 5000)).empty());
    std::string chain = "- &a0 [x]\n";
    for (int i = 1; i < 80; ++i) chain += "- &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
    CHECK(error_of(chain) == "nested more than 64 levels deep");
}

TEST_CASE("sources::parse_yaml: more than 10 MiB are refused before they are read") {
    CHECK(error_of(std::string(k_max_yaml_bytes + 1, '#')) == "larger than 10 MiB");
}

TEST_CASE("sources::parse_yaml: text that is not UTF-8 is refused with its line") {
    const auto document = parse_yaml("a: b\nc: \xff\n");
    CHECK(document.error == "not valid UTF-8");
    CHECK(document.error_line == 2);
}

TEST_CASE("sources::parse_yaml: a NUL in a text is refused") {
    CHECK(error_of("a: \"x\\0y\"") == "a text holds a NUL character");
}

TEST_CASE("sources::parse_yaml: a byte-order mark and CRLF are read") {
    const auto document = parse_yaml("\xef\xbb\xbf"
                                     "a: b\r\nc: d\r\n");
    CHECK(document.error.empty());
    REQUIRE(document.root.find("c") != nullptr);
    CHECK(document.root.find("c")->text == "d");
    CHECK(document.root.find("c")->line == 2);
}

TEST_CASE("sources::load_sources: a config of 1001 keys is refused") {
    std::string text = "sources:\n- id: a\n  name: A\n  url: http://a/\n  config:\n";
    for (int i = 0; i <= 1000; ++i) text += "    k" + std::to_string(i) + ": 1\n";
    const auto loaded = load_sources(text, "f");
    REQUIRE(loaded.errors.size() == 1);
    CHECK(loaded.errors[0].message == "source 'a': a mapping of more than 1000 keys");
}

TEST_CASE("sources::load_sources: any byte cut off the end leaves an error or a result, never a crash") {
    const std::string text =
        "version: '1.0'\nsources:\n- &x {id: a, name: \"A\\u00e9\", url: 'http://a/'}\n- <<: [*x, *x]\n  id: b\n";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        const auto loaded = load_sources(text.substr(0, size), "f");
        CHECK(loaded.sources.size() <= 2);
    }
    CHECK(load_sources(text, "f").errors.empty());
}
