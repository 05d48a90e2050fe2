#include "core/base/text.hpp"

#include <doctest/doctest.h>

using namespace cti;

TEST_CASE("repair_utf8: ill-formed parts become U+FFFD, NUL goes, the rest stays") {
    CHECK(repair_utf8("plain") == "plain");
    CHECK(repair_utf8("caf\xC3\xA9 \xE6\x94\xBB") == "café 攻");
    CHECK(repair_utf8("a\xC3") == "a\xEF\xBF\xBD");
    CHECK(repair_utf8("\xED\xA0\x80x") ==
          "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDx");               // A surrogate is three ill-formed bytes.
    CHECK(repair_utf8("\xC0\xAF") == "\xEF\xBF\xBD\xEF\xBF\xBD"); // So is an overlong slash.
    CHECK(repair_utf8(std::string_view("a\0b", 3)) == "ab");
    CHECK(repair_utf8("long enough for the eight byte step\xFF, and on") ==
          "long enough for the eight byte step\xEF\xBF\xBD, and on");
}

TEST_CASE("is_valid_utf8: U+FFFD itself is valid text") {
    CHECK(is_valid_utf8("\xEF\xBF\xBD"));
    CHECK(is_valid_utf8("12345678\xF0\x9F\x98\x80"));
    CHECK_FALSE(is_valid_utf8("1234567\xF5"));
}

TEST_CASE("printable_lines: a document keeps its lines and tabs, and nothing else that a terminal obeys") {
    CHECK(printable_lines("a\tb\r\nc\n") == "a\tb\r\nc\n");
    CHECK(printable_lines("a\rb\x1b[31m\x07") == "a\\x0db\\x1b[31m\\x07");
    CHECK(printable_lines("x\xE2\x80\xAEy \xC3\xA4") == "x\\u202ey \xC3\xA4");
}

TEST_CASE("printable: no control, escape or bidi character reaches a terminal") {
    CHECK(printable("a\x1b]8;;x\x07 b\nc\td") == "a\\x1b]8;;x\\x07 b c d");
    CHECK(printable("\xC2\x9B"
                    "31m") == "\\x9b31m");
    CHECK(printable("x\xE2\x80\xAEy") == "x\\u202ey");
    CHECK(printable("Жук 攻撃") == "Жук 攻撃");
}

TEST_CASE("fold_space: runs of any white space become one space") {
    CHECK(fold_space("  a \n\t b\xC2\xA0 c ") == "a b c");
    CHECK(fold_space("") == "");
}

TEST_CASE("display_width: wide characters take two cells, combining marks none") {
    CHECK(display_width("abc") == 3);
    CHECK(display_width("攻撃") == 4);
    CHECK(display_width("e\xCC\x81") == 1);
    CHECK(cut_to_width("攻撃者", 5) == "攻撃…");
    CHECK(cut_to_width("abcdef", 4) == "abc…");
    CHECK(cut_to_width("abcd", 4) == "abcd");
}

TEST_CASE("closest: near words are found, far ones are not") {
    const std::vector<std::string> commands{"collect", "export", "init", "sources"};
    CHECK(closest("colect", commands) == "collect");
    CHECK(closest("exprot", commands) == "export");
    CHECK(closest("zebra", commands) == "");
    CHECK(edit_distance("ab", "ba") == 1);
}
