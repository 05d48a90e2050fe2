#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "tests/unit/export/fixtures.hpp"

#include <map>
#include <set>

using namespace cti;
using namespace cti::test;
using nlohmann::json;

namespace {
// Type and category as MISP pairs them, and nothing that its schema would refuse.
void check_event(const json& event) {
    for (const char* key : {"uuid", "info", "date", "threat_level_id", "analysis", "timestamp",
                            "distribution", "publish_timestamp"})
        CHECK(event.at(key).is_string());
    CHECK(event.at("published").is_boolean());
    CHECK(event.at("Orgc").at("name").is_string());
    CHECK_FALSE(event.at("info").get<std::string>().empty());
    const std::set<std::pair<std::string, std::string>> pairs{{"ip-dst", "Network activity"},
                                                              {"ip-dst|port", "Network activity"},
                                                              {"domain", "Network activity"},
                                                              {"url", "Network activity"},
                                                              {"email-src", "Payload delivery"},
                                                              {"md5", "Payload delivery"},
                                                              {"sha1", "Payload delivery"},
                                                              {"sha256", "Payload delivery"},
                                                              {"sha512", "Payload delivery"},
                                                              {"ssdeep", "Payload delivery"},
                                                              {"imphash", "Payload delivery"},
                                                              {"authentihash", "Payload delivery"},
                                                              {"mutex", "Artifacts dropped"},
                                                              {"btc", "Financial fraud"},
                                                              {"xmr", "Financial fraud"},
                                                              {"text", "Financial fraud"},
                                                              {"vulnerability", "External analysis"},
                                                              {"link", "External analysis"},
                                                              {"filename", "Payload delivery"},
                                                              {"filename", "Artifacts dropped"},
                                                              {"regkey", "Persistence mechanism"},
                                                              {"named pipe", "Artifacts dropped"},
                                                              {"text", "Artifacts dropped"},
                                                              {"windows-service-name", "Artifacts dropped"},
                                                              {"user-agent", "Network activity"},
                                                              {"windows-scheduled-task", "Artifacts dropped"},
                                                              {"AS", "Network activity"},
                                                              {"mac-address", "Network activity"},
                                                              {"text", "Social network"},
                                                              {"phone-number", "Other"},
                                                              {"text", "Payload delivery"},
                                                              {"threat-actor", "Attribution"}};
    std::set<std::string> uuids;
    for (const auto& attribute : event.at("Attribute")) {
        CAPTURE(attribute.dump());
        CHECK(pairs.count({attribute.at("type").get<std::string>(),
                           attribute.at("category").get<std::string>()}) == 1);
        CHECK(attribute.at("to_ids").is_boolean());
        CHECK(attribute.at("timestamp").is_string());
        CHECK(attribute.at("distribution") == "5");
        CHECK_FALSE(attribute.at("value").get<std::string>().empty());
        CHECK(uuids.insert(attribute.at("uuid").get<std::string>()).second);
    }
}

json read_event(const std::string& text) {
    const auto document = json::parse(text);
    CHECK(document.size() == 1);
    check_event(document.at("Event"));
    return document.at("Event");
}

std::set<std::string> actionable_types(const json& event) {
    std::set<std::string> types;
    for (const auto& attribute : event.at("Attribute"))
        if (attribute.at("to_ids") == true) types.insert(attribute.at("type").get<std::string>());
    return types;
}

// The files of a feed by their names.
std::map<std::string, std::string> write_feed(const std::vector<StoredArticle>& articles,
                                              const exporter::Options& options = {}) {
    const auto writer = exporter::make_folder_writer(*exporter::find_format("misp"), options);
    std::map<std::string, std::string> files;
    const auto keep = [&](exporter::File file) {
        CHECK(files.emplace(std::move(file.name), std::move(file.content)).second);
    };
    for (const auto& article : articles) keep(writer->article(article));
    for (auto& file : writer->end()) keep(std::move(file));
    return files;
}
}

TEST_CASE("export misp: one article is one event") {
    const auto event = read_event(render("misp", {heron_article({finding("domain", "evil.example.com")})}));
    CHECK(event.at("info") == "Quiet Heron");
    CHECK(event.at("date") == "2025-11-19");
    CHECK(event.at("timestamp") == "1763557201");
    CHECK(event.at("Orgc").at("name") == "Heron Lab");
    CHECK(event.at("Tag").empty());
    REQUIRE(event.at("Attribute").size() == 2);
    const auto& link = event.at("Attribute")[0];
    CHECK(link.at("type") == "link");
    CHECK(link.at("value") == "https://heron.example/a");
    CHECK(link.at("to_ids") == false);
    const auto& domain = event.at("Attribute")[1];
    CHECK(domain.at("type") == "domain");
    CHECK(domain.at("category") == "Network activity");
    CHECK(domain.at("value") == "evil.example.com");
    CHECK(domain.at("to_ids") == true);
    CHECK(domain.at("comment") == "It calls evil.example.com.");
}

TEST_CASE("export misp: every type has its pair, and only what acts is for sensors") {
    const auto event = read_event(render("misp", {heron_article(one_of_each())}));
    CHECK(event.at("Attribute").size() == 1 + one_of_each().size() - 5);
    CHECK(actionable_types(event) == std::set<std::string>{"ip-dst", "ip-dst|port", "domain", "url",
                                                           "email-src", "md5", "sha1", "sha256", "sha512",
                                                           "ssdeep", "imphash", "authentihash", "mutex",
                                                           "btc", "xmr"});
    std::set<std::string> values;
    for (const auto& attribute : event.at("Attribute"))
        values.insert(attribute.at("value").get<std::string>());
    CHECK(values.count("203.0.113.9|8443") == 1);
    CHECK(values.count("https://attack.mitre.org/techniques/T1059/001/") == 1);
    CHECK(values.count("https://github.com/advisories/GHSA-abcd-1234-wxyz") == 1);
}

TEST_CASE("export misp: several articles are one collection that keeps its id") {
    auto other = heron_article({finding("domain", "evil.example.com"), finding("md5", std::string(32, 'a'))});
    other.url = "https://heron.example/b";
    other.published_at -= std::chrono::days{3};
    const auto first = heron_article({finding("domain", "evil.example.com")});
    const auto event = read_event(render("misp", {first, other}));
    CHECK(event.at("info") == "cti: 2 articles, 2025-11-16 to 2025-11-19");
    CHECK(event.at("Orgc").at("name") == "Heron Lab");
    CHECK(event.at("Attribute").size() == 4); // the domain once
    other.source = "otter";
    const auto mixed = read_event(render("misp", {other, first}));
    CHECK(mixed.at("Orgc").at("name") == "cti");
    CHECK(mixed.at("uuid") == event.at("uuid"));
    CHECK(mixed.at("uuid") != read_event(render("misp", {first})).at("uuid"));
    std::set<std::string> uuids, again;
    for (const auto& attribute : event.at("Attribute")) uuids.insert(attribute.at("uuid").get<std::string>());
    for (const auto& attribute : mixed.at("Attribute")) again.insert(attribute.at("uuid").get<std::string>());
    CHECK(uuids == again);
}

TEST_CASE("export misp: no article is an event without attributes") {
    CHECK(read_event(render("misp", {})).at("Attribute").empty());
}

TEST_CASE("export misp: the marking is a tag and bounds how far the event may go") {
    const std::map<exporter::Tlp, std::pair<std::string, std::string>> expected{
        {exporter::Tlp::clear, {"tlp:clear", "3"}},
        {exporter::Tlp::green, {"tlp:green", "2"}},
        {exporter::Tlp::amber, {"tlp:amber", "1"}},
        {exporter::Tlp::amber_strict, {"tlp:amber+strict", "0"}},
        {exporter::Tlp::red, {"tlp:red", "0"}}};
    for (const auto& entry : expected) {
        const auto event = read_event(render("misp", {heron_article()}, {.tlp = entry.first}));
        REQUIRE(event.at("Tag").size() == 1);
        CHECK(event.at("Tag")[0].at("name") == entry.second.first);
        CHECK(event.at("distribution") == entry.second.second);
    }
    CHECK(read_event(render("misp", {heron_article()})).at("distribution") == "0");
}

TEST_CASE("export misp: a feed has an event a file, a manifest and the hashes of all values") {
    auto second = heron_article({finding("ip_port", "203.0.113.9:8443")});
    second.url = "https://heron.example/b", second.title = "";
    const auto first = heron_article({finding("domain", "evil.example.com")});
    const auto files = write_feed({first, second}, {.tlp = exporter::Tlp::green});
    CHECK(files.size() == 4);
    const auto manifest = json::parse(files.at("manifest.json"));
    CHECK(manifest.size() == 2);
    for (const auto& entry : manifest.items()) {
        const auto event = read_event(files.at(entry.key() + ".json"));
        CHECK(event.at("uuid") == entry.key());
        for (const char* key : {"info", "date", "threat_level_id", "analysis", "timestamp", "Orgc", "Tag"})
            CHECK(entry.value().at(key) == event.at(key));
    }
    std::set<std::string> lines;
    for (const auto line : split(files.at("hashes.csv"), '\n')) lines.insert(std::string(line));
    const auto uuid = json::parse(render("misp", {second})).at("Event").at("uuid").get<std::string>();
    CHECK(lines.size() == 6); // two links, a domain, both parts of the pair, the end of the last line
    CHECK(lines.count(md5_hex("203.0.113.9") + "," + uuid) == 1);
    CHECK(lines.count(md5_hex("8443") + "," + uuid) == 1);
    CHECK(lines.count(md5_hex("https://heron.example/b") + "," + uuid) == 1);
}

TEST_CASE("export misp: an event of a feed is the same as one alone") {
    const auto article = heron_article(one_of_each());
    const auto alone = render("misp", {article});
    CHECK(write_feed({article}).at(json::parse(alone).at("Event").at("uuid").get<std::string>() + ".json") ==
          alone);
}

TEST_CASE("export misp: an empty feed has a manifest, too") {
    const auto files = write_feed({});
    CHECK(json::parse(files.at("manifest.json")) == json::object());
    CHECK(files.at("hashes.csv").empty());
}

TEST_CASE("export misp: two articles of one address are two events") {
    auto second = heron_article();
    second.id = 8;
    CHECK(write_feed({heron_article(), second}).size() == 4);
}

TEST_CASE("export misp: nasty texts come back equal, twice the same bytes") {
    for (const auto& text : nasty_texts()) {
        auto article = heron_article({finding("mutex", "x" + text.substr(0, 1000))});
        article.title = text + "x", article.source_name = text;
        article.findings[0].sentence = text;
        const auto out = render("misp", {article, heron_article(one_of_each())});
        CHECK(out == render("misp", {article, heron_article(one_of_each())}));
        const auto event = read_event(render("misp", {article}));
        CHECK(event.at("info") == text + "x");
        CHECK(event.at("Orgc").at("name") == text);
        CHECK(event.at("Attribute")[1].at("value") == "x" + text.substr(0, 1000));
        CHECK(event.at("Attribute")[1].at("comment") == text);
    }
}

TEST_CASE("export misp: broken texts give a well-formed event") {
    for (const auto& text : broken_texts()) {
        auto article = heron_article({finding("mutex", text), finding("domain", " ")});
        article.title = article.url = article.source = article.source_name = text;
        const auto out = render("misp", {article});
        CHECK(is_valid_utf8(out));
        read_event(out);
        CHECK(write_feed({article}).size() == 3);
    }
}
