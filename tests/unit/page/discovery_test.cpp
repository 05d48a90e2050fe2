#include "core/page/listing.hpp"
#include "core/page/sitemap.hpp"
#include "core/page/wp_json.hpp"

#include <doctest/doctest.h>
#include <string>

namespace {
using namespace cti::page;
using Strings = std::vector<std::string>;

Listing listing(const std::string& html, std::string selector = "", std::string next = "") {
    return read_listing(html, {"https://labs.example/blog/", "", std::move(selector), std::move(next)});
}

std::string front_page(int posts) {
    std::string html =
        "<nav><a href=\"/about-our-company-history\">About our company and its history</a></nav><main>";
    for (int i = 0; i < posts; ++i) {
        const auto path = "/blog/a-long-title-of-post-" + std::to_string(i);
        html += "<article><a href=\"" + path + "#top\"><img src=x></a><h2><a href=\"" + path +
                "\">A long title of post number " + std::to_string(i) +
                "</a></h2><a href=\"/tag/some-tag-name\">Some tag name</a></article>";
    }
    return html +
           "</main><aside><a href=\"https://other.example/a-post-of-another-site\">A post of another site</a></aside>"
           "<footer><a href=\"/privacy-policy-of-labs\">Privacy policy</a></footer>";
}
}

TEST_CASE("page::read_listing: a selector says what the posts are") {
    const std::string html =
        "<div class=card><h3>x</h3><a href=\"1.html#comments\">One</a></div><div class=card><a href=/two>Two</a></div>"
        "<div class=card><a href=/two>Two again</a></div><div class=card>none</div><a class=more href=\"?page=2\">more</a>";
    const auto found = listing(html, "div.card", "a.more");
    CHECK(found.posts == Strings{"https://labs.example/blog/1.html", "https://labs.example/two"});
    CHECK(found.next == "https://labs.example/blog/?page=2");
    CHECK(listing(html, "div.card a::attr(href)").posts.size() == 2);
    CHECK(listing("<base href=https://cdn.example/b/><a href=x>x</a>", "a").posts ==
          Strings{"https://cdn.example/b/x"});
}

TEST_CASE("page::read_listing: an invalid selector is told and finds nothing") {
    const auto found = listing("<a href=/x>x</a>", "a[");
    CHECK(found.posts.empty());
    REQUIRE(found.warnings.size() == 1);
}

TEST_CASE("page::read_listing: without a selector posts are told by shape and repetition") {
    const auto found = listing(front_page(12));
    REQUIRE(found.posts.size() == 12);
    CHECK(found.posts[0] == "https://labs.example/blog/a-long-title-of-post-0");
    CHECK(found.posts[11] == "https://labs.example/blog/a-long-title-of-post-11");
}

TEST_CASE("page::read_listing: a page without repetition lists nothing") {
    CHECK(listing("<p><a href=/a-single-long-link>A single long link</a></p>").posts.empty());
    CHECK(listing("").posts.empty());
    CHECK(listing("<a href=\"javascript:x\">x</a><a href=\"mailto:a@b\">y</a>", "a").posts.empty());
}

TEST_CASE("page::read_listing: the next page is announced by rel") {
    CHECK(listing("<link rel=next href=\"/blog/page/2\">").next == "https://labs.example/blog/page/2");
    CHECK(listing("<link rel=next href=\"/blog/\">").next == "");
}

TEST_CASE("page::read_sitemap: addresses and dates are read") {
    const auto map = read_sitemap(R"(<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="i">
<url><loc> https://labs.example/a?x=1&amp;y=2 </loc><lastmod>2026-11-01T10:00:00+01:00</lastmod>
 <image:image><image:loc>https://labs.example/a.png</image:loc></image:image></url>
<url><loc><![CDATA[https://labs.example/b]]></loc></url>
<url><loc>/c</loc><news:news><news:publication_date>2026-11-03</news:publication_date></news:news></url>
<url><loc>ftp://labs.example/d</loc></url></urlset>)",
                                  "", "https://labs.example/sitemap.xml");
    REQUIRE(map.pages.size() == 3);
    CHECK(map.pages[0].url == "https://labs.example/a?x=1&y=2");
    REQUIRE(map.pages[0].modified);
    CHECK(cti::format_rfc3339(*map.pages[0].modified) == "2026-11-01T09:00:00Z");
    CHECK(map.pages[1].url == "https://labs.example/b");
    CHECK_FALSE(map.pages[1].modified);
    CHECK(map.pages[2].url == "https://labs.example/c");
    CHECK(map.warnings.size() == 1);
}

TEST_CASE("page::read_sitemap: an index lists sitemaps, and a cut one gives what it has") {
    const auto index = read_sitemap(
        "<sitemapindex><sitemap><loc>https://labs.example/1.xml</loc><lastmod>2026-01-01</lastmod></sitemap><sitemap><loc>https://labs.example/2.xml</loc>",
        "", "");
    CHECK(index.pages.empty());
    REQUIRE(index.sitemaps.size() == 2);
    CHECK(index.sitemaps[1].url == "https://labs.example/2.xml");
}

TEST_CASE("page::read_sitemap: a list of lines is a sitemap, a web page is none") {
    CHECK(
        read_sitemap("https://labs.example/a\r\nhttps://labs.example/b\n\nnothing\n", "", "").pages.size() ==
        2);
    CHECK(read_sitemap("<html><body>404</body></html>", "", "").warnings == Strings{"not a sitemap"});
    CHECK(read_sitemap("", "", "").pages.empty());
}

TEST_CASE("page::newest_first: dates decide, the file's order among equals, old ones go") {
    const auto day = [](int d) { return cti::Time{std::chrono::sys_days{std::chrono::year{2026} / 11 / d}}; };
    const auto sorted = newest_first({{"a", day(1)},
                                      {"b", std::nullopt},
                                      {"c", day(9)},
                                      {"d", day(9)},
                                      {"e", day(3)},
                                      {"f", std::nullopt}},
                                     day(2));
    Strings urls;
    for (const auto& entry : sorted) urls.push_back(entry.url);
    CHECK(urls == Strings{"c", "d", "e", "b", "f"});
}

TEST_CASE("page::read_wp_json: posts are read as WordPress writes them") {
    const auto read = read_wp_json(
        R"([{"id":7,"link":"https://labs.example/a","guid":{"rendered":"https://labs.example/?p=7"},
 "title":{"rendered":"Foxes &#038; lanterns"},"date":"2026-11-01T11:00:00","date_gmt":"2026-11-01T10:00:00","content":{"rendered":"<p>x</p>"},
 "excerpt":{"rendered":"<p>e</p>"},"_embedded":{"author":[{"name":"Ada Meyer"}]}},{"link":5},{"guid":{"rendered":"https://labs.example/?p=8"}}])",
        {});
    REQUIRE(read.posts.size() == 2);
    const auto& post = read.posts[0];
    CHECK(post.url == "https://labs.example/a");
    CHECK(post.title == "Foxes & lanterns");
    REQUIRE(post.published);
    CHECK(cti::format_rfc3339(*post.published) == "2026-11-01T10:00:00Z");
    CHECK(post.content == "<p>x</p>");
    CHECK(post.authors == Strings{"Ada Meyer"});
    CHECK(read.posts[1].url == "https://labs.example/?p=8");
    CHECK(
        read_wp_json(R"([{"link":"https://labs.example/a","guid":{"rendered":"https://labs.example/?p=7"}}])",
                     {"guid", "link"})
            .posts[0]
            .url == "https://labs.example/?p=7");
}

TEST_CASE("page::read_wp_json: what is no list of posts says why") {
    CHECK(read_wp_json("<html>", {}).error == "no JSON");
    CHECK(read_wp_json(R"({"code":"rest_no_route","message":"No route was found"})", {}).error ==
          "the site says: No route was found");
    CHECK(read_wp_json("[]", {}).error.empty());
    CHECK(read_wp_json("[{}]", {}).error == "no posts in it");
    CHECK(read_wp_json(std::string(100'000, '['), {}).error == "nested too deep");
}
