#include "core/store/read/search_syntax.hpp"

#include <doctest/doctest.h>

using namespace cti;

namespace {
search::Node parse(std::string_view text) { return search::parse_query(text, {}).root; }
std::string tsquery(std::string_view text) { return store::tsquery_of(parse(text)); }
std::string regex(std::string_view text) { return store::regex_of(parse(text).term.value); }
}

TEST_CASE("store::tsquery_of: words, phrases, beginnings and titles by the operators of tsquery") {
    CHECK(tsquery("Emotet") == "('emotet')");
    CHECK(tsquery("a b OR NOT c") == "((('a') & ('b')) | !('c'))");
    CHECK(tsquery("evil.example.com") == "('evil' <-> 'example' <-> 'com')");
    CHECK(tsquery("power-sh*") == "('power' <-> 'sh':*)");
    CHECK(tsquery("title:\"quiet heron\"") == "('quiet':A <-> 'heron':A)");
    CHECK(tsquery("title:her*") == "('her':*A)");
}

TEST_CASE("store::tsquery_of: of a pattern the whole words that must be there") {
    CHECK(tsquery("*.exe") == "('exe')");
    CHECK(tsquery("a.b*c.d") == "('a') & ('d')");
    CHECK(tsquery("fo?bar").empty());
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

TEST_CASE("store::tsquery_of: only letters, digits and what is not ASCII get between the quotes") {
    CHECK(tsquery("\"it's | & ! (x) <-> :*\"") == "('it' <-> 's' <-> 'x')");
    for (int c = 1; c < 128; ++c) {
        std::string query = "ab";
        query.append(1, static_cast<char>(c)).append("cd");
        try {
            const auto out = tsquery(query);
            for (const char bad : {'\\', ';', '%', '\n', '"'}) CHECK(out.find(bad) == out.npos);
        } catch (const search::SyntaxError&) {
            CHECK(std::string_view("()\":").find(static_cast<char>(c)) != std::string_view::npos);
        }
    }
}
