#include "core/page/entry_filter.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cti;
using page::EntryFilter;

namespace {
EntryRules words(std::vector<std::string> list) {
    EntryRules rules;
    rules.title_words = std::move(list);
    return rules;
}
std::vector<std::string>& of(FieldPatterns& patterns, EntryField field) {
    return patterns.at(static_cast<std::size_t>(field));
}
DropReason titled(const EntryFilter& filter, std::string_view title) {
    return filter.refuse_entry({.title = title});
}
const std::vector<std::string> k_tags{"Malware", "Press"}, k_authors{"Jane Roe"};
}

TEST_CASE("page::EntryFilter: without rules everything passes, an empty title too") {
    CHECK(titled(EntryFilter(), "") == DropReason::none);
    CHECK(EntryFilter().refuse_article({}) == DropReason::none);
}

TEST_CASE("page::EntryFilter: a word is found anywhere in the title, whatever the title's case") {
    const EntryFilter filter(words({"event", "c++ (beta)", "übung"}));
    CHECK(titled(filter, "Preventing theft") == DropReason::title_filter);
    CHECK(titled(filter, "EVENT logs") == DropReason::title_filter);
    CHECK(titled(filter, "Die ÜBUNG") == DropReason::title_filter);
    CHECK(titled(filter, "New C++ (Beta) parser") == DropReason::title_filter);
    CHECK(titled(filter, "Qakbot returns") == DropReason::none);
}

TEST_CASE("page::EntryFilter: with words an empty title is out, and a word with a capital is never found") {
    const EntryFilter filter(words({"Webinar"}));
    CHECK(titled(filter, "A webinar") == DropReason::none);
    CHECK(titled(filter, " ") == DropReason::title_filter);
}

TEST_CASE("page::EntryFilter: exclude names the field where it was found") {
    EntryRules rules;
    of(rules.exclude, EntryField::title) = {"^sponsored:"};
    of(rules.exclude, EntryField::categories) = {"^press$"};
    of(rules.exclude, EntryField::authors) = {"roe"};
    of(rules.exclude, EntryField::text) = {"advert"};
    const EntryFilter filter(rules);
    CHECK(titled(filter, "SPONSORED: a") == DropReason::title_filter);
    CHECK(titled(filter, "not sponsored: a") == DropReason::none);
    CHECK(filter.refuse_entry({.title = "a", .categories = k_tags}) == DropReason::category_filter);
    CHECK(filter.refuse_article({.title = "a", .authors = k_authors}) == DropReason::author_filter);
    CHECK(filter.refuse_article({.title = "a", .text = "an Advert"}) == DropReason::text_filter);
}

TEST_CASE("page::EntryFilter: include waits for what only the page can tell") {
    EntryRules rules;
    of(rules.include, EntryField::text) = {"ransom"};
    of(rules.include, EntryField::authors) = {"jane"};
    const EntryFilter filter(rules);
    CHECK(titled(filter, "a") == DropReason::none);
    CHECK(filter.refuse_article({.title = "a", .text = "ransom"}) == DropReason::author_filter);
    CHECK(filter.refuse_article({.title = "a", .authors = k_authors, .text = "b"}) ==
          DropReason::text_filter);
    CHECK(filter.refuse_article({.title = "a", .authors = k_authors, .text = "Ransomware"}) ==
          DropReason::none);
}

TEST_CASE("page::EntryFilter: a plain list is looked for in every field") {
    EntryRules rules;
    of(rules.include, EntryField::any) = {"malware"};
    const EntryFilter include(rules);
    CHECK(include.refuse_article({.title = "a", .categories = k_tags}) == DropReason::none);
    CHECK(include.refuse_article({.title = "a", .text = "b"}) == DropReason::include_filter);
    EntryRules other;
    of(other.exclude, EntryField::any) = {"press"};
    CHECK(EntryFilter(other).refuse_entry({.title = "a", .categories = k_tags}) ==
          DropReason::category_filter);
}

TEST_CASE("page::EntryFilter: a text that is too short is out once it is known") {
    EntryRules rules;
    rules.min_words = 3;
    const EntryFilter filter(rules);
    CHECK(titled(filter, "a") == DropReason::none);
    CHECK(filter.refuse_article({.title = "a", .word_count = 2}) == DropReason::min_word_count);
    CHECK(filter.refuse_article({.title = "a", .word_count = 3}) == DropReason::none);
}

TEST_CASE("page::EntryFilter: a pattern that is none is left out and told") {
    EntryRules rules;
    of(rules.exclude, EntryField::title) = {"(", "b"};
    const EntryFilter filter(rules);
    CHECK(titled(filter, "b") == DropReason::title_filter);
    REQUIRE(filter.warnings().size() == 1);
    CHECK(filter.warnings()[0].starts_with("filter.exclude of title: '(' is left out: "));
}
