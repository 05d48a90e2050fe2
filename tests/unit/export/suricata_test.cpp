#include "core/base/text.hpp"
#include "tests/unit/export/fixtures.hpp"

#include <algorithm>
#include <set>

using namespace cti;
using namespace cti::test;

namespace {
std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (const auto line : split(text, '\n')) lines.emplace_back(line);
    CHECK(lines.back().empty());
    lines.pop_back();
    return lines;
}

std::string sid_of(const std::string& line) {
    const auto start = line.find(" sid:") + 5;
    return line.substr(start, line.find(';', start) - start);
}

// What Suricata splits a rule by: each option ends in a semicolon outside of quotes, which are closed.
void check_rule(const std::string& line) {
    CAPTURE(line);
    CHECK(line.size() < 8192); // the longest line that Suricata reads
    CHECK(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; }));
    CHECK(line.starts_with("alert "));
    CHECK(line.ends_with(";)"));
    bool in_quotes = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"') in_quotes = !in_quotes;
        if (in_quotes) CHECK((line[i] != ';' && line[i] != '\\'));
    }
    CHECK_FALSE(in_quotes);
    const auto sid = std::stoull(sid_of(line));
    CHECK(sid >= 1'000'000'000);
    CHECK(sid <= 2'147'483'647);
}

std::vector<std::string> rules_for(const std::string& type, const std::string& value) {
    const auto lines = lines_of(render("suricata", {heron_article({finding(type, value)})}));
    for (const auto& line : lines) check_rule(line);
    return lines;
}
}

TEST_CASE("export suricata: a domain is looked for in DNS, TLS and HTTP, with what is below it") {
    const auto rules = rules_for("domain", "Evil.example.com");
    REQUIRE(rules.size() == 3);
    CHECK(
        rules[0] ==
        "alert dns $HOME_NET any -> any any (msg:\"cti domain Evil.example.com reported by heron\"; "
        "reference:url,heron.example/a; metadata:created_at 2025_11_19, source heron; dns.query; dotprefix; "
        "content:\".evil.example.com\"; nocase; endswith; sid:" +
            sid_of(rules[0]) + "; rev:1;)");
    CHECK(rules[1].starts_with("alert http "));
    CHECK(rules[2].starts_with("alert tls "));
    CHECK(rules_for("onion", "expyuzz4wqqyqhjn.onion").size() == 1);
}

TEST_CASE("export suricata: addresses are looked for by IP, with their port where it is told") {
    CHECK(
        rules_for("ipv4", "203.0.113.9").at(0).starts_with("alert ip $HOME_NET any -> [203.0.113.9] any ("));
    CHECK(
        rules_for("ipv6", "2001:db8::1").at(0).starts_with("alert ip $HOME_NET any -> [2001:db8::1] any ("));
    CHECK(rules_for("cidr", "198.51.100.0/24")
              .at(0)
              .starts_with("alert ip $HOME_NET any -> [198.51.100.0/24] any ("));
    CHECK(rules_for("ip_port", "203.0.113.9:8443")
              .at(0)
              .starts_with("alert tcp $HOME_NET any -> [203.0.113.9] 8443 ("));
    for (const std::string wrong :
         {"", "999.1.1.1", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/x", "any", "!1.2.3.4"})
        CHECK(rules_for("cidr", wrong).empty());
    for (const std::string wrong : {"1.2.3.4", "1.2.3.4:", "1.2.3.4:99999", "1.2.3.4:-1", "x:80"})
        CHECK(rules_for("ip_port", wrong).empty());
}

TEST_CASE("export suricata: a URL is its host and its request line") {
    const auto has = [](const std::string& value, const std::string& part) {
        const auto rules = rules_for("url", value);
        return rules.size() == 1 && rules[0].find(part) != std::string::npos;
    };
    CHECK(has("https://EVIL.example.com:8443/a.php?b=1;\"|#top",
              "http.host; content:\"evil.example.com\"; bsize:16; http.uri.raw; "
              "content:\"/a.php|3F|b|3D|1|3B 22 7C|\"; startswith; bsize:13;"));
    CHECK(has("http://evil.example.com", "content:\"/\"; startswith; bsize:1;"));
    const auto longest = "/" + std::string(5000, 'a');
    CHECK(has("http://e.example" + longest,
              "content:\"" + longest.substr(0, 200) + "\"; startswith; bsize:5001;"));
    CHECK(rules_for("url", "ftp://evil.example.com/a").empty());
}

TEST_CASE("export suricata: a number depends on what is looked for and on nothing else") {
    const auto alone = rules_for("domain", "evil.example.com");
    auto article = heron_article(one_of_each());
    article.source = "otter", article.url = "https://otter.example/",
    article.published_at += std::chrono::days{9};
    const auto among = lines_of(render("suricata", {article}, {.tlp = exporter::Tlp::amber_strict}));
    std::set<std::string> sids;
    for (const auto& line : among) {
        check_rule(line);
        CHECK(line.find(", tlp amber+strict;") != std::string::npos);
        CHECK(sids.insert(sid_of(line)).second);
    }
    for (const auto& line : alone) CHECK(sids.count(sid_of(line)) == 1);
}

TEST_CASE("export suricata: of 150,000 rules some would have met, and none share a number") {
    std::vector<Finding> findings;
    for (int i = 0; i < 150'000; ++i)
        findings.push_back(finding("ipv4", "45." + std::to_string(i / 65536) + '.' +
                                               std::to_string(i / 256 % 256) + '.' +
                                               std::to_string(i % 256)));
    std::set<std::string> sids;
    for (const auto& line : lines_of(render("suricata", {heron_article(std::move(findings))})))
        sids.insert(sid_of(line));
    CHECK(sids.size() == 150'000);
}

TEST_CASE("export suricata: rules are sorted and each is there once, told by the oldest article") {
    auto older = heron_article({finding("domain", "b.example"), finding("domain", "a.example-x.org")});
    older.source = "otter";
    const auto lines = lines_of(render(
        "suricata", {heron_article({finding("domain", "b.example"), finding("domain", "a.example"),
                                    finding("ipv4", "203.0.113.9"), finding("url", "http://b.example/")}),
                     older}));
    CHECK(lines.size() == 11);
    CHECK(std::ranges::is_sorted(lines));
    CHECK(std::ranges::count_if(lines, [](const auto& line) {
              return line.find("domain b.example reported by otter\"") != std::string::npos;
          }) == 3);
}

TEST_CASE("export suricata: long values that begin alike keep their own rules") {
    const auto head = "http://e.example/" + std::string(300, 'a');
    const auto lines =
        lines_of(render("suricata", {heron_article({finding("url", head + "b"), finding("url", head + "c"),
                                                    finding("url", head + "cc")})}));
    CHECK(lines.size() == 3);
    for (const auto& line : lines) check_rule(line);
}

TEST_CASE("export suricata: nothing that is no pattern of a network makes a rule") {
    CHECK(render("suricata", {}).empty());
    CHECK(render("suricata",
                 {heron_article({finding("md5", std::string(32, 'a')), finding("email", "a@b.example")})})
              .empty());
}

TEST_CASE("export suricata: nasty texts stay inside of their rule") {
    auto texts = nasty_texts();
    for (const auto& text : broken_texts()) texts.push_back(text);
    for (const auto& text : texts) {
        auto article =
            heron_article({finding("domain", text), finding("domain", "x." + text.substr(0, 100)),
                           finding("url", "http://e.example/" + text), finding("url", "http://" + text),
                           finding("ipv4", text), finding("ip_port", text)});
        article.title = article.source = article.source_name = text,
        article.url = "https://heron.example/" + text;
        const auto out = render("suricata", {article});
        CHECK(out == render("suricata", {article}));
        for (const auto& line : lines_of(out)) check_rule(line);
    }
}

TEST_CASE("export suricata: a reference ends where its grammar does") {
    const auto reference = [](const std::string& url) {
        auto article = heron_article({finding("ipv4", "203.0.113.9")});
        article.url = url;
        const auto line = render("suricata", {article});
        const auto start = line.find("reference:");
        return start == std::string::npos ? "" : line.substr(start, line.find(';', start) - start);
    };
    CHECK(reference("https://heron.example/?p=12") == "reference:url,heron.example/?p=12");
    CHECK(reference("https://heron.example/a/b%20c") == "reference:url,heron.example/a/");
    CHECK(reference("https://heron.example/a?b=1&c=2") == "reference:url,heron.example/");
    CHECK(reference("https://h\xC3\xA9ron.example") == "reference:url,xn--hron-bpa.example");
    CHECK(reference("mailto:x@y") == "");
}
