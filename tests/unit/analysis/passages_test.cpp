#include "core/analysis/passages.hpp"

#include <doctest/doctest.h>

using namespace cti::analysis;

namespace {
const std::string k_text = "One fact. Two facts. Three facts. Four facts.";

Item item_at(std::size_t start, std::size_t end, std::string sentence = "s") {
    Item item;
    item.sentence = std::move(sentence), item.evidence = {{start, end}};
    return item;
}
}

TEST_CASE("analysis passages: they stand in the text's order, each once, and know where they are from") {
    const Passages passages(k_text, {{item_at(10, 20), item_at(0, 9)}, {item_at(34, 45), item_at(12, 20)}},
                            1000);
    CHECK(passages.text() == "One fact.\n\nTwo facts.\n\nFour facts.");
    CHECK(passages.find_origin({0, 9}) == Span{0, 9});
    CHECK(passages.find_origin({15, 20}) == Span{14, 19});
    CHECK(passages.find_origin({23, 34}) == Span{34, 45});
    CHECK_FALSE(passages.find_origin({4, 15}));  // in two of them
    CHECK_FALSE(passages.find_origin({9, 11}));  // between them
    CHECK_FALSE(passages.find_origin({30, 99})); // nowhere
}

TEST_CASE("analysis passages: where there is no room for all, each piece has its first ones") {
    const ItemsByPiece pieces{{item_at(0, 9), item_at(10, 20)}, {}, {item_at(21, 33), item_at(34, 45)}};
    CHECK(Passages(k_text, pieces, 30).text() == "One fact.\n\nThree facts.");
    CHECK(Passages(k_text, pieces, 5).text().empty());
    CHECK(Passages(k_text, {}, 1000).text().empty());
    const auto first = first_items({{item_at(0, 9, "a"), item_at(0, 9, "b")}, {item_at(0, 9, "c")}}, 2);
    REQUIRE(first.size() == 2);
    CHECK((first[0].sentence == "a" && first[1].sentence == "c"));
}

TEST_CASE("analysis passages: a quotation that runs over two of them is none of the text") {
    const Passages passages(k_text, {{item_at(0, 9), item_at(34, 45)}}, 1000);
    Proved proved;
    proved.items = {item_at(11, 22, "right"), item_at(4, 15, "over two")};
    const auto moved = relocate(passages, proved);
    REQUIRE(moved.items.size() == 1);
    CHECK(moved.items[0].sentence == "right");
    CHECK(moved.items[0].evidence == std::vector<Span>{{34, 45}});
    REQUIRE(moved.rejected.size() == 1);
    CHECK(moved.rejected[0].reason == RejectReason::quotation_not_in_text);
    CHECK(moved.rejected[0].value == "over two");
}
