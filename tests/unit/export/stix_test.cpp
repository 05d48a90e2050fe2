#include "core/base/text.hpp"
#include "tests/unit/export/fixtures.hpp"

#include <array>
#include <map>
#include <set>

using namespace cti;
using namespace cti::test;
using nlohmann::json;

namespace {
// By its id, after what holds for every bundle has been looked at.
std::map<std::string, json> read_bundle(const std::string& text) {
    const auto bundle = json::parse(text);
    CHECK(bundle.at("type") == "bundle");
    CHECK(bundle.at("id").get<std::string>().starts_with("bundle--"));
    std::map<std::string, json> objects;
    for (const auto& object : bundle.at("objects")) {
        CHECK(object.at("spec_version") == "2.1");
        const auto id = object.at("id").get<std::string>();
        CHECK(id.starts_with(object.at("type").get<std::string>() + "--"));
        CHECK(objects.emplace(id, object).second);
        CHECK(object.value("created", "") <= object.value("modified", object.value("created", "")));
    }
    const auto is_there = [&](const json& ref) { return objects.count(ref.get<std::string>()) == 1; };
    for (const auto& entry : objects)
        for (const auto& member : entry.second.items()) {
            if (member.key().ends_with("_ref")) CHECK(is_there(member.value()));
            if (!member.key().ends_with("_refs")) continue;
            CHECK_FALSE(member.value().empty());
            for (const auto& ref : member.value()) CHECK(is_there(ref));
        }
    return objects;
}

std::vector<json> of_type(const std::map<std::string, json>& objects, std::string_view type) {
    std::vector<json> found;
    for (const auto& entry : objects)
        if (entry.second.at("type") == type) found.push_back(entry.second);
    return found;
}

struct Vector {
    std::string type, value, id;
};
// Made with Python's uuid5 over its sorted JSON, with no code of this program.
const std::vector<Vector> k_vectors{
    {"ipv4", "203.0.113.9", "ipv4-addr--39090fdc-366e-571f-ab5b-d05e2918f88f"},
    {"ipv6", "2001:db8::1", "ipv6-addr--6469e3a9-b053-5e34-a025-9396ae051d26"},
    {"cidr", "198.51.100.0/24", "ipv4-addr--1ea47840-aa39-5aa8-b4a2-cd203eb6662a"},
    {"cidr", "2001:db8::/32", "ipv6-addr--8da31feb-e0f9-54c3-ab30-bd8ccea361dd"},
    {"ip_port", "203.0.113.9:8443", "ipv4-addr--39090fdc-366e-571f-ab5b-d05e2918f88f"},
    {"domain", "evil.example.com", "domain-name--6262c8a9-ac28-50fe-a7df-f5923bb2ee14"},
    {"onion", "expyuzz4wqqyqhjn.onion", "domain-name--9e75b492-e2bc-540f-b7f7-15b29d2079e2"},
    {"url", "https://evil.example.com/a.php?b=1&c=%20", "url--79edd9db-8f85-5db1-a1f8-f0abc049cdad"},
    {"url", "http://evil.example.com/\303\274\"<x>#a#b%zz", "url--f328ccb9-c1b0-5ec1-9662-05b9b33628ae"},
    {"email", "bad@example.com", "email-addr--8453ab81-f2cb-56fb-8edc-36024381c6fd"},
    {"md5", "0123456789abcdef0123456789abcdef", "file--5abe0dd7-4bcc-59de-bfd6-5dda910fd773"},
    {"sha1", std::string(40, 'a'), "file--1e901a93-d663-59b6-88a6-edc0114b78c9"},
    {"sha256", std::string(64, 'b'), "file--b188c565-67a9-5a0c-81a4-d9e57074246a"},
    {"sha512", std::string(128, 'c'), "file--9df305b0-0daa-53a7-a122-e8ce4837b0b1"},
    {"ssdeep", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C", "file--6d7d0480-651b-5eac-9068-52f0bc293f24"},
    {"filename", "pay\"lo\\ad\303\274\342\200\250\001\177\011.exe",
     "file--8f38bed1-2417-57f7-b7d9-6677ef406b2b"},
    {"file_path", "C:\\Users\\Public\\run.dll", "file--0cb315b3-c908-5233-b42d-4adbfdb39b59"},
    {"file_path", "C:\\run.dll", "file--b8597594-594e-53cd-93a2-f76d7e22dd45"},
    {"file_path", "/tmp/x/", "directory--5a78b9ae-cd4f-5f9e-a3f0-6a53fecd6cc9"},
    {"registry_key", "HKEY_LOCAL_MACHINE\\Software\\Foo",
     "windows-registry-key--97569013-c124-5dfe-9e82-163958dd916a"},
    {"mutex", "Global\\x", "mutex--ae17633a-a726-56e8-8a6a-b5b8e67c9d26"},
    {"mac", "D2:fb:49:24:37:18", "mac-addr--757b1725-9903-54f5-a855-1240691d7659"},
    {"asn", "AS64496", "autonomous-system--9ad79ee3-2fde-5015-b0cc-7a96404effca"},
};
}

TEST_CASE("export stix: each observable has the id of section 2.9") {
    for (const auto& vector : k_vectors) {
        CAPTURE(vector.type);
        CAPTURE(vector.value);
        const auto objects =
            read_bundle(render("stix", {heron_article({finding(vector.type, vector.value)})}));
        CHECK(objects.count(vector.id) == 1);
        const auto reports = of_type(objects, "report");
        REQUIRE(reports.size() == 1);
        CHECK(reports[0].at("object_refs").back() == vector.id);
    }
}

TEST_CASE("export stix: a report says who wrote it, when, where, and what it names") {
    const auto objects = read_bundle(render(
        "stix", {heron_article({finding("domain", "evil.example.com"), finding("cve", "CVE-2026-1234")})}));
    CHECK(objects.size() == 4);
    const auto identity = of_type(objects, "identity").at(0);
    CHECK(identity.at("name") == "Heron Lab");
    CHECK(identity.at("identity_class") == "organization");
    const auto report = of_type(objects, "report").at(0);
    CHECK(report.at("name") == "Quiet Heron");
    CHECK(report.at("description") == "Short.");
    CHECK(report.at("created_by_ref") == identity.at("id"));
    CHECK(report.at("published") == "2025-11-19T12:00:00.250Z");
    CHECK(report.at("created") == "2025-11-19T12:00:00.250Z");
    CHECK(report.at("modified") == "2025-11-19T13:00:01.000Z");
    CHECK(report.at("report_types") == json::array({"threat-report"}));
    CHECK(report.at("labels") == json::array({"apt"}));
    CHECK(report.at("external_references") ==
          json::array({{{"source_name", "Heron Lab"}, {"url", "https://heron.example/a"}}}));
    CHECK(report.at("object_refs").size() == 2);
    const auto vulnerability = of_type(objects, "vulnerability").at(0);
    CHECK(vulnerability.at("name") == "CVE-2026-1234");
    CHECK(vulnerability.at("external_references") ==
          json::array({{{"source_name", "cve"}, {"external_id", "CVE-2026-1234"}}}));
}

TEST_CASE("export stix: names and ids of ATT&CK become domain objects") {
    const auto objects = read_bundle(render("stix", {heron_article(one_of_each())}));
    const auto technique = of_type(objects, "attack-pattern").at(0);
    CHECK(technique.at("external_references")[0].at("source_name") == "mitre-attack");
    CHECK(technique.at("external_references")[0].at("external_id") == "T1059.001");
    CHECK(of_type(objects, "malware").size() == 2);
    for (const auto& malware : of_type(objects, "malware")) CHECK(malware.at("is_family") == true);
    CHECK(of_type(objects, "tool").size() == 1);
    CHECK(of_type(objects, "intrusion-set").size() == 2);
    CHECK(of_type(objects, "course-of-action").size() == 1);
    CHECK(of_type(objects, "indicator").empty());
}

TEST_CASE("export stix: objects of ATT&CK have its names, those known by id only a low confidence") {
    const std::vector<std::array<std::string, 4>> known{
        {"attack_technique", "T1059.001", "attack-pattern", "PowerShell"},
        {"attack_technique", "T1055.012", "attack-pattern", "Process Hollowing"},
        {"attack_mitigation", "M1036", "course-of-action", "Account Use Policies"},
        {"attack_group", "G0016", "intrusion-set", "APT29"},
        {"attack_software", "S0154", "malware", "Cobalt Strike"}};
    for (const auto& [type, id, object, name] : known) {
        const auto it =
            of_type(read_bundle(render("stix", {heron_article({finding(type, id)})})), object).at(0);
        CHECK(it.at("name") == name);
        CHECK_FALSE(it.contains("confidence"));
        CHECK(it.at("external_references")[0].at("external_id") == id);
        CHECK(it.at("modified") > it.at("created"));
    }
    for (const auto& [type, id, object] : std::vector<std::array<std::string, 3>>{
             {"attack_technique", "T9999", "attack-pattern"}, {"attack_group", "G9999", "intrusion-set"}}) {
        const auto it =
            of_type(read_bundle(render("stix", {heron_article({finding(type, id)})})), object).at(0);
        CHECK(it.at("name") == id);
        CHECK(it.at("confidence") == 15);
    }
    const auto bundle = read_bundle(render("stix", {heron_article({finding("cve", "CVE-2026-1234")})}));
    CHECK_FALSE(of_type(bundle, "vulnerability").at(0).contains("confidence"));
}

TEST_CASE("export stix: a CVE number that no registry gives is no reference") {
    for (const std::string number : {"CVE-2026-00123", "CVE-2026-123", "CVE-2026-"}) {
        const auto objects = read_bundle(render("stix", {heron_article({finding("cve", number)})}));
        CHECK_FALSE(of_type(objects, "vulnerability").at(0).contains("external_references"));
    }
}

TEST_CASE("export stix: an article without findings is a note to its source") {
    auto article = heron_article({finding("cvss", "CVSS:3.1/AV:N")});
    const auto objects = read_bundle(render("stix", {article}));
    const auto note = of_type(objects, "note").at(0);
    CHECK(note.at("abstract") == "Quiet Heron");
    CHECK(note.at("content") == "Short.");
    CHECK(note.at("authors") == json::array({"Ann Lee"}));
    CHECK(note.at("object_refs") == json::array({of_type(objects, "identity").at(0).at("id")}));
    CHECK(of_type(objects, "report").empty());
    article.summary.reset();
    CHECK(of_type(read_bundle(render("stix", {article})), "note").at(0).at("content") == "Long.");
    CHECK(of_type(read_bundle(render("stix", {article}, {.content = false})), "note").at(0).at("content") ==
          "Quiet Heron");
}

TEST_CASE("export stix: patterns come on demand, each with what it is based on") {
    const exporter::Options options{.patterns = true};
    const auto pattern = [&](const std::string& type, const std::string& value) {
        const auto objects = read_bundle(render("stix", {heron_article({finding(type, value)})}, options));
        const auto indicators = of_type(objects, "indicator");
        REQUIRE(indicators.size() == 1);
        const auto& indicator = indicators[0];
        const auto relationship = of_type(objects, "relationship").at(0);
        CHECK(relationship.at("relationship_type") == "based-on");
        CHECK(relationship.at("source_ref") == indicator.at("id"));
        CHECK(objects.count(relationship.at("target_ref").get<std::string>()) == 1);
        CHECK(indicator.at("pattern_type") == "stix");
        CHECK(indicator.at("valid_from") == "2025-11-19T12:00:00.250Z");
        CHECK(indicator.contains("name"));
        CHECK(indicator.contains("description"));
        return indicator.at("pattern").get<std::string>();
    };
    CHECK(pattern("ipv4", "203.0.113.9") == "[ipv4-addr:value = '203.0.113.9']");
    CHECK(pattern("cidr", "198.51.100.0/24") == "[ipv4-addr:value ISSUBSET '198.51.100.0/24']");
    CHECK(pattern("ip_port", "203.0.113.9:8443") ==
          "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.113.9' AND "
          "network-traffic:dst_port = 8443]");
    CHECK(pattern("url", "http://e.example/it's") == "[url:value = 'http://e.example/it\\'s']");
    CHECK(pattern("md5", std::string(32, 'a')) == "[file:hashes.MD5 = '" + std::string(32, 'a') + "']");
    CHECK(pattern("sha256", "ff") == "[file:hashes.'SHA-256' = 'ff']");
    CHECK(pattern("file_path", "C:\\a\\b'c") ==
          "[file:name = 'b\\'c' AND file:parent_directory_ref.path = 'C:\\\\a']");
    CHECK(pattern("asn", "AS0064496") == "[autonomous-system:number = 64496]");
    const auto none = read_bundle(render("stix", {heron_article({finding("malware", "HeronRAT")})}, options));
    CHECK(of_type(none, "indicator").empty());
}

TEST_CASE("export stix: the marking is the one that OASIS has published, on every object") {
    const std::map<exporter::Tlp, std::pair<std::string, std::string>> published{
        {exporter::Tlp::clear, {"94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"}},
        {exporter::Tlp::green, {"bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"}},
        {exporter::Tlp::amber, {"55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"}},
        {exporter::Tlp::amber_strict, {"939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict"}},
        {exporter::Tlp::red, {"e828b379-4e03-4974-9ac4-e53a884c97c1", "red"}}};
    std::set<std::string> bundles;
    for (const auto& entry : published) {
        const auto& marking = entry.second;
        const auto text =
            render("stix", {heron_article(one_of_each())}, {.patterns = true, .tlp = entry.first});
        const auto id = "marking-definition--" + marking.first;
        for (const auto& own : read_bundle(text)) {
            const auto& object = own.second;
            if (own.first == id) {
                const auto& extension =
                    object.at("extensions").at("extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d");
                CHECK(extension ==
                      json{{"extension_type", "property-extension"}, {"tlp_2_0", marking.second}});
                CHECK(object.at("created") == "2022-10-01T00:00:00.000Z");
            } else {
                CHECK(object.at("object_marking_refs") == json::array({id}));
            }
        }
        bundles.insert(json::parse(text).at("id"));
    }
    CHECK(bundles.size() == published.size());
}

TEST_CASE("export stix: no article is a bundle without objects") {
    for (const auto tlp : {exporter::Tlp::none, exporter::Tlp::green}) {
        const auto bundle = json::parse(render("stix", {}, {.tlp = tlp}));
        CHECK(bundle.size() == 2);
        CHECK(bundle.contains("id"));
    }
}

TEST_CASE("export stix: what several articles name stands there once and is the same whoever is first") {
    auto other = heron_article(one_of_each());
    other.url = "https://otter.example/b", other.source = "otter", other.source_name = "Otter";
    other.published_at += std::chrono::days{400};
    const auto first = heron_article(one_of_each());
    const auto forth = read_bundle(render("stix", {first, other}, {.patterns = true}));
    const auto back = read_bundle(render("stix", {other, first}, {.patterns = true}));
    CHECK(forth == back);
    CHECK(of_type(forth, "report").size() == 2);
    CHECK(of_type(forth, "identity").size() == 2);
}

TEST_CASE("export stix: two articles of one address stay two reports") {
    auto second = heron_article({finding("domain", "two.example")});
    second.id = 8;
    const auto objects = read_bundle(
        render("stix", {heron_article({finding("domain", "one.example")}), second}, {.patterns = true}));
    CHECK(of_type(objects, "report").size() == 2);
    CHECK(of_type(objects, "indicator").size() == 2);
}

TEST_CASE("export stix: an article from tomorrow, or of year 12000, has valid times") {
    auto article = heron_article();
    article.published_at = article.discovered_at + std::chrono::days{1};
    auto note = of_type(read_bundle(render("stix", {article})), "note").at(0);
    CHECK(note.at("modified") == note.at("created"));
    article.published_at = std::chrono::sys_days{std::chrono::year{12000} / 1 / 1};
    note = of_type(read_bundle(render("stix", {article})), "note").at(0);
    CHECK(note.at("created") == "9999-12-31T00:00:00.000Z");
}

TEST_CASE("export stix: what the standard or its validator does not take is left out") {
    const std::vector<Finding> wrong{finding("domain", "under_score.example"),
                                     finding("domain", "a..example"),
                                     finding("domain", "ab--c.example"),
                                     finding("domain", std::string(64, 'a') + ".example"),
                                     finding("url", "no scheme"),
                                     finding("url", "://x"),
                                     finding("url", "http://a@b@c/"),
                                     finding("url", "http://host:8x/"),
                                     finding("url", "http://[::1/"),
                                     finding("registry_key", "HKLM\\x"),
                                     finding("registry_key", "HKEY_USERS\\HKU"),
                                     finding("asn", "AS"),
                                     finding("asn", "AS12345678901"),
                                     finding("email", "nobody"),
                                     finding("ip_port", "1.2.3.4"),
                                     finding("domain", ""),
                                     finding("no_such_type", "x")};
    for (const auto& f : wrong) {
        CAPTURE(f.value);
        CHECK(of_type(read_bundle(render("stix", {heron_article({f})})), "report").empty());
    }
}

TEST_CASE("export stix: addresses are URIs of RFC 3986 whatever stands in them") {
    const auto uri = [](const std::string& value) {
        const auto urls =
            of_type(read_bundle(render("stix", {heron_article({finding("url", value)})})), "url");
        return urls.empty() ? std::string() : urls[0].at("value").get<std::string>();
    };
    CHECK(uri("http://[2001:db8::1]:80/a[1]") == "http://[2001:db8::1]:80/a%5B1%5D");
    CHECK(uri("http://a[b/x") == "http://a%5Bb/x");
    CHECK(uri("http://u[s@e.example/") == "http://u%5Bs@e.example/");
    CHECK(uri("http://e.example/a b\\c|d^`{}") == "http://e.example/a%20b%5Cc%7Cd%5E%60%7B%7D");
    CHECK(uri("http://e.example?q=%41%4#f#g") == "http://e.example?q=%41%254#f%23g");
    CHECK(uri("HXXP:x") == "HXXP:x");
    CHECK(uri("http:") == "");
}

TEST_CASE("export stix: an address that is no URI is told as text, and a reserved name is not used") {
    auto article = heron_article();
    article.url = "not an address";
    article.source_name = "cvefeed";
    const auto note = of_type(read_bundle(render("stix", {article})), "note").at(0);
    CHECK(note.at("external_references") ==
          json::array({{{"source_name", "source cvefeed"}, {"description", "not an address"}}}));
}

TEST_CASE("export stix: nasty texts come back equal, twice the same bytes") {
    for (const auto& text : nasty_texts()) {
        auto article = heron_article(one_of_each());
        article.title = text, article.summary = text, article.tags = article.authors = {text};
        article.source_name = text;
        for (auto& f : article.findings) f.sentence = text;
        article.findings.push_back(finding("filename", text.substr(0, 1000)));
        auto quiet = heron_article();
        quiet.url = text.substr(0, 1000), quiet.summary.reset(), quiet.content = text;
        const exporter::Options options{.patterns = true, .tlp = exporter::Tlp::amber};
        const auto out = render("stix", {article, quiet}, options);
        CHECK(out == render("stix", {article, quiet}, options));
        const auto objects = read_bundle(out);
        const auto report = of_type(objects, "report").at(0);
        CHECK(report.at("name") == text);
        CHECK(report.at("description") == text);
        CHECK(report.at("labels") == json::array({text}));
        CHECK(of_type(objects, "note").at(0).at("content") == text);
        CHECK(of_type(objects, "identity").at(0).at("name") == text);
        CHECK(of_type(objects, "indicator").at(0).at("description") == text);
    }
}

TEST_CASE("export stix: broken texts give a well-formed bundle") {
    for (const auto& text : broken_texts()) {
        auto article = heron_article({finding("filename", text), finding("url", "http://e.example/" + text),
                                      finding("mutex", text), finding("malware", text)});
        article.title = article.url = article.source = article.source_name = text;
        article.summary = text, article.content = text, article.tags = article.authors = {text};
        const auto out = render("stix", {article}, {.patterns = true});
        CHECK(is_valid_utf8(out));
        CHECK(read_bundle(out).size() >= 3);
    }
}
