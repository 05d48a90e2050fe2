#include "found.hpp"

#include <doctest/doctest.h>

using namespace found;
using cti::intel::Verdict;

TEST_CASE("intel::extract: IPv4 addresses stand alone, in words, in ranges and behind ports") {
    CHECK(list(Type::ipv4, "from 192.0.2.10, (192.0.2.11) and <192.0.2.12>.") ==
          "192.0.2.10, 192.0.2.11, 192.0.2.12");
    CHECK(list(Type::ipv4, "host192.0.2.10seen") == "192.0.2.10");
    CHECK(list(Type::ipv4, "192.0.2.1-192.0.2.9") == "192.0.2.1, 192.0.2.9");
    CHECK(list(Type::ipv4, "192.0.02.010") == "192.0.2.10");
    CHECK(list(Type::ip_port, "c2 at 192.0.2.10:4443 now") == "192.0.2.10:4443");
    CHECK(list(Type::cidr, "192.0.2.0/24") == "192.0.2.0/24");
    CHECK(list(Type::ipv4, "192.0.2.0/24").empty());
    CHECK(list(Type::ipv4, "192.0.2.77/24") == "192.0.2.77");
}

TEST_CASE("intel::extract: what only looks like an IPv4 address is none") {
    for (const char* text :
         {"1.2.3.4.5", "a.1.2.3.4.5", "1.2.3.256", "1.2.3.4567", "1.2.3.4.a", "v1.2.3.4", "version 1.2.3.4",
          "Chrome/1.2.3.4", "FileVersion: 1.2.3.4", "1.2.3", "build 1.2.3.4"})
        CHECK_MESSAGE(list(Type::ipv4, text).empty(), text);
    CHECK(list(Type::ipv4, "versions 1.2.3.4, 1.2.3.5 and 1.2.3.6, but 192.0.2.1 answered") == "192.0.2.1");
}

TEST_CASE("intel::extract: IPv6 addresses are canonical, times and code are none") {
    CHECK(list(Type::ipv6, "at 2001:0DB8:0:0:0:0:0:1 and [2001:db8::2]") == "2001:db8::1, 2001:db8::2");
    CHECK(list(Type::ipv6, "fe80::1%eth0 ::1") == "fe80::1, ::1");
    CHECK(list(Type::ipv6, "2001[:]db8[:][:]7") == "2001:db8::7");
    CHECK(list(Type::cidr, "2001:db8::/32") == "2001:db8::/32");
    for (const char* text : {"12:30:45", "std::dec", "a::b", "0f:e9:73:75:20:22:a6:06", "1:2"})
        CHECK_MESSAGE(list(Type::ipv6, text).empty(), text);
}

TEST_CASE("intel::extract: MAC addresses are found in three ways of writing, fingerprints are none") {
    CHECK(list(Type::mac, "AA-BB-CC-00-11-22 aa:bb:cc:00:11:23 aabb.cc00.1124") ==
          "aa:bb:cc:00:11:22, aa:bb:cc:00:11:23, aa:bb:cc:00:11:24");
    CHECK(list(Type::mac, "aa:bb:cc:00:11:22:33:44").empty());
}

TEST_CASE("intel::extract: domains need a public suffix, and lose what no name begins with") {
    CHECK(list(Type::domain, "evil.example.com, EVIL.co.uk.") == "evil.example.com, evil.co.uk");
    CHECK(list(Type::domain, "-name.com www.--other.net my_site.com _dmarc.site.org") ==
          "name.com, other.net, site.com, _dmarc.site.org");
    CHECK(list(Type::domain, "name.nosuchsuffix co.uk ....com ____.com a..com").empty());
    CHECK(list(Type::domain, "b\xC3\xBC\x63her.de and xn--bcher-kva.de") == "xn--bcher-kva.de");
    CHECK(list(Type::domain, "連絡先evil.comへ接続") == "evil.com");
}

TEST_CASE("intel::extract: top levels whose suffixes all stand below them are top levels") {
    for (const char* name :
         {"evil.co.za", "evil.org.za", "evil.com.bd", "evil.co.ck", "www.ck", "evil.com.er", "evil.co.fk",
          "evil.com.jm", "evil.com.kh", "evil.com.mm", "evil.com.np", "evil.com.pg"})
        CHECK_MESSAGE(list(Type::domain, std::string("at ") + name + " and http://" + name + "/x") == name,
                      name);
    for (const char* name : {"co.za", "com.bd", "evil.ck", "evil.zz"})
        CHECK_MESSAGE(list(Type::domain, name).empty(), name);
    CHECK(list(Type::url, "http://evilhost.bd/x") == "http://evilhost.bd/x");
}

TEST_CASE("intel::extract: top levels that no registry has: onion services of both versions, I2P, Namecoin") {
    const std::string v2 = "expyuzz4wqqyqhjn.onion",
                      v3 = "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion";
    for (const auto& name : {v2, v3}) {
        CHECK(list(Type::onion, "http://www." + name + "/a") == name);
        CHECK(list(Type::domain, "http://www." + name + "/a") == "www." + name);
    }
    CHECK(list(Type::domain, "evil.bit, stats.i2p and evil.bazar") == "evil.bit, stats.i2p, evil.bazar");
    CHECK(list(Type::domain, "word.onion").empty());
}

TEST_CASE("intel::extract: files, source code and parts of paths are no domains") {
    for (const char* text : {"invoice.zip", "run.py", "libc.so", "README.md", "System.Net.Sockets", "Any.Run",
                             "Win32/Name.CC", "C:\\Temp\\evil.com\\x", "/reports/evil.com/x",
                             "requests.post(url)", "Users/ann.smith/Downloads/a.zip", "docs/setup.sh"})
        CHECK_MESSAGE(list(Type::domain, text).empty(), text);
    CHECK(list(Type::domain, "invoice[.]zip") == "invoice.zip");
    CHECK(list(Type::filename, "open Invoice_12.zip") == "Invoice_12.zip");
    CHECK(extractor().extract("open invoice.zip").indicators[0].verdict == Verdict::file_name_like);
}

TEST_CASE("intel::extract: a URL ends where the sentence or the markup goes on") {
    CHECK(list(Type::url, "see https://a.example.com/b?c=1#d.") == "https://a.example.com/b?c=1#d");
    CHECK(
        list(Type::url, "(https://a.example.com/b) \"https://a.example.com/c\" <https://a.example.com/d>") ==
        "https://a.example.com/b, https://a.example.com/c, https://a.example.com/d");
    CHECK(list(Type::url, "https://a.example.com/b_(c) [x](https://a.example.com/d)") ==
          "https://a.example.com/b_(c), https://a.example.com/d");
    CHECK(list(Type::url, "https://a.example.com[text] https://a.example.com/?b[]=1") ==
          "https://a.example.com, https://a.example.com/?b[]=1");
    CHECK(list(Type::url, "HTTP://A.Example.com:8080/B") == "http://a.example.com:8080/B");
    CHECK(list(Type::url, "http://user:pw@a.example.com/") == "http://user:pw@a.example.com/");
    CHECK(list(Type::url, "http://[2001:db8::1]:80/a") == "http://[2001:db8::1]:80/a");
    CHECK(list(Type::url, "a.example.com/path/x.php 192.0.2.1:81/y") ==
          "a.example.com/path/x.php, 192.0.2.1:81/y");
    CHECK(list(Type::url, "https://a.example.com/cut… https://").empty());
    CHECK(list(Type::domain, "https://a.example.com/x") == "a.example.com");
}

TEST_CASE("intel::extract: e-mail addresses take no name from the sentence") {
    CHECK(list(Type::email, "mail <Ann.B+c@example.com>, x=dan@example.org") ==
          "ann.b+c@example.com, dan@example.org");
    CHECK(list(Type::email, "root@192.0.2.1") == "root@192.0.2.1");
    CHECK(list(Type::email, "user @ example.com") == "user@example.com");
    CHECK(list(Type::email, "user[at]example[dot]com user (at) example.org") ==
          "user@example.com, user@example.org");
    for (const char* text : {"@example.com", "a@b", "meet us @ example.com", "git@example.com:a/b",
                             "user @ words. Sentence", "LOOK AT EXAMPLE.COM"})
        CHECK_MESSAGE(list(Type::email, text).empty(), text);
}

TEST_CASE("intel::extract: special addresses, the own site and known hosts are marked, not left out") {
    const auto verdict = [](const char* text, std::string_view site = {}) {
        return extractor().extract(text, {site, 100, false}).indicators.at(0).verdict;
    };
    CHECK(verdict("10.1.2.3") == Verdict::private_range);
    CHECK(verdict("127.0.0.1") == Verdict::loopback);
    CHECK(verdict("192.0.2.1") == Verdict::documentation);
    CHECK(verdict("224.0.0.1") == Verdict::multicast);
    CHECK(verdict("fe80::1") == Verdict::link_local);
    CHECK(verdict("198.41.0.4") == Verdict::none);
    CHECK(verdict("d41d8cd98f00b204e9800998ecf8427e") == Verdict::empty_file);
    CHECK(verdict("blog.vendor.com", "www.vendor.com") == Verdict::own_site);
    CHECK(verdict("https://github.com/a/b") == Verdict::benign);
    CHECK(verdict("evil.github.com") == Verdict::none);
}
