#include "core/base/html.hpp"

#include <doctest/doctest.h>

using namespace cti;

TEST_CASE("decode_entities: one level, named and numeric") {
    CHECK(decode_entities("a &amp;lt; b") == "a &lt; b");
    CHECK(decode_entities("&eacute;&#233;&#xE9;&#XE9;") == "éééé");
    CHECK(decode_entities("&CounterClockwiseContourIntegral;") == "∳");
    CHECK(decode_entities("&#8217;&rsquo;") == "’’");
}

TEST_CASE("decode_entities: what browsers do with the odd ones") {
    CHECK(decode_entities("&#150;") == "–");     // windows-1252, not a C1 control
    CHECK(decode_entities("&notit;") == "¬it;"); // an old name needs no semicolon
    CHECK(decode_entities("AT&T & R&D &unknown; &") == "AT&T & R&D &unknown; &");
    CHECK(decode_entities("&#0;&#xD800;&#x110000;") == "\xEF\xBF\xBD\xEF\xBF\xBD");
    CHECK(decode_entities("&#;&#x;") == "&#;&#x;");
}

TEST_CASE("escape_html: nothing that opens a tag, an attribute or a reference is left") {
    CHECK(escape_html("<a href='x'>\"&") == "&lt;a href=&#39;x&#39;&gt;&quot;&amp;");
}
