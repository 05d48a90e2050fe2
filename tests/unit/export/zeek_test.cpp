#include "articles_for_tests.hpp"
#include "core/base/text.hpp"
#include "core/export/ascii_names.hpp"

#include <cctype>

using namespace cti;
using namespace cti::exporter;

namespace {
constexpr std::string_view k_header =
    "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url\n";

// As Zeek's reader does it: columns first, then \xNN.
std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto hex = text.substr(i, 4);
        if (hex.size() == 4 && hex.starts_with("\\x") && std::isxdigit(hex[2]) != 0 &&
            std::isxdigit(hex[3]) != 0) {
            out += static_cast<char>(std::stoi(std::string(hex.substr(2)), nullptr, 16));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::vector<std::vector<std::string>> read_intel(std::string_view text) {
    REQUIRE(text.starts_with(k_header));
    REQUIRE(text.ends_with('\n'));
    std::vector<std::vector<std::string>> rows;
    auto lines = split(text.substr(k_header.size()), '\n');
    lines.pop_back();
    for (const auto line : lines) {
        CHECK_FALSE(line.starts_with('#'));
        rows.emplace_back();
        for (const auto column : split(line, '\t')) {
            CHECK_FALSE(column.empty());
            for (const unsigned char c : column) CHECK((c >= 0x20 && c != 0x7F));
            rows.back().push_back(column == "-" ? "" : unescape(column));
        }
        CHECK(rows.back().size() == 5);
    }
    return rows;
}

std::vector<std::string> indicators_of(const std::vector<Finding>& findings) {
    std::vector<std::string> lines;
    for (const auto& row : read_intel(render("zeek", {article_with(findings)})))
        lines.push_back(row[0] + " " + row[1]);
    return lines;
}
using Lines = std::vector<std::string>;
}

TEST_CASE("export zeek: a line says what, of which type, who reports it and where") {
    CHECK(render("zeek", {article_with({finding("domain", "evil.example")})}) ==
          std::string(k_header) +
              "evil.example\tIntel::DOMAIN\theron\tQuiet Heron\thttps://heron.example/7\n");
    CHECK(render("zeek", {}) == k_header);
}

TEST_CASE("export zeek: types have Zeek's names, and what Zeek cannot match is left out") {
    CHECK(indicators_of({finding("ipv4", "8.8.4.4"), finding("ipv6", "2001:db9::1"),
                         finding("cidr", "45.11.2.0/24"), finding("email", "a@evil.example"),
                         finding("md5", "m"), finding("sha1", "s"), finding("sha256", "t"),
                         finding("filename", "x.exe"), finding("user_agent", "Odd/1.0"),
                         finding("sha512", "u"), finding("ip_port", "8.8.4.4:443"),
                         finding("cve", "CVE-2026-1"), finding("malware", "Emotet")}) ==
          Lines{"8.8.4.4 Intel::ADDR", "2001:db9::1 Intel::ADDR", "45.11.2.0/24 Intel::SUBNET",
                "a@evil.example Intel::EMAIL", "m Intel::FILE_HASH", "s Intel::FILE_HASH",
                "t Intel::FILE_HASH", "x.exe Intel::FILE_NAME", "Odd/1.0 Intel::SOFTWARE"});
}

TEST_CASE("export zeek: what is no address would stop Zeek from reading the file") {
    CHECK(indicators_of({finding("ipv4", "8.8.4"), finding("ipv6", "fe80::1%eth0"),
                         finding("cidr", "8.8.4.4"), finding("cidr", "8.8.4.4/33"),
                         finding("cidr", "8.8.4.4/"), finding("ipv4", std::string("8.8.4.4\0x", 9))})
              .empty());
}

TEST_CASE("export zeek: a URL stands without scheme, and as a request has it") {
    CHECK(indicators_of({finding("url", "http://evil.example/a.php?x=1")}) ==
          Lines{"evil.example/a.php?x=1 Intel::URL"});
    CHECK(indicators_of({finding("url", "https://evil.example")}) ==
          Lines{"evil.example Intel::URL", "evil.example/ Intel::URL"});
    CHECK(indicators_of({finding("url", "http://evil.example:80/a#b")}) ==
          Lines{"evil.example:80/a#b Intel::URL", "evil.example/a Intel::URL"});
    CHECK(indicators_of({finding("url", "http://u:p@evil.example:8080/")}) ==
          Lines{"evil.example:8080/ Intel::URL"});
    CHECK(indicators_of({finding("url", "evil.example:8080/x")}) == Lines{"evil.example:8080/x Intel::URL"});
    CHECK(indicators_of({finding("url", "http://[2001:db9::1]/x")}) == Lines{"[2001:db9::1]/x Intel::URL"});
    CHECK(indicators_of({finding("url", "evil.example/?u=http://b.example/")}) ==
          Lines{"evil.example/?u=http://b.example/ Intel::URL"});
}

TEST_CASE("export zeek: an indicator stands once, with its newest article") {
    const auto rows = read_intel(render(
        "zeek", {article_with({finding("domain", "a.example")}, 7),
                 article_with({finding("domain", "a.example"), finding("filename", "a.example")}, 8)}));
    REQUIRE(rows.size() == 2);
    CHECK(rows[0][4] == "https://heron.example/7");
    CHECK(rows[1][1] == "Intel::FILE_NAME");
}

TEST_CASE("export zeek: any text comes back from the reader") {
    for (const auto& text : nasty_texts()) {
        auto article = article_with({finding("user_agent", text), finding("domain", "a.example")});
        article.title = article.url = article.source = text;
        const auto out = render("zeek", {article});
        CHECK(out == render("zeek", {article}));
        const auto rows = read_intel(out);
        const auto clean = repair_utf8(text);
        REQUIRE(rows.size() == (clean.empty() ? 1 : 2));
        if (!clean.empty()) CHECK(rows[0][0] == clean);
        CHECK(rows.back()[4] == ascii_url(clean));
        CHECK(rows.back()[2] == (clean.empty() ? "cti" : clean)); // Zeek wants a source.
    }
}
