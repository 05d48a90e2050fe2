#include "core/net/address.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <string>

using namespace cti::net;

namespace {
bool may_connect(const std::string& text) {
    if (in_addr v4{}; inet_pton(AF_INET, text.c_str(), &v4) == 1) return is_global_unicast(ntohl(v4.s_addr));
    Ipv6 v6{};
    REQUIRE(inet_pton(AF_INET6, text.c_str(), v6.data()) == 1);
    return is_global_unicast(v6);
}
}

TEST_CASE("is_global_unicast: every special range is refused, at its first and its last address") {
    for (const auto* text : {"0.0.0.0",
                             "0.255.255.255",
                             "10.0.0.1",
                             "100.64.0.0",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.254",
                             "169.254.169.254",
                             "172.16.0.0",
                             "172.31.255.255",
                             "192.0.0.8",
                             "192.0.2.1",
                             "192.88.99.1",
                             "192.168.1.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.7",
                             "203.0.113.9",
                             "224.0.0.1",
                             "239.255.255.255",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::127.0.0.1",
                             "::ffff:127.0.0.1",
                             "::ffff:169.254.169.254",
                             "64:ff9b::a00:1",
                             "64:ff9b:1::1",
                             "100::1",
                             "2001::1",
                             "2001:1ff:ffff::1",
                             "2001:db8::1",
                             "2002:7f00:1::1",
                             "3fff::1",
                             "5f00::1",
                             "fc00::1",
                             "fdff::1",
                             "fe80::1",
                             "febf::1",
                             "fec0::1",
                             "ff02::1"}) {
        CAPTURE(text);
        CHECK_FALSE(may_connect(text));
    }
}

TEST_CASE("is_global_unicast: the neighbours of the special ranges are the ordinary Internet") {
    for (const auto* text :
         {"1.1.1.1",         "9.255.255.255",    "11.0.0.0",        "100.63.255.255", "100.128.0.0",
          "126.255.255.255", "128.0.0.0",        "169.253.255.255", "172.15.255.255", "172.32.0.0",
          "192.0.1.0",       "192.167.255.255",  "198.17.255.255",  "198.20.0.0",     "223.255.255.255",
          "::ffff:8.8.8.8",  "64:ff9b::808:808", "2001:200::1",     "2600::1",        "2a00:1450:4001::1"}) {
        CAPTURE(text);
        CHECK(may_connect(text));
    }
}

TEST_CASE("special_range: names the range") {
    const auto name = [](const std::string& text) {
        return special_range_of_literal(text).value_or("a name");
    };
    CHECK(name("127.0.0.1") == "loopback");
    CHECK(name("169.254.169.254") == "link-local");
    CHECK(name("10.1.2.3") == "private");
    CHECK(name("255.255.255.255") == "broadcast");
    CHECK(name("::1") == "loopback");
    CHECK(name("[::]") == "unspecified");
    CHECK(name("::ffff:10.0.0.1") == "private");
    CHECK(name("64:ff9b::a9fe:a9fe") == "link-local");
    CHECK(name("2002::1") == "6to4");
    CHECK(name("2001::1") == "Teredo");
    CHECK(name("fe80::1%eth0") == "link-local");
    CHECK(name("8.8.8.8") == "");
    CHECK(name("2600::1") == "");
    CHECK(name("example.com") == "a name");
    CHECK(name("1.2.3.4.5") == "a name");
    CHECK(name("") == "a name");
    CHECK(name("0x7f.1") == "loopback");
}
