#include "core/base/text.hpp"
#include "core/base/unicode_lower.hpp"
#include "core/search/query.hpp"
#include "core/search/separators.hpp"
#include "core/search/words.hpp"

#include <doctest/doctest.h>
#include <set>
#include <string>

using namespace cti;

namespace {
std::set<std::string> terms(std::string_view title, std::string_view content) {
    std::set<std::string> all;
    const auto found = search::find_terms(title, content);
    for (const auto term : split(found, ' ')) CHECK(all.emplace(term).second == true);
    all.erase(""); // after the last blank
    return all;
}
}

TEST_CASE("fold_words: letters and digits in lower case, one blank around each word") {
    CHECK(search::fold_words("Evil-Loader, v1.2") == " evil loader v1 2 ");
    CHECK(search::fold_words("  \t\n") == " ");
    CHECK(search::fold_words("") == " ");
    CHECK(search::fold_words(std::string_view("a\0b\x01", 4)) == " a b ");
    CHECK(search::fold_words("\u0416\u0443\u0440\u043D\u0430\u043B \u00C9t\u00E9 \u9ED1\u5BA2") ==
          " \u0436\u0443\u0440\u043D\u0430\u043B \u00E9t\u00E9 \u9ED1\u5BA2 ");
    CHECK(search::fold_words("\u039F\u0394\u039F\u03A3 \u03BF\u03B4\u03BF\u03C2") ==
          " \u03BF\u03B4\u03BF\u03C3 \u03BF\u03B4\u03BF\u03C3 ");
    CHECK(search::fold_words("half \xE2\x82 of one") == " half of one ");
}

TEST_CASE("find_terms: each word once, those of the title marked as well, none that is too long") {
    CHECK(terms("Quiet Heron", "The heron, the HERON and 203.0.113.7") ==
          std::set<std::string>{"quiet", "heron", "\x01quiet", "\x01heron", "the", "and", "203", "0", "113",
                                "7"});
    CHECK(terms("", "").empty());
    const std::string longest(search::k_max_term_bytes, 'a');
    CHECK(terms("", longest + " " + longest + "b") == std::set<std::string>{longest});
    std::string many;
    for (int i = 0; i < 9000; ++i) many += "w" + std::to_string(i % 4500) + "\n";
    CHECK(terms("", many).size() == 4500);
}

TEST_CASE("search: words of a query end at the marks that those of the index end at") {
    for (const auto& [first, last] : search::k_separators)
        for (const auto mark : {first, last}) {
            std::string text = "Evil";
            append_utf8(text, mark);
            text += "loader";
            CAPTURE(text);
            CHECK(search::split_words(text) == std::vector<std::string>{"evil", "loader"});
            CHECK(search::fold_words(text) == " evil loader ");
        }
}

TEST_CASE("upper_cases: all that become this letter") {
    CHECK(upper_cases('a') == std::vector<char32_t>{'A'});
    CHECK(upper_cases('1').empty());
    for (const char32_t c : {U'\u0436', U'\u00E9', U'\u0101', U'\u03C3', U'\u01C6'}) {
        REQUIRE_FALSE(upper_cases(c).empty());
        for (const auto upper : upper_cases(c)) CHECK(to_lower(upper) == c);
    }
}
