#include "core/base/encoding.hpp"

#include <doctest/doctest.h>

using namespace cti;

namespace {
struct Result {
    std::string text, encoding, warning;
};
Result read(std::string_view bytes, std::string_view content_type = {}) {
    Decoded decoded;
    decode(bytes, content_type, decoded);
    return {std::string(decoded.text), decoded.encoding, decoded.warning};
}
}

TEST_CASE("encoding_name: labels of the standard and of the wild") {
    CHECK(encoding_name("ISO-8859-1") == "windows-1252");
    CHECK(encoding_name(" Latin1 ") == "windows-1252");
    CHECK(encoding_name("iso_8859-15") == "iso-8859-15");
    CHECK(encoding_name("\"UTF8\"") == "utf-8");
    CHECK(encoding_name("GB2312") == "gbk");
    CHECK(encoding_name("bogus") == "");
}

TEST_CASE("charset_of: the parameter, quoted or not, in any case") {
    CHECK(charset_of("text/xml; charset=utf-8") == "utf-8");
    CHECK(charset_of("text/xml;Charset = \"KOI8-R\"; x=y") == "KOI8-R");
    CHECK(charset_of("text/xml") == "");
}

TEST_CASE("decode: valid UTF-8 wins over every label") {
    const auto result =
        read("<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>", "text/xml; charset=koi8-r");
    CHECK(result.encoding == "utf-8");
    CHECK(result.text.find("é") != std::string::npos);
    CHECK(result.warning == "labelled koi8-r but it is UTF-8");
}

TEST_CASE("decode: byte order marks and zero bytes") {
    CHECK(read("\xEF\xBB\xBF<a/>").text == "<a/>");
    CHECK(read({"\xFF\xFE<\0a\0", 6}).text == "<a");
    CHECK(read({"\0<\0a\0/\0>", 8}).text == "<a/>");
    CHECK(read({"\0\0\0<\0\0\0a", 8}).text == "<a");
    CHECK(read({"<\0\0\0a\0\0\0", 8}).encoding == "utf-32le");
}

TEST_CASE("decode: labels decide what is not UTF-8, the header before the document") {
    CHECK(read("<?xml version='1.0' encoding='windows-1251'?><a>\xCF\xF0\xE8</a>").text.find("При") !=
          std::string::npos);
    CHECK(read("<?xml version='1.0' encoding='windows-1252'?><a>\xCF\xF0\xE8</a>",
               "text/xml; charset=windows-1251")
              .encoding == "windows-1251");
    CHECK(read("<a>\x82\xA0</a>", "text/xml; charset=Shift_JIS").text == "<a>あ</a>");
    CHECK(read("<a>\xC4\xE3</a>", "text/xml; charset=gb2312").text == "<a>你</a>");
}

TEST_CASE("decode: a page's <meta> counts wherever it stands in the head, and not behind it") {
    const std::string far(5000, ' ');
    const auto page = [&](const std::string& head, const std::string& body) {
        return "<!doctype html><html><head>" + head + "</head><body>" + body;
    };
    Decoded in_head, in_body;
    decode(page("<meta name=x>" + far +
                    "<meta http-equiv=content-type content='text/html; charset=windows-1251'>",
                "\xCF\xF0\xE8\xE2\xE5\xF2"),
           "", in_head);
    CHECK(in_head.encoding == "windows-1251");
    CHECK(in_head.text.ends_with("Привет"));
    decode(page("", "<meta charset=koi8-r>\xE9"), "", in_body);
    CHECK(in_body.encoding != "koi8-r");
}

TEST_CASE("decode: a text that says UTF-8 and holds windows-1252 is read as that") {
    const auto result =
        read("<?xml version='1.0' encoding='utf-8'?><a>It\x92s \x93quoted\x94 \x97 caf\xE9</a>");
    CHECK(result.text.find("It’s “quoted” — café") != std::string::npos);
    CHECK(result.encoding == "windows-1252");
    CHECK(result.warning != "");
}

TEST_CASE("decode: a few bad bytes in a UTF-8 text are dropped, the rest is kept") {
    const auto result = read("<a>ééééé\xFFx\xC3</a>");
    CHECK(result.text == "<a>éééééx</a>");
    CHECK(result.warning == "bytes that are not UTF-8 were dropped");
}
