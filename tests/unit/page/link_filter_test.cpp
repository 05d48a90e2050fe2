#include "core/page/link_filter.hpp"

#include <doctest/doctest.h>

using cti::page::LinkFilter;

TEST_CASE("page::LinkFilter: without rules everything passes") {
    CHECK(LinkFilter().refusal("https://a.example/x").empty());
}

TEST_CASE("page::LinkFilter: allow is a part of the host, its port included") {
    const LinkFilter filter({"Blog.example", "127.0.0.1:8080"}, {});
    CHECK(filter.refusal("https://www.blog.example.com/x").empty());
    CHECK(filter.refusal("http://127.0.0.1:8080/x").empty());
    CHECK(filter.refusal("http://127.0.0.1:8081/x") == "not_allowed");
    CHECK(filter.refusal("https://other.example/blog.example") == "not_allowed");
}

TEST_CASE(
    "page::LinkFilter: a pattern matches from the beginning and not to the end, as Python's re.match does") {
    const LinkFilter filter({}, {"https://a\\.example/blog/", R"(^https://b\.example/\d{4}/.*$)"});
    CHECK(filter.refusal("https://a.example/blog/one").empty());
    CHECK(filter.refusal("https://x.example/?u=https://a.example/blog/one") == "url_regex");
    CHECK(filter.refusal("https://b.example/2026/x").empty());
    CHECK(filter.refusal("https://b.example/latest/x") == "url_regex");
}

TEST_CASE("page::LinkFilter: escapes that were doubled count once") {
    const LinkFilter filter({}, {R"(^https://a\\.example/.*)"});
    CHECK(filter.refusal("https://a.example/x").empty());
    CHECK(filter.refusal("https://axexample/x") == "url_regex");
}

TEST_CASE("page::LinkFilter: an invalid pattern is left out and named") {
    const LinkFilter filter({}, {"(?=look)ahead", "^https://a[.]example/"});
    REQUIRE(filter.warnings().size() == 1);
    CHECK(filter.warnings()[0].find("'(?=look)ahead'") != std::string::npos);
    CHECK(filter.refusal("https://a.example/").empty());
    CHECK(filter.refusal("https://b.example/") == "url_regex");
    CHECK(LinkFilter({}, {"("}).refusal("https://b.example/").empty());
}
