#include "articles_for_tests.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/export/ascii_names.hpp"

#include <nlohmann/json.hpp>
#include <set>

using namespace cti;
using namespace cti::exporter;
using nlohmann::json;

namespace {
std::vector<json> documents(const std::vector<StoredArticle>& articles, const Options& options = {}) {
    const auto out = render("ecs", articles, options);
    std::vector<json> found;
    for (const auto line : split(out, '\n'))
        if (!line.empty()) found.push_back(json::parse(line));
    return found;
}
json document(const Finding& finding, const Options& options = {}) {
    return documents({article_with({finding})}, options).at(0);
}
json indicator(const std::string& type, const std::string& value) {
    return document(finding(type, value))["threat"]["indicator"];
}
}

TEST_CASE("export ecs: a document says what, when, who and where in ECS's fields") {
    const auto found = document(finding("ipv4", "8.8.4.4"), {.tlp = Tlp::amber_strict});
    CHECK(found["@timestamp"] == "2025-11-19T12:00:00Z");
    CHECK(found["ecs"]["version"].is_string());
    CHECK(found["event"]["kind"] == "enrichment");
    CHECK(found["event"]["category"] == json{"threat"});
    CHECK(found["event"]["type"] == json{"indicator"});
    CHECK(found["message"] == "Quiet Heron");
    CHECK(found["threat"]["feed"]["name"] == "Quiet Heron Blog");
    CHECK(found["threat"]["indicator"] ==
          json{{"type", "ipv4-addr"},
               {"name", "8.8.4.4"},
               {"ip", "8.8.4.4"},
               {"description", "It stood here."},
               {"first_seen", "2025-11-19T12:00:00Z"},
               {"last_seen", "2025-11-19T12:00:00Z"},
               {"provider", "heron"},
               {"reference", "https://heron.example/7"},
               {"marking", {{"tlp", "AMBER+STRICT"}, {"tlp_version", "2.0"}}}});
    CHECK_FALSE(indicator("ipv4", "8.8.4.4").contains("marking"));
    CHECK(documents({}).empty());
}

TEST_CASE("export ecs: each type has its field, and numbers are numbers") {
    CHECK(indicator("ip_port", "8.8.4.4:443")["port"] == 443);
    CHECK(indicator("ip_port", "8.8.4.4:443")["ip"] == "8.8.4.4");
    CHECK(indicator("ip_port", "[2001:db9::1]:80")["ip"] == "2001:db9::1");
    CHECK(indicator("ip_port", "[2001:db9::1]:80")["type"] == "ipv6-addr");
    CHECK(indicator("domain", "evil.example")["url"]["domain"] == "evil.example");
    CHECK(indicator("domain", "evil.example")["type"] == "domain-name");
    CHECK(indicator("email", "a@b.example")["email"]["address"] == "a@b.example");
    CHECK(indicator("sha256", "aa")["file"]["hash"]["sha256"] == "aa");
    CHECK(indicator("imphash", "aa")["file"]["pe"]["imphash"] == "aa");
    CHECK(indicator("filename", "x.exe")["file"]["name"] == "x.exe");
    CHECK(indicator("asn", "AS4200000001")["as"]["number"] == 4200000001U);
    CHECK(indicator("asn", "AS4200000001")["type"] == "autonomous-system");
    CHECK(indicator("mac", "00:1a:2b:3c:4d:5e")["mac"] == "00-1A-2B-3C-4D-5E");
    CHECK(indicator("registry_key", "HKEY_CURRENT_USER\\Software\\X")["registry"] ==
          json{{"hive", "HKCU"}, {"key", "Software\\X"}, {"path", "HKCU\\Software\\X"}});
    CHECK(document(finding("cve", "CVE-2026-1234"))["vulnerability"]["id"] == "CVE-2026-1234");
    CHECK(document(finding("attack_technique", "T1059.001"))["threat"]["technique"] ==
          json{{"id", {"T1059"}}, {"subtechnique", {{"id", {"T1059.001"}}}}});
    CHECK(document(finding("attack_tactic", "TA0002"))["threat"]["tactic"]["id"] == json{"TA0002"});
    CHECK(document(finding("malware", "Emotet"))["threat"]["software"] ==
          json{{"name", "Emotet"}, {"type", "Malware"}});
    CHECK(document(finding("threat_actor", "APT29"))["threat"]["group"]["name"] == "APT29");
    CHECK(document(finding("no such type", "x"))["threat"]["indicator"]["name"] == "x");
}

TEST_CASE("export ecs: a URL is taken apart") {
    CHECK(indicator("url", "https://evil.example:8443/a/b.php?x=1#y")["url"] ==
          json{{"full", "https://evil.example:8443/a/b.php?x=1#y"},
               {"original", "https://evil.example:8443/a/b.php?x=1#y"},
               {"scheme", "https"},
               {"domain", "evil.example"},
               {"port", 8443},
               {"path", "/a/b.php"},
               {"query", "x=1"},
               {"fragment", "y"}});
    CHECK(
        indicator("url", "t.example/x")["url"] ==
        json{{"full", "t.example/x"}, {"original", "t.example/x"}, {"domain", "t.example"}, {"path", "/x"}});
    CHECK_FALSE(indicator("url", "http://evil.example:99999/")["url"].contains("port"));
}

TEST_CASE("export ecs: a value that its field would not take stands in the name only") {
    for (const auto* type : {"ipv4", "ipv6", "ip_port", "cidr", "asn"}) {
        const auto found = indicator(type, "45.11.2.0/24");
        CHECK(found["name"] == "45.11.2.0/24");
        for (const auto* field : {"ip", "port", "as"}) CHECK_FALSE(found.contains(field));
    }
    CHECK_FALSE(indicator("ip_port", "8.8.4.4:65536").contains("port"));
    CHECK_FALSE(indicator("asn", "AS4294967296").contains("as"));
    CHECK(indicator("cidr", "2001:db9::/32")["type"] == "ipv6-addr");
}

TEST_CASE("export ecs: with an index, each document follows its action, and ids are stable and distinct") {
    const auto article = article_with({finding("domain", "a.example"), finding("filename", "a.example")});
    const auto lines =
        documents({article, article_with(article.findings, 8)}, {.bulk_index = "threat-intel.2026"});
    REQUIRE(lines.size() == 8);
    std::set<std::string> ids;
    for (std::size_t i = 0; i < lines.size(); i += 2) {
        CHECK(lines[i]["index"]["_index"] == "threat-intel.2026");
        CHECK(lines[i].size() == 1);
        CHECK(lines[i]["index"]["_id"] == lines[i + 1]["event"]["id"]);
        ids.insert(lines[i]["index"]["_id"]);
    }
    CHECK(ids.size() == 4);
    auto moved = article; // into another database
    moved.id = 1000, moved.discovered_at = at(0);
    CHECK(documents({moved})[0]["event"]["id"] == lines[1]["event"]["id"]);
}

TEST_CASE("export ecs: what is no index name is refused") {
    const auto* format = find_format("ecs");
    for (const std::string name : {"-x", "_x", "+x", ".", "..", "Upper", "a b", "a/b", "a\\b", "a*", "a?",
                                   "a\"", "<a>", "a|b", "a,b", "a#b", "a:b", "a\nb", "\xFF"})
        CHECK_THROWS_AS(make_writer(*format, {.bulk_index = name}), Error);
    CHECK_THROWS_AS(make_writer(*format, {.bulk_index = std::string(256, 'a')}), Error);
    for (const std::string name : {"cti", ".hidden", "a-b_c+d.1", "\xC3\xA4"})
        CHECK(make_writer(*format, {.bulk_index = name}) != nullptr);
    CHECK(make_writer(*format, {.bulk_index = std::string(255, 'a')}) != nullptr);
    try {
        make_writer(*format, {.bulk_index = "Upper"});
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        CHECK(std::string(error.what()).find("'Upper'") != std::string::npos);
    }
}

TEST_CASE("export ecs: any text comes back from a JSON reader") {
    auto texts = nasty_texts();
    texts.emplace_back(5'000'000, '<');
    for (const auto& text : texts) {
        auto article = article_with({finding("mutex", text), finding("url", text),
                                     finding("registry_key", text), finding("ip_port", text)});
        article.title = article.url = article.source = text;
        article.tags = {text};
        article.findings[0].sentence = text;
        const auto out = render("ecs", {article});
        CHECK(out == render("ecs", {article}));
        const auto found = documents({article});
        REQUIRE(found.size() == 4);
        if (!is_valid_utf8(text) || text.empty()) continue;
        CHECK(found[0]["threat"]["indicator"]["name"] == text);
        CHECK(found[0]["message"] == head_code_points(text, 4096));
        CHECK(found[0]["tags"][0] == text);
        CHECK(found[1]["threat"]["indicator"]["url"]["full"] == ascii_url(text));
        CHECK(found[0]["threat"]["indicator"]["description"].get<std::string>().size() <= 1024);
    }
}
