#include "core/source/discovery.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace std::chrono_literals;

namespace {
const Time k_now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 20} + 10h;

Source make_source() {
    Source one;
    one.identifier = "one", one.url = "https://a.example/";
    return one;
}
sources::PageSettings settings(const std::string& config) { return sources::read_page_settings(config); }

std::vector<std::string> links(const source::Discovery& discovery) {
    std::vector<std::string> out;
    for (const auto& entry : discovery.entries()) out.push_back(entry.link);
    return out;
}
std::string list_of(std::initializer_list<const char*> slugs) {
    std::string out = "<ul>";
    for (const char* slug : slugs)
        out += std::string("<li><a href='/blog/") + slug + "'>A post about " + slug + "</a></li>";
    return out + "</ul>";
}
using Urls = std::vector<std::string>;
}

TEST_CASE(
    "source::Discovery: without any configuration the front page is asked, and its posts keep their order") {
    const auto one = make_source();
    const auto said = settings("{}");
    source::Discovery discovery(one, said, k_now);
    REQUIRE(discovery.next() == Urls{"https://a.example/"});
    const auto page = list_of({"third-new-loader", "second-new-loader", "first-new-loader"});
    discovery.accept_answer("https://a.example/", {page, "text/html", "https://a.example/", ""});
    CHECK(discovery.next().empty());
    CHECK(links(discovery) == Urls{"https://a.example/blog/third-new-loader",
                                   "https://a.example/blog/second-new-loader",
                                   "https://a.example/blog/first-new-loader"});
    CHECK(discovery.fault().empty());
}

TEST_CASE(
    "source::Discovery: a listing leads to its next pages, as many as configured, and never in a circle") {
    const auto one = make_source();
    const auto said = settings(
        R"({"discovery": {"strategies": [{"listing": {"urls": ["/list"], "post_link_selector": "li a", "next_selector": "a.next", "max_pages": 3}}]}})");
    source::Discovery discovery(one, said, k_now);
    REQUIRE(discovery.next() == Urls{"https://a.example/list"});
    discovery.accept_answer("https://a.example/list", {list_of({"b"}) + "<a class=next href='/list/2'>",
                                                       "text/html", "https://a.example/list", ""});
    REQUIRE(discovery.next() == Urls{"https://a.example/list/2"});
    discovery.accept_answer("https://a.example/list/2", {list_of({"a", "b"}) + "<a class=next href='/list'>",
                                                         "text/html", "https://a.example/list/2", ""});
    CHECK(discovery.next().empty());
    CHECK(links(discovery) == Urls{"https://a.example/blog/b", "https://a.example/blog/a"});
}

TEST_CASE(
    "source::Discovery: an index leads to its sitemaps; dates decide, old ones are left out, the front page is no post") {
    const auto one = make_source();
    const auto said = settings(
        R"({"discovery": {"strategies": [{"sitemap": {"urls": ["/sitemap.xml"], "url_patterns": ["https://a.example/blog/"]}}]}})");
    source::Discovery discovery(one, said, k_now);
    REQUIRE(discovery.next() == Urls{"https://a.example/sitemap.xml"});
    discovery.accept_answer(
        "https://a.example/sitemap.xml",
        {"<sitemapindex><sitemap><loc>/1.xml</loc></sitemap><sitemap><loc>/2.xml</loc></sitemap></sitemapindex>",
         "application/xml", "https://a.example/sitemap.xml", ""});
    const auto inner = discovery.next();
    REQUIRE(inner.size() == 2);
    const auto url = [](const char* path, const char* date) {
        return std::string("<url><loc>https://a.example") + path + "</loc><lastmod>" + date +
               "</lastmod></url>";
    };
    discovery.accept_answer(inner[0],
                            {"<urlset>" + url("/blog/old", "2020-01-01") + url("/blog/a", "2026-11-01") +
                                 url("/", "2026-11-20") + "</urlset>",
                             "text/xml", inner[0], ""});
    discovery.accept_answer(
        inner[1], {"<urlset>" + url("/blog/b", "2026-11-10") + url("/about", "2026-11-11") + "</urlset>",
                   "text/xml", inner[1], ""});
    CHECK(links(discovery) == Urls{"https://a.example/blog/b", "https://a.example/blog/a"});
    CHECK(discovery.filtered() == DropCounts{{DropReason::home_page, 1}, {DropReason::url_regex, 1}});
}

TEST_CASE("source::Discovery: other strategies are asked only where WordPress says nothing") {
    const auto one = make_source();
    const auto said = settings(
        R"({"wp_json": {"endpoints": ["/wp-json/wp/v2/posts"]}, "discovery": {"strategies": [{"listing": {"urls": ["/list"]}}]}})");
    SUBCASE("it has posts") {
        source::Discovery discovery(one, said, k_now);
        REQUIRE(discovery.next() == Urls{"https://a.example/wp-json/wp/v2/posts"});
        discovery.accept_answer(
            "https://a.example/wp-json/wp/v2/posts",
            {R"([{"link": "https://a.example/p", "title": {"rendered": "P"}, "content": {"rendered": "<p>T</p>"}, "date_gmt": "2026-11-01T00:00:00"}])",
             "application/json", "https://a.example/wp-json/wp/v2/posts", ""});
        CHECK(discovery.next().empty());
        REQUIRE(discovery.entries().size() == 1);
        CHECK(discovery.entries()[0].content == "<p>T</p>");
    }
    SUBCASE("it fails") {
        source::Discovery discovery(one, said, k_now);
        discovery.next();
        discovery.accept_answer("https://a.example/wp-json/wp/v2/posts",
                                {"", "", "https://a.example/wp-json/wp/v2/posts", "HTTP 404 (not found)"});
        CHECK(discovery.next() == Urls{"https://a.example/list"});
    }
}

TEST_CASE("source::Discovery: why there is nothing is said in words") {
    const auto one = make_source();
    const auto said = settings("{}");
    source::Discovery empty(one, said, k_now), broken(one, said, k_now);
    empty.next(), broken.next();
    empty.accept_answer("https://a.example/", {"<p>Hello</p>", "text/html", "https://a.example/", ""});
    broken.accept_answer("https://a.example/",
                         {"", "", "https://a.example/", "HTTP 500 (the server failed)"});
    empty.next(), broken.next();
    CHECK(empty.fault().find("no posts can be recognised") != std::string::npos);
    CHECK(broken.fault() == "https://a.example/: HTTP 500 (the server failed)");
}

TEST_CASE("source::Discovery: a site that names ever more lists is asked for sixty documents") {
    const auto one = make_source();
    const auto said = settings(
        R"({"discovery": {"strategies": [{"listing": {"urls": ["/list"], "post_link_selector": "li a", "next_selector": "a", "max_pages": 50}}, {"sitemap": {"urls": ["/s.xml"]}}]}})");
    source::Discovery discovery(one, said, k_now);
    std::size_t asked = 0;
    for (auto urls = discovery.next(); !urls.empty() && asked < 1000; urls = discovery.next())
        for (const auto& url : urls) {
            ++asked;
            const auto more = "<a href='/list/" + std::to_string(asked) + "'>";
            std::string index = "<sitemapindex>";
            for (int i = 0; i < 100; ++i)
                index += "<sitemap><loc>/s" + std::to_string(asked * 100 + i) + ".xml</loc></sitemap>";
            discovery.accept_answer(url, {url.ends_with(".xml") ? index : more, "", url, ""});
        }
    CHECK(asked == 60);
}

TEST_CASE("source::Discovery: where the front page shows no posts, a fallback looks for the site's sitemap") {
    const auto one = make_source();
    const auto said = settings("{}");
    source::Discovery discovery(one, said, k_now, source::Discovery::Guess::sitemap_too);
    REQUIRE(discovery.next() == Urls{"https://a.example/"});
    discovery.accept_answer("https://a.example/", {"<p>Hello</p>", "text/html", "https://a.example/", ""});
    REQUIRE(discovery.next() == Urls{"https://a.example/robots.txt"});
    std::string robots = "User-agent: *\nDisallow: /x\n sitemap: /index.xml\r\n";
    for (int i = 0; i < 10; ++i) robots += "Sitemap: https://a.example/more-" + std::to_string(i) + ".xml\n";
    discovery.accept_answer("https://a.example/robots.txt", {robots, "text/plain", "", ""});
    REQUIRE(discovery.next() == Urls{"https://a.example/index.xml", "https://a.example/more-0.xml",
                                     "https://a.example/more-1.xml"});
    std::string index = "<sitemapindex>";
    for (const auto* name : {"page", "category", "author", "tag", "post"})
        index += std::string("<sitemap><loc>https://a.example/") + name + "-sitemap.xml</loc></sitemap>";
    discovery.accept_answer("https://a.example/index.xml",
                            {index, "text/xml", "https://a.example/index.xml", ""});
    for (const auto* more : {"https://a.example/more-0.xml", "https://a.example/more-1.xml"})
        discovery.accept_answer(more, {"", "", "", "HTTP 404 (not found)"});
    REQUIRE(discovery.next() == Urls{"https://a.example/post-sitemap.xml",
                                     "https://a.example/page-sitemap.xml",
                                     "https://a.example/category-sitemap.xml"});
    std::string posts = "<urlset>";
    for (const auto* path : {"/about-our-team/team", "/2026/11/a-new-loader", "/", "/a-new-loader.pdf",
                             "/contact", "/blog/an-older-loader"})
        posts += std::string("<url><loc>https://a.example") + path + "</loc></url>";
    posts += "<url><loc>https://b.example/2026/11/a-new-loader</loc></url></urlset>";
    discovery.accept_answer("https://a.example/post-sitemap.xml",
                            {posts, "text/xml", "https://a.example/post-sitemap.xml", ""});
    CHECK(discovery.next().empty());
    CHECK(links(discovery) ==
          Urls{"https://a.example/2026/11/a-new-loader", "https://a.example/blog/an-older-loader"});
}

TEST_CASE("source::Discovery: a guessed sitemap gives its newest hundred, and none is asked for in vain") {
    const auto one = make_source();
    const auto said = settings("{}");
    source::Discovery discovery(one, said, k_now, source::Discovery::Guess::sitemap_too);
    discovery.next();
    discovery.accept_answer("https://a.example/", {"", "", "", "HTTP 500"});
    REQUIRE(discovery.next() == Urls{"https://a.example/robots.txt"});
    discovery.accept_answer("https://a.example/robots.txt", {"", "", "", "HTTP 404 (not found)"});
    REQUIRE(discovery.next() == Urls{"https://a.example/sitemap.xml"});
    std::string many = "<urlset>";
    for (int i = 0; i < 500; ++i)
        many += "<url><loc>https://a.example/post-number-" + std::to_string(i) + "</loc></url>";
    discovery.accept_answer("https://a.example/sitemap.xml",
                            {many, "text/xml", "https://a.example/sitemap.xml", ""});
    CHECK(discovery.next().empty());
    CHECK(links(discovery).size() == 100);
    source::Discovery plain(one, said, k_now);
    plain.next();
    plain.accept_answer("https://a.example/", {"", "", "", "HTTP 500"});
    CHECK(plain.next().empty());
}
