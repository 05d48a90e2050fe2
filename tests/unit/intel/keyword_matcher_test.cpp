#include "core/intel/keyword_matcher.hpp"

#include <doctest/doctest.h>
#include <utility>
#include <vector>

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

TEST_CASE("intel::KeywordMatcher: for_each_at finds what begins at a place, the shortest first") {
    const KeywordMatcher matcher({{"he"}, {"hers"}, {"she"}, {"here"}, {"cobalt strike"}});
    const auto found = [&](std::string_view text, std::size_t start) {
        std::vector<std::pair<std::size_t, std::size_t>> all;
        matcher.for_each_at(text, start,
                            [&](std::size_t keyword, std::size_t end) { all.emplace_back(keyword, end); });
        return all;
    };
    using Found = std::vector<std::pair<std::size_t, std::size_t>>;
    CHECK(found("hers", 0) == Found{{0, 2}, {1, 4}});
    CHECK(found("ushers", 1) == Found{{2, 4}});
    CHECK(found("ushers", 2) == Found{{0, 4}, {1, 6}});
    CHECK(found("xhers", 0).empty());
    CHECK(found("he", 0) == Found{{0, 2}});
    CHECK(found("Cobalt STRIKE", 0) == Found{{4, 13}});
    CHECK(found("cobalt strik", 0).empty());
}

TEST_CASE("intel::KeywordMatcher: for_each_at finds keywords of every size where the text ends") {
    for (const std::string_view keyword : {"a", "ab", "abc", "abcd", "abcde"}) {
        const KeywordMatcher matcher({{std::string(keyword)}, {"zzzzz"}});
        for (const std::string_view behind : {"", ".", " and", "\xFF\xFF\xFF"}) {
            int count = 0;
            matcher.for_each_at(
                ". " + std::string(keyword) + std::string(behind), 2,
                [&](std::size_t, std::size_t end) { count += end == 2 + keyword.size() ? 1 : 100; });
            CHECK(count == 1);
        }
    }
}
