#include "core/search/word_sets.hpp"
#include "core/search/words.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <map>
#include <random>

using namespace cti;
using namespace cti::search;

namespace {
Node parse(std::string_view text) { return parse_query(text, {}).root; }

struct Text {
    std::string title, content;
};
// A few texts of a few words, and an index of them that is asked as the stored one is.
struct Corpus {
    std::vector<Text> texts;
    std::vector<int> last;

    const std::vector<int>& find(const TermRange& range) {
        last.clear();
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const auto terms = find_terms(texts[i].title, texts[i].content);
            bool has = false;
            for (std::size_t pos = 0; pos < terms.size();) {
                const auto end = terms.find(' ', pos);
                const auto term = terms.substr(pos, end - pos);
                has |= range.end.empty() ? term == range.first : term >= range.first && term < range.end;
                pos = end + 1;
            }
            if (has) last.push_back(static_cast<int>(i));
        }
        return last;
    }
    bool has(const ArticleSet& set, int id) const {
        return (std::ranges::find(set.ids, id) != set.ids.end()) != set.is_all_but;
    }
};
}

TEST_CASE("word sets: the index says of words what the text says of itself") {
    std::mt19937 random(11);
    const char* words[] = {"heron",        "Heron", "hero", "quiet", "loader", "\u0436\u0443\u043A",
                           "evil.example", "x"};
    Corpus corpus;
    for (int i = 0; i < 60; ++i) {
        Text text;
        for (int n = 0; n < 6; ++n)
            (random() % 4 == 0 ? text.title : text.content) += fmt::format("{}, ", words[random() % 8]);
        corpus.texts.push_back(text);
    }
    int found = 0;
    for (const char* query :
         {"heron", "hero*", "title:heron", "title:her*", "heron loader", "heron OR quiet", "NOT heron",
          "heron -loader", "NOT (heron OR loader)", "(heron OR NOT quiet) loader", "NOT NOT x",
          "\u0416\u0443\u041A", "nowhere", "heron OR NOT heron"}) {
        CAPTURE(query);
        const auto node = parse(query);
        REQUIRE(is_words(node));
        REQUIRE_FALSE(has_phrase(node));
        const auto set = evaluate(
            node, [&](const TermRange& range) -> const std::vector<int>& { return corpus.find(range); });
        for (int i = 0; i < 60; ++i) {
            const auto& text = corpus.texts[static_cast<std::size_t>(i)];
            CHECK(corpus.has(set, i) == matches(node, fold_words(text.title), fold_words(text.content)));
            found += corpus.has(set, i) ? 1 : 0;
        }
    }
    CHECK(found > 100);
}

TEST_CASE("word sets: of a phrase the index knows those with all of its words, the text knows it") {
    Corpus corpus{{{"", "quiet heron"},
                   {"", "heron quiet"},
                   {"quiet", "heron"},
                   {"Quiet Heron", ""},
                   {"", "quiet herons"}},
                  {}};
    const auto node = parse("\"quiet heron\"");
    CHECK(has_phrase(node));
    const auto set =
        evaluate(node, [&](const TermRange& range) -> const std::vector<int>& { return corpus.find(range); });
    CHECK(set.ids == std::vector{0, 1, 2, 3});
    for (const char* query :
         {"heron -\"quiet heron\"", "NOT \"quiet heron\"", "NOT (heron \"quiet heron\")"}) {
        CAPTURE(query);
        const auto not_it = evaluate(parse(query), [&](const TermRange& range) -> const std::vector<int>& {
            return corpus.find(range);
        });
        for (const int id : {1, 2}) CHECK(corpus.has(not_it, id)); // which the text must be asked for
    }
    std::vector<bool> exact;
    for (const auto& text : corpus.texts)
        exact.push_back(matches(node, fold_words(text.title), fold_words(text.content)));
    CHECK(exact == std::vector<bool>{true, false, false, true, false});
    CHECK(matches(parse("quiet-her*"), " ", " the quiet herons "));
    CHECK_FALSE(matches(parse("title:\"quiet heron\""), " ", " quiet heron "));
    CHECK_FALSE(has_phrase(parse("quiet heron")));
    CHECK(has_phrase(parse("x OR evil.example")));
}

TEST_CASE("word sets: all but some, joined with others") {
    const ArticleSet some{{1, 2, 3}}, others{{3, 4}}, not_some{{1, 2, 3}, true}, not_others{{3, 4}, true};
    CHECK(in_both(some, others).ids == std::vector{3});
    CHECK(in_both(some, not_others).ids == std::vector{1, 2});
    CHECK(in_both(not_some, others).ids == std::vector{4});
    CHECK(in_both(not_some, not_others).ids == std::vector{1, 2, 3, 4});
    CHECK(in_both(not_some, not_others).is_all_but);
    CHECK(in_either(some, others).ids == std::vector{1, 2, 3, 4});
    CHECK(in_either(some, not_others).ids == std::vector{4});
    CHECK(in_either(some, not_others).is_all_but);
    CHECK(in_either(not_some, not_others).ids == std::vector{3});
}

TEST_CASE("term_ranges: what is looked up") {
    CHECK(term_ranges(parse("Heron")) == std::vector<TermRange>{{"heron", ""}});
    CHECK(term_ranges(parse("her*")) == std::vector<TermRange>{{"her", "hes"}});
    CHECK(term_ranges(parse("title:her*")) == std::vector<TermRange>{{"\x01her", "\x01hes"}});
    CHECK(term_ranges(parse("evil.example evil")) == std::vector<TermRange>{{"evil", ""}, {"example", ""}});
}
