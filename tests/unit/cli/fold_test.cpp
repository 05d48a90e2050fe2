#include "cli/term/fold.hpp"
#include "core/base/text.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::cli;

namespace {
std::string lines(std::string_view text, std::size_t width) {
    std::string out;
    for (const auto& line : fold(StyledText(text), width)) out += line.text() + '|';
    return out;
}
}

TEST_CASE("cli::fold: at blanks, which end with the line") {
    CHECK(lines("", 10) == "|");
    CHECK(lines("one two", 10) == "one two|");
    CHECK(lines("one two three", 7) == "one two|three|");
    CHECK(lines("one two   three", 8) == "one two|three|");
    CHECK(lines("exactly ten", 7) == "exactly|ten|");
}

TEST_CASE("cli::fold: a word that is too long is cut, and the next one begins behind it") {
    CHECK(lines("abcdefghij kl", 4) == "abcd|efgh|ij|kl|");
    CHECK(lines("a abcdefgh", 4) == "a|abcd|efgh|");
}

TEST_CASE("cli::fold: wide characters part anywhere but before what closes and behind what opens") {
    CHECK(lines("漢字漢字", 4) == "漢字|漢字|");
    CHECK(lines("漢字漢字", 5) == "漢字|漢字|");
    CHECK(lines("漢字。漢", 4) == "漢|字。|漢|");
    CHECK(lines("漢「字」", 4) == "漢|「字|」|");
    CHECK(lines("ab漢", 3) == "ab|漢|");
    CHECK(lines("漢", 1) == "漢|");
}

TEST_CASE("cli::fold: a mark stays with the letter that it belongs to") {
    CHECK(lines("aaae\xcc\x81z", 4) == "aaae\xcc\x81|z|");
}

TEST_CASE("cli::fold: what is preformatted keeps its blanks") {
    std::string out;
    for (const auto& line : fold_anywhere(StyledText("    if  x"), 6)) out += line.text() + '|';
    CHECK(out == "    if|  x|");
}

TEST_CASE("cli::StyledText: harmless, and each colour ends in the line that it began in") {
    StyledText text("a\x1b[31m ");
    CHECK(text.text() == "a\\x1b[31m ");
    text.append("bold words", Ink::strong);
    text.append(" end");
    CHECK(text.render(false) == "a\\x1b[31m bold words end");
    std::string out;
    for (const auto& line : fold(text, 14)) out += line.render(true) + '|';
    CHECK(out == "a\\x1b[31m \x1b[1mbold\x1b[0m|\x1b[1mwords\x1b[0m end|");
}
