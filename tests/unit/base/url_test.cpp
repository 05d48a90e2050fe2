#include "core/base/url.hpp"

#include <doctest/doctest.h>
#include <tuple>

using namespace cti;

TEST_CASE("resolve_url: RFC 3986 section 5.4, normal and abnormal examples") {
    const std::string base = "http://a/b/c/d;p?q";
    CHECK(resolve_url(base, "g") == "http://a/b/c/g");
    CHECK(resolve_url(base, "./g/") == "http://a/b/c/g/");
    CHECK(resolve_url(base, "/g") == "http://a/g");
    CHECK(resolve_url(base, "//g") == "http://g");
    CHECK(resolve_url(base, "?y") == "http://a/b/c/d;p?y");
    CHECK(resolve_url(base, "g?y#s") == "http://a/b/c/g?y#s");
    CHECK(resolve_url(base, "#s") == "http://a/b/c/d;p?q#s");
    CHECK(resolve_url(base, ";x") == "http://a/b/c/;x");
    CHECK(resolve_url(base, ".") == "http://a/b/c/");
    CHECK(resolve_url(base, "..") == "http://a/b/");
    CHECK(resolve_url(base, "../../g") == "http://a/g");
    CHECK(resolve_url(base, "../../../../g") == "http://a/g");
    CHECK(resolve_url(base, "/./g/../h") == "http://a/h");
    CHECK(resolve_url(base, "g;x=1/../y") == "http://a/b/c/y");
    CHECK(resolve_url(base, "g?y/../x") == "http://a/b/c/g?y/../x");
}

TEST_CASE("resolve_url: what is absolute stays as the feed wrote it") {
    CHECK(resolve_url("http://a/", "HTTP://B.example/x/../y") == "HTTP://B.example/x/../y");
    CHECK(resolve_url("http://a/", "urn:uuid:1") == "urn:uuid:1");
    CHECK(resolve_url("http://a/", "mailto:a@b.example") == "mailto:a@b.example");
}

TEST_CASE("resolve_url: blanks, line ends and backslashes as browsers take them") {
    CHECK(resolve_url("http://a/b", "  /x y\n ") == "http://a/x%20y");
    CHECK(resolve_url("http://a/b/", "c\\d?e\\f") == "http://a/b/c/d?e\\f");
    CHECK(resolve_url("http://a:8080", "x") == "http://a:8080/x");
}

TEST_CASE("resolve_url: without a usable base the reference comes back") {
    CHECK(resolve_url("", "/x") == "/x");
    CHECK(resolve_url("urn:a:b", "x") == "x");
    CHECK(resolve_url("http://a/", "") == "");
}

TEST_CASE("url_refusal: says why an address is not asked for") {
    CHECK(url_refusal("https://example.org:8443/feed?x=1") == "");
    CHECK(url_refusal("https://[2001:db8::1]:443/") == "");
    CHECK(url_refusal("ftp://example.org/") == "the scheme is neither http nor https");
    CHECK(url_refusal("javascript:alert(1)") == "the scheme is neither http nor https");
    CHECK(url_refusal("http://user:secret@example.org/") == "the address holds credentials");
    CHECK(url_refusal("http://example.org/\r\nHost: x") == "the address holds blanks or control characters");
    CHECK(url_refusal("http:///path") == "the address names no host");
    CHECK(url_refusal("http://example.org:99999/") == "the port is not a number from 0 to 65535");
    CHECK(url_refusal("/feed") == "the address has no scheme");
    CHECK(url_refusal("http://example.org/" + std::string(3000, 'a')) == "the address is too long");
}

TEST_CASE("resolve_url: a base with blanks and control characters gives an address without them") {
    CHECK(resolve_url(" https://a.example/x y/z\x01", "q") == "https://a.example/x%20y/q");
    CHECK(resolve_url("https://a.example/x\n\t/z ", "") == "");
}

TEST_CASE("resolve_url: a path never becomes a host") {
    CHECK(resolve_url("http:/a/b", "..//evil.example/x") == "http:/.//evil.example/x");
}

TEST_CASE("without_userinfo: what stands before the host goes, and nothing else") {
    for (const auto& [url, userinfo, rest] : {
             std::tuple{"https://u:p@a.example/x?y#z", "u:p", "https://a.example/x?y#z"},
             {"http://an%40lyst:p%2Fw@[::1]:80", "an%40lyst:p%2Fw", "http://[::1]:80"},
             {"https://u@b:p@w@a.example/", "u@b:p@w", "https://a.example/"},
             {"//u@a.example/", "u", "//a.example/"},
             {"https://@a.example/", "", "https://a.example/"},
             {"https://a.example/x@y", "", "https://a.example/x@y"},
             {"https://a.example?m=x@y", "", "https://a.example?m=x@y"},
             {"/path//u:p@x", "", "/path//u:p@x"},
             {"mailto:a@b.example", "", "mailto:a@b.example"},
             {"", "", ""},
         }) {
        CAPTURE(url);
        CHECK(userinfo_of(url) == userinfo);
        CHECK(without_userinfo(url) == rest);
        if (*userinfo != 0) CHECK(with_userinfo(rest, userinfo) == url);
    }
}

TEST_CASE("is_same_origin: scheme, host and port count, and the scheme's own port is none") {
    CHECK(is_same_origin("https://u:p@A.example/x", "HTTPS://a.example:443/y"));
    CHECK_FALSE(is_same_origin("http://a.example/", "https://a.example/"));
    CHECK_FALSE(is_same_origin("http://a.example/", "http://a.example:8080/"));
    CHECK_FALSE(is_same_origin("http://a.example/", "http://b.example/"));
    CHECK_FALSE(is_same_origin("", "http://b.example/"));
}
