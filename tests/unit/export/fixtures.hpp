#pragma once
#include "tests/unit/export/render.hpp"

#include <nlohmann/json.hpp>

// What the tests of the formats for other platforms share.
namespace cti::test {

inline Finding finding(std::string_view type, std::string value) {
    Finding f;
    f.type = Named<IndicatorType>(type), f.value = f.original = std::move(value);
    f.sentence = "It calls " + f.value + ".";
    return f;
}

inline StoredArticle heron_article(std::vector<Finding> findings = {}) {
    StoredArticle a;
    a.id = 7, a.source_id = 3;
    a.source = "heron", a.source_name = "Heron Lab", a.source_url = "https://heron.example/";
    a.title = "Quiet Heron", a.url = "https://heron.example/a";
    a.published_at = Time(std::chrono::milliseconds(1'763'553'600'250));
    a.discovered_at = Time(std::chrono::seconds(1'763'557'201));
    a.authors = {"Ann Lee"}, a.tags = {"apt"};
    a.summary = "Short.", a.content = "Long.";
    a.findings = std::move(findings);
    return a;
}

using exporter::render;

// The texts that break writers; the last one is 5 MB.
inline std::vector<std::string> nasty_texts() {
    return {"say \"yes\", it's",
            "two\nlines\r\nand\rmore\ttabs",
            "\x01\x1B[31m\x7F",
            "]]></script><!-- {{x}} ${x} %s %n",
            "\xE2\x80\xAE"
            "desrever",
            "\xF0\x9F\xA6\x8A \xC3\xBC \xE6\x97\xA5",
            "\xE2\x80\xA8\xE2\x80\xA9",
            "back\\slash | bar; semicolon, comma: colon",
            "[/usr/bin]",
            "=1+1",
            " ",
            std::string(5'000'000, '\'')};
}

// They do not come back equal, but what comes is well-formed.
inline std::vector<std::string> broken_texts() {
    return {std::string("nul\0in", 6), "\xFF\xC3(\xED\xA0\x80", "\xF0\x9F\xA6", ""};
}

// A finding of every type that there is.
inline std::vector<Finding> one_of_each() {
    return {finding("ipv4", "203.0.113.9"),
            finding("ipv6", "2001:db8::1"),
            finding("cidr", "198.51.100.0/24"),
            finding("ip_port", "203.0.113.9:8443"),
            finding("domain", "evil.example.com"),
            finding("onion", "expyuzz4wqqyqhjn.onion"),
            finding("url", "https://evil.example.com/a.php?b=1&c=%20"),
            finding("email", "bad@example.com"),
            finding("md5", "0123456789abcdef0123456789abcdef"),
            finding("sha1", std::string(40, 'a')),
            finding("sha256", std::string(64, 'b')),
            finding("sha512", std::string(128, 'c')),
            finding("ssdeep", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C"),
            finding("imphash", std::string(32, 'd')),
            finding("authentihash", std::string(64, 'e')),
            finding("cve", "CVE-2026-1234"),
            finding("ghsa", "GHSA-abcd-1234-wxyz"),
            finding("cvss", "CVSS:3.1/AV:N"),
            finding("attack_technique", "T1059.001"),
            finding("attack_tactic", "TA0002"),
            finding("attack_software", "S0002"),
            finding("attack_group", "G0016"),
            finding("attack_mitigation", "M1036"),
            finding("filename", "payload.exe"),
            finding("file_path", "C:\\Users\\Public\\run.dll"),
            finding("registry_key", "HKEY_LOCAL_MACHINE\\Software\\Foo"),
            finding("mutex", "Global\\x"),
            finding("named_pipe", "status_1"),
            finding("service", "EvilSvc"),
            finding("scheduled_task", "\\Update"),
            finding("user_agent", "Mozilla/5.0 (x; y)"),
            finding("asn", "AS64496"),
            finding("mac", "d2:fb:49:24:37:18"),
            finding("btc", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
            finding("eth", "0x52908400098527886e0f7030069857d2e4169ee7"),
            finding("xmr", "4" + std::string(94, 'A')),
            finding("telegram", "@badbot"),
            finding("phone", "+491234567"),
            finding("google_analytics", "UA-12345-1"),
            finding("google_adsense", "pub-1234567890123456"),
            finding("yara_rule", "odd_rule"),
            finding("sigma_rule", "Odd Rule"),
            finding("command_line", "cmd /c dir"),
            finding("malware", "HeronRAT"),
            finding("tool", "Mimikatz"),
            finding("threat_actor", "Quiet Heron")};
}
}
