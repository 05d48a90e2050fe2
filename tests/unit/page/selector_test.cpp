#include "core/page/html/selector.hpp"

#include <doctest/doctest.h>
#include <string>

namespace {
using namespace cti::page;

const char* const k_html = R"(<html><body>
<div id="main" class="wrap Big"><h2 class="card-title"><a href="/post/1" data-x="a b" lang="en-GB">One</a></h2>
<h2><a href="/post/2?page=3" rel="next">Two</a></h2><p>first</p><p class="x">second</p><span></span><p>third</p></div>
<div class="other"><a href="https://a.example/tag/x">Tag</a><ul><li>1</li><li>2</li><li class="x y">3</li><li>4</li></ul></div>
</body></html>)";

std::string found(const std::string& text, const char* html = k_html) {
    std::string error;
    const auto selector = Selector::parse(text, error);
    if (!selector) return "invalid: " + error;
    const auto document = parse_html(prepare(html)).document;
    std::string out;
    for (const auto id : selector->select(document))
        out += (out.empty() ? "" : "|") + selector->value_of(document, id);
    return out;
}
}

TEST_CASE("page::Selector: names, classes, ids and combinators") {
    CHECK(found("h2 a") == "One|Two");
    CHECK(found("#main > p") == "first|second|third");
    CHECK(found("div.wrap.Big h2.card-title") == "One");
    CHECK(found("div.big h2") == "");
    CHECK(found("H2 + p") == "first");
    CHECK(found("h2 ~ p.x") == "second");
    CHECK(found("p, .other > a , #nothing") == "first|second|third|Tag");
    CHECK(found("body div *.x.y") == "3");
}

TEST_CASE("page::Selector: attributes") {
    CHECK(found("a[rel]") == "Two");
    CHECK(found("a[href^=\"/post/\"]") == "One|Two");
    CHECK(found("a[href*='?page=']::attr(href)") == "/post/2?page=3");
    CHECK(found("a[href$=x]") == "Tag");
    CHECK(found("a[data-x~=b]") == "One");
    CHECK(found("a[lang|=en]") == "One");
    CHECK(found("a[rel!=next]") == "One|Tag");
    CHECK(found("a[rel=NEXT i]") == "Two");
    CHECK(found("a:not([href*='/tag/']):not([rel])") == "One");
    CHECK(found("a::text") == "One|Two|Tag");
}

TEST_CASE("page::Selector: places among siblings") {
    CHECK(found("li:first-child") == "1");
    CHECK(found("li:last-child") == "4");
    CHECK(found("li:nth-child(2n+1)") == "1|3");
    CHECK(found("li:nth-child(even)") == "2|4");
    CHECK(found("li:nth-child(-n + 2)") == "1|2");
    CHECK(found("p:first-of-type") == "first");
    CHECK(found("p:nth-of-type(2)") == "second");
    CHECK(found("li:nth-last-child(1)") == "4");
    CHECK(found("li:is(.x, :first-child)") == "1|3");
}

TEST_CASE("page::Selector: what is invalid or not supported says why") {
    for (const std::string text :
         {"", "a,", "a >", "..x", "a[", "a[x=", "a[x='y]", "a:hover", "a::before", "a::attr(href",
          "a::attr(x) b", ":not(", "a b)", "li:nth-child(x)", "\\", "a:nth-child(99999999)"}) {
        CAPTURE(text);
        CHECK(found(text).starts_with("invalid: "));
    }
    CHECK(found(std::string(3000, 'a')).starts_with("invalid: "));
    CHECK(found(std::string(1000, '*')).starts_with("invalid: "));
}

TEST_CASE("page::Selector: many steps on a deep page take linear time") {
    std::string html, selector = "div";
    for (int i = 0; i < 900; ++i) html += "<div class=a>";
    for (int i = 0; i < 60; ++i) selector += " div";
    CHECK(found(selector + " p", html.c_str()) == "");
}
