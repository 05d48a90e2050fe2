#include "core/base/text.hpp"
#include "core/store/read/search_syntax.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <re2/re2.h>

using namespace cti;

namespace {
search::Node parse(std::string_view text) { return search::parse_query(text, {}).root; }
// PostgreSQL writes a code point as \uFFFF, RE2 as \x{FFFF}.
std::string for_re2(std::string regex) {
    RE2::GlobalReplace(&regex, R"(\\u([0-9A-Fa-f]{4}))", R"(\\x{\1})");
    return regex;
}
std::string regex(std::string_view text) { return store::regex_of(parse(text).term.value); }
}

TEST_CASE("store::phrase_regex: words beside each other, whatever separates them, in both cases") {
    const auto matches = [](std::string_view query, const std::string& text) {
        return RE2::PartialMatch(text, for_re2(store::phrase_regex(parse(query).term)));
    };
    for (const char* text : {"quiet heron", "the Quiet-HERON.", "quiet \"heron\"", "a\u2014quiet\n\nheron"}) {
        CAPTURE(text);
        CHECK(matches("\"quiet heron\"", text));
    }
    for (const char* text :
         {"quiet a heron", "disquiet heron", "quiet herons", "quietheron", "heron quiet"}) {
        CAPTURE(text);
        CHECK_FALSE(matches("\"quiet heron\"", text));
    }
    CHECK(matches("quiet-her*", "quiet herons"));
    CHECK(matches("\"\u0436\u0443\u043A \u00E9\u03C3\"", "\u0416\u0443\u041A \u00C9\u03C2"));
}

TEST_CASE(
    "store::regex_of: wildcards stand for anything but blanks, from the beginning of a word to its end") {
    CHECK(regex("*.exe") == "\\S*\\.exe\\M");
    CHECK(regex("fo?bar") == "\\mfo\\Sbar\\M");
    CHECK(regex("a.b*c.d") == "\\ma\\.b\\S*c\\.d\\M");
    CHECK(regex("x.*") == "\\mx\\.\\S*");
}

TEST_CASE("store::like_of: wildcards of people are LIKE's, and what LIKE would read is escaped") {
    CHECK(store::like_of("ta?os*") == "ta_os%");
    CHECK(store::like_of("100%_\\") == "100\\%\\_\\\\");
}

TEST_CASE("store::phrase_regex: only letters and digits of what was typed get into it") {
    const auto plain = store::phrase_regex(parse("\"ab cd\"").term);
    for (int c = 1; c < 128; ++c) {
        if (is_ascii_alpha(static_cast<char>(c)) || is_ascii_digit(static_cast<char>(c)) || c == '"')
            continue;
        const auto query = fmt::format("\"ab{}cd\"", static_cast<char>(c));
        CHECK(store::phrase_regex(parse(query).term) == plain);
    }
}
