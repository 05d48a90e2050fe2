#include "core/export/marks.hpp"
#include "core/export/text_blocks.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace cti;
using namespace cti::exporter;

namespace {
// "h1 p1 l3": a letter for each block, and how many lines it has.
std::string kinds(std::string_view text) {
    std::string out;
    for (const auto& block : split_blocks(text)) {
        constexpr std::string_view letters = "phltc";
        out += letters[static_cast<std::size_t>(block.kind)] + std::to_string(block.lines.size()) + ' ';
    }
    return out;
}

std::string marked(std::string_view text, const std::vector<Finding>& findings) {
    MarkedText marks(text, findings);
    std::string out;
    for (const auto& piece : marks.cut(text)) out += piece.finding ? '<' + piece.text + '>' : piece.text;
    return out;
}
Finding finding(IndicatorType type, std::string value, std::size_t start, int count = 1) {
    Finding found;
    found.type = type, found.original = found.value = std::move(value), found.count = count;
    found.start = start, found.end = start + found.original.size();
    return found;
}
}

TEST_CASE("split_blocks: what stands between blank lines is a block") {
    CHECK(kinds("") == "");
    CHECK(kinds("\n \n\t\n") == "");
    CHECK(kinds("One paragraph.\n\n\nAnother.\r\n\r\nA third.") == "p1 p1 p1 ");
    CHECK(kinds("First line\nsecond line") == "l2 ");
    CHECK(kinds("- an item") == "l1 ");
}

TEST_CASE("split_blocks: a short line without an end is a heading, where something follows") {
    CHECK(kinds("Initial access\n\nText.") == "h1 p1 ");
    CHECK(kinds("3.1 The loader\n\nText.") == "h1 p1 ");
    CHECK(kinds("漢字\n\nText.") == "h1 p1 ");
    CHECK(kinds("Text.\n\nThe last line") == "p1 p1 ");
    for (const auto* line :
         {"A sentence.", "198.51.100.7", "198.51.100.7 on port 80", "evil.example", "lower case", "Evil.exe",
          "See https://a.example", "SHA256 7a2c15ed2b54b06f7c999f7286afb8ba107e286a"})
        CHECK(kinds(std::string(line) + "\n\nText.") == "p1 p1 ");
}

TEST_CASE("split_blocks: tabs between words are cells, blanks in a row and before words are code") {
    CHECK(kinds("a\tb\nc\td\nin one cell") == "t3 ");
    CHECK(kinds("\tempty first\nb\tc") == "t2 ");
    CHECK(kinds("if x:\n    y\n\n    z") == "c4 ");
    CHECK(kinds("\tindented\n\tby tabs") == "c2 ");
    CHECK(kinds("a   b") == "c1 ");
    CHECK(split_cells("a\t\tb").size() == 3);
}

TEST_CASE("length_of_marker: marks of items, not words that begin like them") {
    CHECK(length_of_marker("- x") == 2);
    CHECK(length_of_marker("\xe2\x80\xa2 x") == 4);
    CHECK(length_of_marker("12. x") == 4);
    CHECK(length_of_marker("a) x") == 3);
    for (const auto* item : {"", "-x", "1.5 x", "a. x", "2026. x", "12", "- "}) {
        CAPTURE(item);
        CHECK(length_of_marker(item) == (std::string_view(item) == "- " ? 2U : 0U));
    }
}

TEST_CASE("find_marks: every place of a value, and the longest where one stands in another") {
    using Type = IndicatorType;
    CHECK(marked("ask 198.51.100.7, not 198.51.100.77; 198.51.100.7",
                 {finding(Type::ipv4, "198.51.100.7", 4, 2)}) ==
          "ask <198[.]51[.]100[.]7>, not 198.51.100.77; <198[.]51[.]100[.]7>");
    CHECK(marked("http://evil.example/a and evil.example", {finding(Type::url, "http://evil.example/a", 0),
                                                            finding(Type::domain, "evil.example", 7, 2)}) ==
          "<hxxp://evil[.]example/a> and <evil[.]example>");
}

TEST_CASE("find_marks: a text that has changed since, and offsets beyond its end") {
    using Type = IndicatorType;
    CHECK(marked("now evil.example stands here", {finding(Type::domain, "evil.example", 20)}) ==
          "now <evil[.]example> stands here");
    CHECK(marked("short", {finding(Type::domain, "evil.example", 4711)}) == "short");
    CHECK(marked("", {finding(Type::domain, "evil.example", 0)}) == "");
}

TEST_CASE("find_marks: what something speaks against, or what only the title has, is not marked") {
    auto benign = finding(IndicatorType::domain, "vendor.example", 0), in_title = benign;
    benign.verdict = IndicatorVerdict::benign, in_title.in_title = true;
    CHECK(marked("vendor.example", {benign, in_title}) == "vendor.example");
}

TEST_CASE("MarkedText: a mark that goes over a line's end is in both lines") {
    const std::string text = "run a.b\nc.d now";
    const std::vector<Finding> findings{finding(IndicatorType::command_line, "a.b\nc.d", 4)};
    MarkedText marks(text, findings);
    CHECK(marks.cut(std::string_view(text).substr(0, 7)).back().text == "a[.]b");
    CHECK(marks.cut(std::string_view(text).substr(8)).front().text == "c[.]d");
}
