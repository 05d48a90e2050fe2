#include "core/feed/markup.hpp"
#include "core/feed/values.hpp"

#include <doctest/doctest.h>

using namespace cti::feed;

TEST_CASE("plain_text: tags out, one level of references decoded, white space folded") {
    CHECK(plain_text("<p>One</p><p>two &amp;amp; three</p>", true) == "One two &amp; three");
    CHECK(plain_text("a<b>b</b>c<br>d", true) == "abc d");
    CHECK(plain_text("x<!-- <b> -->y<script>alert('<b>')</script>z", true) == "xyz");
    CHECK(plain_text("1 < 2 <", true) == "1 < 2 <");
    CHECK(plain_text("map<string, int> and <i>x</i>", false) == "map<string, int> and x");
}

TEST_CASE("make_links_absolute: only what is relative changes") {
    std::string html =
        R"(<a href="https://x.example/?a&b">1</a><a title="y" HREF=z>2</a><img src='/i?a=1&amp;b=2'><p>href="q"</p>)";
    make_links_absolute(html, "https://b.example/c/");
    CHECK(
        html ==
        R"(<a href="https://x.example/?a&b">1</a><a title="y" HREF="https://b.example/c/z">2</a><img src="https://b.example/i?a=1&amp;b=2"><p>href="q"</p>)");
}

TEST_CASE("looks_like_html: end tags, void tags and references do, comparisons do not") {
    CHECK(looks_like_html("a <b>c</b>"));
    CHECK(looks_like_html("a<br/>b"));
    CHECK(looks_like_html("a&nbsp;b"));
    CHECK_FALSE(looks_like_html("if a < b & c > d;"));
    CHECK_FALSE(looks_like_html("the <blink> tag"));
    CHECK_FALSE(looks_like_html("vector<int></int>"));
}

TEST_CASE("decode_base64: blanks and line ends do not matter") {
    CHECK(decode_base64("RXhhbXBs\n ZSA8Yj4=") == "Example <b>");
}
