#include "core/sources/spec.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace cti::sources;

TEST_CASE("sources::check_identifier: letters, digits, _ and - up to 255 are an identifier") {
    CHECK(check_identifier("cisco_talos-2") == "");
    CHECK(check_identifier(std::string(255, 'a')) == "");
    CHECK(check_identifier("") == "must not be empty");
    CHECK(check_identifier(std::string(256, 'a')) != "");
    for (const auto* text : {"a b", "a.b", "a/b", "\xc3\xa9t\xc3\xa9", "a\n"})
        CHECK(check_identifier(text) != "");
}

TEST_CASE("sources::check_http_url: only http and https with a host pass") {
    for (const auto* text :
         {"https://example.org", "HTTP://example.org:8080/a?b#c", "http://[::1]:80/", "https://u:p@h/"})
        CHECK(check_http_url(text) == "");
    for (const auto* text :
         {"", "example.org", "ftp://example.org/", "manual://scraped", "https://", "https:///path",
          "http://?x", "https://user@/", "https://:80/", "https://exa mple.org/", "javascript:alert(1)"}) {
        CAPTURE(text);
        CHECK(check_http_url(text) != "");
    }
    CHECK(check_http_url("https://example.org/" + std::string(3000, 'a')) != "");
}

TEST_CASE("sources::check_name: a name has 1 to 500 characters and no control characters") {
    CHECK(check_name("Unit 42") == "");
    std::string wide;
    for (int i = 0; i < 500; ++i) wide += "\xe6\xbc\xa2"; // 1500 bytes, 500 characters
    CHECK(check_name(wide) == "");
    CHECK(check_name(wide + "x") != "");
    CHECK(check_name("  ") == "must not be empty");
    CHECK(check_name("a\x1b[31m") != "");
}

TEST_CASE("sources::check_range: the message names the limits") {
    CHECK(check_range(60, 60, 100) == "");
    CHECK(check_range(59, 60, 100) == "must be from 60 to 100, not 59");
}

TEST_CASE("sources::check_http_url: no message shows a password") {
    for (const auto* text :
         {"ftp://u:canary@h/", "u:canary@h/feed", "https://u:canary@", "https://u:canary@h/a b",
          "https://u:can/ary@h/feed", "https://u:can#ary@h/feed", "https://can:ary?@h/feed"}) {
        CAPTURE(text);
        const auto told = check_http_url(text);
        CHECK(told != "");
        CHECK(told.find("can") == std::string::npos);
    }
}

TEST_CASE("sources::separate_logins: the addresses of a spec are without their logins") {
    cti::SourceSpec spec;
    spec.url = "https://u:p@a.example/x@y", spec.rss_url = "https://an%40lyst:p@b.example/feed";
    separate_logins(spec);
    CHECK(spec.url == "https://a.example/x@y");
    CHECK(spec.url_login == "u:p");
    CHECK(spec.rss_url == "https://b.example/feed");
    CHECK(spec.rss_login == "an%40lyst:p");
}
