#include "core/intel/checksums.hpp"
#include "found.hpp"

#include <doctest/doctest.h>

using namespace found;
using namespace cti::intel;

namespace {
const std::string k_md5 = "0123456789abcdef0123456789abcdee";
}

TEST_CASE("intel::extract: hashes are told by their length, and named by their label") {
    CHECK(list(Type::md5, "(0123456789ABCDEF0123456789ABCDEE)") == k_md5);
    CHECK(list(Type::sha1, k_md5 + "01234567") == k_md5 + "01234567");
    CHECK(list(Type::sha256, k_md5 + k_md5) == k_md5 + k_md5);
    CHECK(list(Type::sha512, k_md5 + k_md5 + k_md5 + k_md5) == k_md5 + k_md5 + k_md5 + k_md5);
    CHECK(list(Type::imphash, "imphash: " + k_md5) == k_md5);
    CHECK(list(Type::md5, "imphash: " + k_md5).empty());
    CHECK(list(Type::md5, k_md5 + ".exe") == k_md5);
    for (const auto& text : {k_md5 + "0", std::string(32, '0'),
                             std::string("12345678901234567890123456789012"), "serial number: " + k_md5})
        CHECK_MESSAGE(list(Type::md5, text).empty(), text);
}

TEST_CASE(
    "intel::extract: a hash in an address may be any token, unless it names a file or the site analyses files") {
    const auto verdict = [](const std::string& text) {
        for (const auto& indicator : extractor().extract(text).indicators)
            if (indicator.type == Type::md5) return indicator.verdict;
        return Verdict::benign;
    };
    CHECK(verdict("https://a.example.com/?id=" + k_md5) == Verdict::part_of_path);
    CHECK(verdict("https://a.example.com/" + k_md5 + ".exe") == Verdict::none);
    CHECK(verdict("https://www.virustotal.com/gui/file/" + k_md5) == Verdict::none);
}

TEST_CASE("intel::extract: hashes in long addresses, in blobs and in a message's id are found") {
    CHECK(list(Type::md5, "blob:https://a.example.com/" + k_md5) == k_md5);
    CHECK(list(Type::md5, "https://a.example.com/" + std::string(9000, 'x') + "/" + k_md5 + "/y") == k_md5);
    CHECK(list(Type::md5, "Message-ID: <" + k_md5 + "@127.0.0.1>") == k_md5);
}

TEST_CASE("intel::extract: ssdeep has a block size of 3 times a power of two") {
    CHECK(list(Type::ssdeep, "1536:aBcDeFgHiJ/kLm+n:OpQrStU") == "1536:aBcDeFgHiJ/kLm+n:OpQrStU");
    CHECK(list(Type::ssdeep, "1000:aBcDeFgHiJkLmn:OpQrStU 24:10:55").empty());
}

TEST_CASE("intel::extract: CVE numbers in the ways that they are written") {
    CHECK(list(Type::cve,
               "CVE-2026-1234, cve-2026-12345 CVE 2026-0001 CVE_2026_0002 Exploit.CVE-2026-0003.Gen") ==
          "CVE-2026-1234, CVE-2026-12345, CVE-2026-0001, CVE-2026-0002, CVE-2026-0003");
    CHECK(list(Type::cve, "CVE\xE2\x80\x91"
                          "2026\xE2\x80\x93"
                          "1234") == "CVE-2026-1234");
    CHECK(list(Type::cve, "CVE-1800-1234 CVE-2026-123 CVE-20260-1234").empty());
    CHECK(list(Type::ghsa, "GHSA-jfh8-c2jp-5v3q") == "GHSA-jfh8-c2jp-5v3q");
    CHECK(list(Type::cvss, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H.") ==
          "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
}

TEST_CASE("intel::extract: ATT&CK ids, from addresses and tags too") {
    CHECK(list(Type::attack_technique, "T1059, T1059.001. (T1105) attack.t1003.001") ==
          "T1059, T1059.001, T1105, T1003.001");
    CHECK(list(Type::attack_technique, "https://attack.mitre.org/techniques/T1566/002/") == "T1566.002");
    CHECK(list(Type::attack_tactic, "TA0001") == "TA0001");
    for (const char* text : {"FOOT1059", "T1059.0012", "T105", "T9999", "t1059", "TA0001X"})
        CHECK_MESSAGE(list(Type::attack_technique, text).empty(), text);
    CHECK(list(Type::attack_software, "the S0154 chip").empty());
    CHECK(list(Type::attack_software, "MITRE ATT&CK S0154") == "S0154");
}

TEST_CASE("intel::extract: networks, accounts and coins by their form and checksum") {
    CHECK(list(Type::asn, "AS64496 ASN64497 ASN 64498 just as 2014") == "AS64496, AS64497, AS64498");
    CHECK(list(Type::btc, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT 1BoatSLRHtKNngkdXEeobR76b53LETtpyU") ==
          "1BoatSLRHtKNngkdXEeobR76b53LETtpyT");
    CHECK(list(Type::btc,
               "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5") ==
          "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    CHECK(list(Type::eth, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed") ==
          "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");
    CHECK(list(Type::eth, "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").empty());
    CHECK(list(Type::telegram, "https://t.me/some_channel and Telegram: @other_user") ==
          "@some_channel, @other_user");
    CHECK(list(Type::phone, "call +1 (202) 555-0100 now") == "+12025550100");
}

TEST_CASE("intel::checksums: Keccak and SHA-3 differ in their padding") {
    CHECK(keccak256("", 0x01)[0] == 0xC5); // c5d2460186f7233c…
    CHECK(keccak256("", 0x06)[0] == 0xA7); // a7ffc6f8bf1ed766…
    CHECK(keccak256(std::string(136, 'a'), 0x06) != keccak256(std::string(135, 'a'), 0x06));
}

TEST_CASE("intel::checksums: an onion service of version 3 has a checksum") {
    CHECK(is_onion_v3("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd"));
    CHECK_FALSE(is_onion_v3("pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscrya"));
    CHECK(list(Type::onion, "http://pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion/x") ==
          "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion");
}
