#include "core/net/gate.hpp"
#include "core/net/proxy.hpp"

#include <doctest/doctest.h>

using namespace cti::net;

TEST_CASE("find_refusal: only http and https to usual ports of public hosts, without credentials") {
    for (const auto* url : {"http://example.com/", "https://example.com:8443/feed", "http://8.8.8.8:8080/",
                            "http://[2600::1]/"}) {
        CAPTURE(url);
        CHECK(find_refusal(url, false, false).reason == "");
    }
    for (const auto* url :
         {"ftp://example.com/", "file:///etc/passwd", "gopher://example.com:70/",
          "http://user:pw@example.com/", "http://user@example.com/", "http://example.com/a\r\nX: y",
          "http://example.com/a\tb", "http:///x", "http:/example.com", "example.com",
          "http://example.com:22/", "http://example.com:6379/", "http://example.com:25/",
          "http://example.com:0/", "http://example.com:99999/", "http://example.com:8o/", ""}) {
        CAPTURE(url);
        CHECK(find_refusal(url, false, false).failure == Failure::bad_url);
    }
    CHECK(find_refusal("http://example.com:22/", false, false).reason ==
          "refused the address: port 22 is not one of web servers");
    CHECK(find_refusal("http://10.0.0.1:9999/", true, false).reason == "");
}

TEST_CASE("find_refusal: a special address is refused in whatever form it is written, and named") {
    for (const auto* url : {"http://127.0.0.1/",
                            "http://127.1/",
                            "http://2130706433/",
                            "http://0x7f000001/",
                            "http://0x7F.1/",
                            "http://0177.0.0.1/",
                            "http://017700000001/",
                            "http://127.0.0.1./",
                            "http://0/",
                            "http://0.0.0.0/",
                            "http://[::1]/",
                            "http://[::]/",
                            "http://[::ffff:127.0.0.1]/",
                            "http://[::ffff:7f00:1]/",
                            "http://[0:0:0:0:0:ffff:a9fe:a9fe]/",
                            "http://[64:ff9b::7f00:1]/",
                            "http://[2002:7f00:1::1]/",
                            "http://[fe80::1%25eth0]/",
                            "http://[fd00:ec2::254]/",
                            "http://169.254.169.254/latest/meta-data/",
                            "http://2852039166/",
                            "http://0xa9fea9fe/",
                            "http://0251.0376.0251.0376/"}) {
        CAPTURE(url);
        CHECK(find_refusal(url, false, false).failure == Failure::refused_address);
    }
    CHECK(find_refusal("http://169.254.169.254/", false, false).reason ==
          "refused to connect to 169.254.169.254: link-local");
    CHECK(find_refusal("http://2130706433/", false, false).reason ==
          "refused to connect to 2130706433: loopback");
}

TEST_CASE("find_refusal: local names are refused where a proxy resolves them") {
    for (const auto* url : {"http://localhost/", "http://LOCALHOST./", "http://a.localhost/",
                            "http://printer.local/", "http://db.internal/", "http://router.home.arpa/"}) {
        CAPTURE(url);
        CHECK(find_refusal(url, false, true).failure == Failure::refused_address);
        CHECK(find_refusal(url, false, false).reason == ""); // Here the address itself is seen.
    }
    CHECK(find_refusal("http://notlocalhost.example/", false, true).reason == "");
    CHECK(find_refusal("http://localhost.example.com/", false, true).reason == "");
}

TEST_CASE("redirect_target: made absolute, without fragment, in ASCII") {
    CHECK(redirect_target("https://a.example/x/y?q", "../z#top") == "https://a.example/z");
    CHECK(redirect_target("https://a.example/x", "//b.example/\xC3\xA9 b") == "https://b.example/%C3%A9%20b");
    CHECK(redirect_target("https://a.example/x", "http://c.example/?\xFF") == "http://c.example/?%FF");
    CHECK(redirect_target("https://a.example/x", "?page=2") == "https://a.example/x?page=2");
}

TEST_CASE("downgrade_refusal: only from https to http") {
    CHECK(downgrade_refusal("https://a/", "http://a/") != "");
    CHECK(downgrade_refusal("HTTPS://a/", "Http://a/") != "");
    CHECK(downgrade_refusal("https://a/", "HTTPS://b/") == "");
    CHECK(downgrade_refusal("http://a/", "http://b/") == "");
    CHECK(downgrade_refusal("http://a/", "https://b/") == "");
}

TEST_CASE("proxy_for: by scheme, unless no_proxy holds the host, its domain, its address or its network") {
    const ProxySettings s{.http = "http://p:1",
                          .https = "http://p:2",
                          .all = "",
                          .none = "a.example, .b.example c.example.,10.0.0.0/8 192.0.2.7 fd00::/8"};
    CHECK(proxy_for("http://x.example/", s) == "http://p:1");
    CHECK(proxy_for("https://x.example/", s) == "http://p:2");
    for (const auto* url : {"http://a.example/", "https://www.A.example/", "http://b.example/",
                            "http://x.b.example:8080/", "http://c.example/", "http://10.1.2.3/",
                            "http://192.0.2.7/", "http://[fd00::1]/", "http://a.example./"}) {
        CAPTURE(url);
        CHECK(proxy_for(url, s) == "");
    }
    for (const auto* url :
         {"http://nota.example/", "http://11.1.2.3/", "http://192.0.2.8/", "http://[fe00::1]/"}) {
        CAPTURE(url);
        CHECK(proxy_for(url, s) == "http://p:1");
    }
    CHECK(proxy_for("http://x.example/", {.http = "", .https = "", .all = "socks5h://q", .none = ""}) ==
          "socks5h://q");
    CHECK(proxy_for("http://x.example/", {.http = "", .https = "", .all = "socks5h://q", .none = "*"}) == "");
}

TEST_CASE("wire_host: a name beyond ASCII is asked for as IDNA has it, whatever the locale") {
    CHECK(wire_host("b\xc3\xbc"
                    "cher.test") == "xn--bcher-kva.test");
    CHECK(wire_host("B\xc3\x9c"
                    "CHER.test") == "xn--bcher-kva.test");
    CHECK(wire_host("\xe2\x91\xa0.example") == "1.example");
    CHECK(wire_host("Example.org") == "Example.org");
    CHECK(wire_host("[2600::1]") == "[2600::1]");
    CHECK(wire_host("\xff.example") == "\xff.example");
}

TEST_CASE("wire_url: the host becomes ASCII, and so does the path") {
    CHECK(wire_url("http://b\xc3\xbc"
                   "cher.test:8080/f\xc3\xa9?q=\xc3\xa4#x") ==
          "http://xn--bcher-kva.test:8080/f%C3%A9?q=%C3%A4");
    CHECK(host_of("http://b\xc3\xbc"
                  "cher.test/") == host_of("http://xn--bcher-kva.test/"));
}
