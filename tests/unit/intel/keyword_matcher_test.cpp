#include "core/intel/keyword_matcher.hpp"

#include <doctest/doctest.h>

using cti::intel::Edge;
using cti::intel::Keyword;
using cti::intel::KeywordMatcher;

namespace {
bool finds(const Keyword& keyword, std::string_view text) { return KeywordMatcher({keyword}).find(text)[0]; }
}

TEST_CASE("intel::KeywordMatcher: keywords inside of, before and behind each other are all found") {
    const KeywordMatcher matcher({{"she", Edge::any, Edge::any},
                                  {"he", Edge::any, Edge::any},
                                  {"hers", Edge::any, Edge::any},
                                  {"his", Edge::any, Edge::any},
                                  {"he", Edge::any, Edge::any},
                                  {"rs", Edge::any, Edge::any}});
    CHECK(matcher.find("ushers") == std::vector<bool>{true, true, true, false, true, true});
    CHECK(matcher.find("") == std::vector<bool>(6));
    CHECK(matcher.find("ahishe") == std::vector<bool>{true, true, false, true, true, false});
}

TEST_CASE("intel::KeywordMatcher: a word boundary is where a word character meets none") {
    const Keyword word{"temp"};
    CHECK(finds(word, "temp"));
    CHECK(finds(word, "c:\\temp\\a"));
    CHECK_FALSE(finds(word, "attempt temps _temp"));
    CHECK_FALSE(finds(word, "\xC3\xA9temp temp\xD0\xB6"));
    CHECK(finds(word, "\xE2\x80\x9Ctemp\xE2\x80\x9D"));
    CHECK(finds(word, "attempt temp"));
    // A keyword that starts with none needs a word character before it.
    CHECK(finds({"%temp%"}, "a%temp%b"));
    CHECK_FALSE(finds({"%temp%"}, " %temp% "));
}

TEST_CASE("intel::KeywordMatcher: the other edges") {
    CHECK(finds({"-enc", Edge::no_letter, Edge::no_letter}, "7-enc_"));
    CHECK_FALSE(finds({"-enc", Edge::no_letter, Edge::no_letter}, "x-enc -encode"));
    CHECK(finds({"cmd", Edge::word_boundary, Edge::no_alnum}, "cmd_x"));
    CHECK_FALSE(finds({"cmd", Edge::word_boundary, Edge::no_alnum}, "cmd5 cmdx"));
    CHECK(finds({".ps1", Edge::word, Edge::word_boundary}, "a.ps1"));
    CHECK_FALSE(finds({".ps1", Edge::word, Edge::word_boundary}, ".ps1 -.ps1 a.ps12"));
}

TEST_CASE("intel::KeywordMatcher: none of no keywords is found") {
    CHECK(KeywordMatcher({}).find("text").empty());
}
