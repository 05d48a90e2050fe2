#include "core/intel/web_text.hpp"
#include "tests/unit/intel/vectors.hpp"

#include <doctest/doctest.h>

using cti::intel::web_text_2025;
using cti::intel::web_text_2026;

TEST_CASE("intel::web_text_2026: tags become spaces, blocks line ends") {
    CHECK(web_text_2026("<p>One</p><p>T<b>w</b>o &amp; 3</p>") == "One\nT w o & 3");
    CHECK(web_text_2026("a<br>b<br/>c</h2>d</H10>e<hr>f") == "a\nb\nc\nd\ne f");
    CHECK(web_text_2026("a<script>x < 1</script>b<style>p{}</style>c<!-- d -->e") == "a b c e");
    CHECK(web_text_2026("<scripted>kept</scripted>") == "kept");
}

TEST_CASE("intel::web_text_2026: white space is folded by line, with one empty line at most") {
    CHECK(web_text_2026("  a \t b \r\n  c\n \n\n\n d  ") == "a b\nc\n\nd");
}

TEST_CASE("intel::web_text_2026: what is not ASCII becomes a space or nothing") {
    CHECK(web_text_2026("caf\xC3\xA9 \xE2\x80\x9Cquoted\xE2\x80\x9D") == "caf   quoted ");
    CHECK(web_text_2026("soft\xC2\xADhyphen fo\xE2\x80\x8Bx\xF0\x9F\xA6\x8A.") == "softhyphen fox.");
    CHECK(web_text_2026("a\xC3\xA9\xE2\x80\x8B\xC3\xA9z\x01\x7F!") == "a z!");
    CHECK(web_text_2026("a \xE2\x80\x8B b") == "a  b");
}

TEST_CASE("intel::web_text_2025: tags leave nothing, all white space is one space") {
    CHECK(web_text_2025("<p>One</p><p>T<b>w</b>o</p> \n\t&lt;x&gt; caf\xC3\xA9") == "OneTwo <x> caf\xC3\xA9");
}

TEST_CASE("intel::web_text: a '<' that starts no tag is text, a broken end keeps what was read") {
    for (const auto text : {web_text_2025, web_text_2026}) {
        CHECK(text("a < b <= c</") == "a < b <= c</");
        CHECK(text("kept <a href='x>y") == "kept");
        CHECK(text("kept<script>x") == "kept");
        CHECK(text("kept<!-- x") == "kept");
        CHECK(text("<a title=\"x > y\">z</a>") == "z");
    }
}

TEST_CASE("intel::web_text: equals the web service's html_to_text") {
    for (const auto& vector : vectors::shared("html_to_text")) {
        CAPTURE(vectors::text_of(vector["id"]));
        const auto html = vectors::text_of(vector["input"]["html"]);
        const auto text = vector["version"] == "2025" ? web_text_2025(html) : web_text_2026(html);
        CHECK(text == vectors::text_of(vector["output"]));
    }
}
