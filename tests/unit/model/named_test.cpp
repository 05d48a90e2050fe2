#include "core/model/check.hpp"
#include "core/model/indicator.hpp"
#include "core/model/named.hpp"

#include <doctest/doctest.h>
#include <set>

using namespace cti;

TEST_CASE_TEMPLATE("names: each value has one of its own, by which it is found", Enum, IndicatorType,
                   IndicatorVerdict, IndicatorReading, CheckStatus, CheckMethod, DropReason, EntryOutcome,
                   FetchResult, ArticleResult) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < k_names<Enum>.size(); ++i) {
        const auto value = static_cast<Enum>(i);
        CAPTURE(name_of(value));
        CHECK(names.insert(name_of(value)).second);
        CHECK(find_value<Enum>(name_of(value)) == value);
        CHECK(Named<Enum>(name_of(value)) == value);
    }
    CHECK(!find_value<Enum>("no such name"));
}

TEST_CASE("Named: a name that this version does not know is kept") {
    const Named<IndicatorType> later("ja4");
    CHECK(later.name() == "ja4");
    CHECK(!later.value());
    CHECK(later != IndicatorType::ipv4);
    CHECK(later == Named<IndicatorType>("ja4"));
    CHECK(later != Named<IndicatorType>("ja5"));
    CHECK(Named<IndicatorType>("ipv4") == IndicatorType::ipv4);
}

TEST_CASE("Named: nothing speaks against what has no verdict, in the database an empty text") {
    CHECK(Named<IndicatorVerdict>("") == IndicatorVerdict::none);
    CHECK(Named<IndicatorVerdict>().name().empty());
    CHECK(Named<DropReason>("") == DropReason::none);
}

TEST_CASE("Named: known and unknown names stand in one order") {
    const DropCounts counts{{DropReason::robots, 1},
                            {Named<DropReason>("odd"), 2},
                            {DropReason::duplicate, 3},
                            {DropReason::none, 4}};
    std::string order;
    for (const auto& [reason, count] : counts) order += std::to_string(count);
    CHECK(order == "4321"); // "", "duplicate", "odd", "robots"
}
