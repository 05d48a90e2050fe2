#include "core/base/date/date.hpp"
#include "core/base/stable_address.hpp"
#include "core/collect/identity.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::collect;

namespace {
feed::Entry entry(const std::string& id, const std::string& link, const std::string& text = "text") {
    feed::Entry out;
    out.id = id, out.link = link, out.content = text;
    return out;
}
std::vector<EntryKeys> keys(std::vector<feed::Entry> entries) {
    feed::Feed feed;
    feed.entries = std::move(entries);
    return keys_of(feed);
}
}

TEST_CASE("collect::stable_address: what may change about an address does not count") {
    const std::string same = "a.example/x/y?id=5";
    for (const char* url :
         {"https://www.a.example/x/y?id=5", "http://A.example:80/x/y/?utm_source=rss&id=5#top",
          "https://m.a.example/x/y?id=5&fbclid=1&_hsenc=2"})
        CHECK(stable_address(url) == same);
    CHECK(stable_address("https://a.example/X/y?id=5") != same); // paths know case
    CHECK(stable_address("https://a.example/x/y?id=6") != same);
    CHECK(stable_address("https://a.example:8080/x") == "a.example:8080/x");
    CHECK(stable_address("https://m.de/x") == "m.de/x");
    CHECK(stable_address("https://www.de/") == "www.de");
}

TEST_CASE("collect::keys_of: the GUID is who an entry is, whatever its address and text become") {
    const auto before = keys({entry("urn:1", "https://a.example/old", "one")}),
               after = keys({entry("urn:1", "https://a.example/new", "two")});
    CHECK(before[0].entry == after[0].entry);
    CHECK(before[0].link != after[0].link);
    CHECK(before[0].content != after[0].content);
    CHECK(before[0].entry.size() == 32);
}

TEST_CASE("collect::keys_of: a new GUID at the old address is found by the second key") {
    CHECK(keys({entry("urn:1", "http://www.a.example/x/")})[0].link ==
          keys({entry("urn:2", "https://a.example/x?utm_medium=feed")})[0].link);
}

TEST_CASE("collect::keys_of: entries that share one GUID are told apart by their links, else by their text") {
    const auto same_id = keys({entry("x", "https://a.example/1"), entry("x", "https://a.example/2"),
                               entry("x", "", "a"), entry("x", "", "b")});
    for (std::size_t i = 0; i < same_id.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) CHECK(same_id[i].entry != same_id[j].entry);
}

TEST_CASE("collect::keys_of: without GUID the link counts, without both the text") {
    const auto none = keys({entry("", "https://a.example/1", "a"), entry("", "", "a"), entry("", "", "b")});
    CHECK(none[0].entry == none[0].link);
    CHECK(none[1].link == "");
    CHECK(none[1].entry != none[2].entry);
    CHECK(none[1].entry == keys({entry("", "", "a")})[0].entry);
}

namespace {
feed::Entry report(const std::string& id, const std::string& link, const std::string& title) {
    auto out = entry(id, link, "text of " + title);
    out.title = title;
    return out;
}
std::vector<std::string> separated(std::vector<feed::Entry> entries) {
    feed::Feed feed;
    feed.entries = std::move(entries);
    const auto is_shared = separate_shared_links(feed);
    const auto found = keys_of(feed, is_shared);
    std::vector<std::string> links;
    for (std::size_t i = 0; i < found.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) CHECK((found[i].link != found[j].link || !is_shared[i]));
        links.push_back(feed.entries[i].link);
    }
    return links;
}
using Links = std::vector<std::string>;
}

TEST_CASE(
    "collect::separate_shared_links: reports under one link get a fragment each, as their GUID has it") {
    CHECK(separated({report("https://a.example/#v1", "https://a.example/", "one"),
                     report("tag:a,2026:two", "http://www.a.example", "two"),
                     report("urn:3", "https://a.example/other", "three")}) ==
          Links{"https://a.example/#v1", "http://www.a.example#tag:a,2026:two", "https://a.example/other"});
    CHECK(separated({report("a b", "https://a.example/", "one"),
                     report("\xc3\xa4", "https://a.example/", "two")}) ==
          Links{"https://a.example/#a%20b", "https://a.example/#%C3%A4"});
}

TEST_CASE("collect::separate_shared_links: the same text, title or GUID twice stays one address") {
    const Links same{"https://a.example/", "https://a.example/"};
    CHECK(separated({report("1", same[0], "one"), report("2", same[1], "one")}) == same);
    CHECK(separated({report("1", same[0], "one"), report("1", same[1], "two")}) == same);
    CHECK(separated({report("", same[0], "one"), report(same[1], same[1], "two")}) == same);
    auto other = report("2", same[1], "two");
    other.content = "text of one";
    CHECK(separated({report("1", same[0], "one"), other}) == same);
}

TEST_CASE("collect::separate_shared_links: with a text and a date of its own a report may share its title") {
    const std::string link = "https://a.example/status";
    const auto dated = [&](const std::string& id, const std::string& text, const char* date) {
        auto out = entry(id, link, text);
        out.title = "Service notice", out.published = parse_date(date);
        return out;
    };
    const auto *monday = "2026-11-02T10:00:00Z", *tuesday = "2026-11-03T10:00:00Z";
    CHECK(separated({dated("1", "one", monday), dated("2", "two", tuesday)}) ==
          Links{link + "#1", link + "#2"});
    CHECK(separated({dated("1", "one", monday), dated("2", "two", monday)}) == Links{link, link});
    // Published again: its text is what it was.
    CHECK(separated({dated("1", "one", monday), dated("2", "one", tuesday)}) == Links{link, link});
}

TEST_CASE("collect::separate_shared_links: links that name their place already stay as they are") {
    const Links own{"https://a.example/#1", "https://a.example/#2"};
    CHECK(separated({report("1", own[0], "one"), report("2", own[1], "two")}) == own);
}

TEST_CASE("collect::separate_link: a GUID too long for an address becomes a hash") {
    auto one = report(std::string(500, 'x'), "https://a.example/#old", "one");
    CHECK(separate_link(one));
    CHECK(one.link.size() == std::string("https://a.example/#").size() + 32);
    auto none = report("https://www.a.example/", "https://a.example/", "one");
    CHECK_FALSE(separate_link(none));
}
