#include "core/intel/refang.hpp"
#include "found.hpp"

#include <doctest/doctest.h>
#include <random>

using namespace found;
using namespace cti::intel;

TEST_CASE("intel::refang: every habit of writing a host harmless is undone") {
    for (const char* text :
         {"evil[.]example[.]com", "evil(.)example{.}com", "evil[dot]example(DOT)com", "evil[.example.]com",
          "evil [.] example [.] com", "evil\\.example\\.com", "evil[.)example(.]com",
          "evil dot example dot com", "evil\xE2\x80\x8B.example.c\xC2\xADom", "evil^.example.com",
          "evil\xE3\x80\x82"
          "example.com"})
        CHECK_MESSAGE(refang(text) == "evil.example.com", text);
    for (const char* text : {"hxxps://a.example/b", "hXXps[:]//a.example/b", "https[://]a[.]example/b",
                             "hxxps[:]//a(.)example[/]b"})
        CHECK_MESSAGE(refang(text) == "https://a.example/b", text);
    CHECK(refang("192[.]0[.]2[.]1") == "192.0.2.1");
    CHECK(refang("user[@]example[.]com") == "user@example.com");
}

TEST_CASE("intel::refang: prose and paths stay what they are") {
    for (const char* text :
         {"the mark [.] in the text", "a list (a, b) [c]", "C:\\Users\\ann\\.ssh\\config",
          "the dot com bubble", "wait [...] here", "look at example.com", "f(x) = [x]", "a @ b"})
        CHECK_MESSAGE(refang(text) == text, text);
}

TEST_CASE("intel::refang: refang(defang(x)) is x, for every type and style") {
    for (const char* value :
         {"https://a.example.com/b.php?c=d.e&f=1#g", "ftp://192.0.2.1/x", "http://user@a.example.com:8080/",
          "evil.example.com", "192.0.2.1", "ann.b+c@mail.example.org", "https://b\xC3\xBC\x63her.example/",
          "http://a.example.com/.hidden/..x"})
        for (const auto style : {DefangStyle::square, DefangStyle::round, DefangStyle::curly,
                                 DefangStyle::words, DefangStyle::scheme})
            CHECK_MESSAGE(refang(defang(value, style)) == value, value, " as ", defang(value, style));
}

TEST_CASE("intel::extract: what is defanged has the value of what is not, in every style") {
    for (const auto style :
         {DefangStyle::square, DefangStyle::round, DefangStyle::curly, DefangStyle::words}) {
        CHECK(list(Type::url, "x " + defang("https://evil.example.com/a.php", style) + " y") ==
              "https://evil.example.com/a.php");
        CHECK(list(Type::ipv4, defang("198.41.0.4", style)) == "198.41.0.4");
        CHECK(list(Type::email, defang("ann@evil.example.com", style)) == "ann@evil.example.com");
    }
}

TEST_CASE("intel::extract: the offsets are those of the text as it stood") {
    const std::string text = "\xEF\xBB\xBFSeen: hxxps://evil[.]example[.]com/a\xE2\x80\x8B"
                             "b, then 198.41.0[.]4 and ann [at] example.com.";
    for (const auto& indicator : extractor().extract(text).indicators) {
        const auto original = text.substr(indicator.start, indicator.end - indicator.start);
        CAPTURE(original);
        if (indicator.type == Type::url)
            CHECK(original == "hxxps://evil[.]example[.]com/a\xE2\x80\x8B"
                              "b");
        if (indicator.type == Type::ipv4) CHECK(original == "198.41.0[.]4");
        if (indicator.type == Type::email) CHECK(original == "ann [at] example.com");
        CHECK(indicator.reading != Reading::plain);
    }
    CHECK(list(Type::url, text) == "https://evil.example.com/ab");
}

TEST_CASE("intel::extract: any bytes give offsets inside the text, and the same again") {
    std::mt19937 random(7);
    const std::string parts[] = {
        "hxxp://", "[.]", ".com", "192.0.2.1", "@", "evil", " dot ",  "\xE2\x80\x8B", "\xFF",    "HKLM\\",
        "C:\\",    "::",  "1:",   "(",         "]", "\n",   "T1059.", "rule a {",     "\xD0\xB6"};
    for (int i = 0; i < 300; ++i) {
        std::string text;
        for (int k = 0; k < 40; ++k) text += parts[random() % std::size(parts)];
        const auto first = extractor().extract(text).indicators;
        for (const auto& indicator : first) {
            REQUIRE(indicator.start < indicator.end);
            REQUIRE(indicator.end <= text.size());
            REQUIRE(!indicator.value.empty());
        }
        REQUIRE(extractor().extract(text).indicators.size() == first.size());
    }
}

TEST_CASE("intel::extract: a long text is read like its parts") {
    std::string text;
    for (int i = 0; i < 20000; ++i) text += "line " + std::to_string(i) + " without more\n";
    text += "evil.example.com\n";
    const auto found = extractor().extract(text + text).indicators;
    REQUIRE(found.size() == 1);
    CHECK(found[0].count == 2);
    CHECK(text.substr(found[0].start, 16) == "evil.example.com");
}

TEST_CASE("intel::extract: more than the most is counted, not kept") {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "host" + std::to_string(i) + ".example.com ";
    const auto found = extractor().extract(text, {{}, 60, false});
    CHECK(found.indicators.size() == 60);
    CHECK(found.dropped == 40);
}

TEST_CASE("intel::sentence_around: a sentence or a line, cut between characters") {
    const std::string text = "First one. Seen at evil.example.com today. Last.\nNext line";
    const auto at = text.find("evil");
    CHECK(sentence_around(text, at, at + 16) == "Seen at evil.example.com today.");
    const auto cut = sentence_around(std::string(500, '\xC3') + "x", 500, 501);
    CHECK(cut.size() < 600);
}
