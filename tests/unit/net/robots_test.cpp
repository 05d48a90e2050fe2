#include "core/net/robots.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <string>

using namespace cti::net;
using namespace std::chrono_literals;

namespace {
struct Vector {
    std::string_view text, path;
    bool allowed;
};
bool allows(std::string_view text, std::string_view path) { return Robots::parse(text).allows("cti", path); }
}

TEST_CASE("Robots: the longest rule decides, and allow goes before disallow of the same length") {
    const Vector vectors[] = {
        {"", "/a", true},
        {"User-agent: *\nDisallow:", "/a", true},
        {"User-agent: *\nDisallow: /", "/a", false},
        {"User-agent: *\nDisallow: /", "/robots.txt", true},
        {"User-agent: *\nDisallow: /p\nAllow: /p/open", "/p/open/1", true},
        {"User-agent: *\nAllow: /p/open\nDisallow: /p", "/p/shut", false},
        {"User-agent: *\nDisallow: /page\nAllow: /page", "/page", true},
        {"User-agent: *\nAllow: /\nDisallow: /*.html", "/x.html", false},
        {"User-agent: *\nDisallow: /a", "/A", true},
        {"User-agent: *\nDisallow: a", "/abc", false},
        {"Disallow: /", "/a", true}, // before any group
        {"User-agent: *\nDisallow: /x # why\n", "/x", false},
        {"User-agent: *\nSitemap: https://a.example/s.xml\nDisallow: /x", "/x", false},
        {"User-agent: *\nDisallow /x\n", "/x", true}, // no colon: no rule
        {"<html><body>Disallow: /</body></html>", "/x", true},
    };
    for (const auto& v : vectors) {
        CAPTURE(v.text);
        CAPTURE(v.path);
        CHECK(allows(v.text, v.path) == v.allowed);
    }
}

TEST_CASE("Robots: stars and the dollar sign") {
    const Vector vectors[] = {
        {"User-agent: *\nDisallow: /*.php$", "/index.php", false},
        {"User-agent: *\nDisallow: /*.php$", "/index.php?x=1", true},
        {"User-agent: *\nDisallow: /*.php", "/index.php?x=1", false},
        {"User-agent: *\nDisallow: /a*b*c", "/a--b--c--", false},
        {"User-agent: *\nDisallow: /a*b*c", "/a--c--b", true},
        {"User-agent: *\nDisallow: /a$", "/a", false},
        {"User-agent: *\nDisallow: /a$", "/ab", true},
        {"User-agent: *\nDisallow: *x", "/yyx", false},
        {"User-agent: *\nDisallow: /*a$", "/aba", false},
        {"User-agent: *\nDisallow: /*ab*ab$", "/ab", true}, // one text cannot be both parts
        {"User-agent: *\nDisallow: /***z", "/z", false},
        {"User-agent: *\nDisallow: /f-%2A.html", "/f-*.html", false},
        {"User-agent: *\nDisallow: /f-%2A.html", "/f-x.html", true},
        {"User-agent: *\nDisallow: /price%24", "/price$", false},
    };
    for (const auto& v : vectors) {
        CAPTURE(v.text);
        CAPTURE(v.path);
        CHECK(allows(v.text, v.path) == v.allowed);
    }
}

TEST_CASE("Robots: percent-encoding is compared in one spelling") {
    const Vector vectors[] = {
        {"User-agent: *\nDisallow: /%7ejoe", "/~joe/x", false},
        {"User-agent: *\nDisallow: /~joe", "/%7Ejoe/x", false},
        {"User-agent: *\nDisallow: /\xC3\xA9", "/%c3%a9", false},
        {"User-agent: *\nDisallow: /%C3%A9", "/\xC3\xA9tude", false},
        {"User-agent: *\nDisallow: /a%2Fb", "/a/b", true}, // an encoded slash is another path
        {"User-agent: *\nDisallow: /a%2fb", "/a%2Fb", false},
        {"User-agent: *\nDisallow: /100%", "/100%", false},
    };
    for (const auto& v : vectors) {
        CAPTURE(v.text);
        CAPTURE(v.path);
        CHECK(allows(v.text, v.path) == v.allowed);
    }
}

TEST_CASE("Robots: the groups of a product are joined, and only without one does the star count") {
    const auto robots =
        Robots::parse("User-agent: other\nUser-agent: CTI\nDisallow: /one\n\nUser-agent: *\nDisallow: /\n\n"
                      "User-Agent: cti/2.0\nDisallow: /two\n");
    CHECK_FALSE(robots.allows("cti", "/one"));
    CHECK_FALSE(robots.allows("Cti", "/two"));
    CHECK(robots.allows("cti", "/three"));
    CHECK_FALSE(robots.allows("other", "/one"));
    CHECK(robots.allows("other", "/two"));
    CHECK_FALSE(robots.allows("somebody", "/three"));
    CHECK_FALSE(robots.allows("ct", "/three")); // "cti" is not "ct"
}

TEST_CASE("Robots: a byte order mark and every kind of line end are read") {
    CHECK_FALSE(allows("\xEF\xBB\xBFUser-agent: *\r\nDisallow: /x\r\n", "/x"));
    CHECK_FALSE(allows("User-agent: *\rDisallow: /x\r", "/x"));
    CHECK_FALSE(allows("user-AGENT : *\n  DISALLOW:/x  ", "/x"));
}

TEST_CASE("Robots: what stands behind the first 500 KiB is not read") {
    const std::string filler(500 * 1024, '#');
    CHECK(allows(filler + "\nUser-agent: *\nDisallow: /\n", "/x"));
    CHECK_FALSE(allows("User-agent: *\nDisallow: /\n" + filler, "/x"));
}

TEST_CASE("Robots: Crawl-delay in seconds, at most a minute, and nothing where it is no number") {
    const auto delay = [](std::string_view value) {
        return Robots::parse("User-agent: *\nCrawl-delay: " + std::string(value)).crawl_delay("cti");
    };
    CHECK(delay("2") == 2s);
    CHECK(delay("0.5") == 500ms);
    CHECK(delay("3600") == 60s);
    CHECK(delay("0") == 0s);
    for (const auto* text : {"", "soon", "-1", "1e9", ".", "1.2.3", "99999999999999999999"}) {
        CAPTURE(text);
        CHECK(delay(text) == std::nullopt);
    }
    CHECK(Robots::parse("User-agent: cti\nDisallow: /x\nUser-agent: *\nCrawl-delay: 9").crawl_delay("cti") ==
          std::nullopt);
}

TEST_CASE("Robots: a thousand stars cost no more than their length") {
    std::string pattern = "/";
    for (int i = 0; i < 900; ++i) pattern += "*a";
    const auto robots = Robots::parse("User-agent: *\nDisallow: " + pattern + "*b\n");
    CHECK(robots.allows("cti", "/" + std::string(2000, 'a')));
    CHECK_FALSE(robots.allows("cti", "/" + std::string(2000, 'a') + "b"));
}

TEST_CASE("Robots: allow_all and disallow_all do what they say") {
    CHECK(Robots::allow_all().allows("cti", "/x"));
    CHECK_FALSE(Robots::disallow_all().allows("cti", "/x"));
    CHECK_FALSE(Robots::disallow_all().allows("cti", ""));
}
