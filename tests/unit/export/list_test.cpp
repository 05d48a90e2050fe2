#include "articles_for_tests.hpp"

#include <algorithm>

using namespace cti;
using namespace cti::exporter;

TEST_CASE("export list: values are sorted by bytes, each once, and nothing else") {
    const auto first = article_with({finding("domain", "b.example"), finding("domain", "a.example")});
    const auto second = article_with({finding("domain", "a.example"), finding("domain", "B.example")}, 8);
    CHECK(render("list", {first, second}) == "B.example\na.example\nb.example\n");
    CHECK(render("list", {second, first}) == "B.example\na.example\nb.example\n");
    CHECK(render("list", {}).empty());
    CHECK(render("list", {article_with({})}).empty());
}

TEST_CASE("export list: values are made unclickable on demand, hashes are not touched") {
    const auto article =
        article_with({finding("url", "https://a.example/x.php?m=me@b.example"), finding("ipv4", "8.8.4.4"),
                      finding("email", "me@b.example"), finding("md5", "d41d8cd98f00b204e9800998ecf8427e"),
                      finding("cve", "CVE-2026-1234"), finding("attack_technique", "T1059.001")});
    CHECK(render("list", {article}, {.defang = true}) ==
          "8[.]8[.]4[.]4\nCVE-2026-1234\nT1059.001\nd41d8cd98f00b204e9800998ecf8427e\n"
          "hxxps://a[.]example/x[.]php?m=me[@]b[.]example\nme[@]b[.]example\n");
}

TEST_CASE("export: hosts that everybody uses reach no list, no rule and no sensor") {
    auto shared = finding("domain", "t.co"), code = finding("domain", "process.name");
    shared.verdict = IndicatorVerdict::shared_host, code.verdict = IndicatorVerdict::code_like;
    const auto article = article_with({shared, code, finding("domain", "b.example")});
    for (const char* format : {"list", "suricata", "zeek"}) {
        CHECK_MESSAGE(render(format, {article}).find("b.example") != std::string::npos, format);
        CHECK_MESSAGE(render(format, {article}).find("t.co") == std::string::npos, format);
        CHECK_MESSAGE(render(format, {article}).find("process.name") == std::string::npos, format);
    }
    CHECK(render("stix", {article}, {.patterns = true}).find("domain-name:value = 't.co'") ==
          std::string::npos);
    const auto event = render("misp", {article});
    CHECK(event.find(R"("value":"t.co","to_ids":false)") != std::string::npos);
    CHECK(event.find(R"("value":"b.example","to_ids":true)") != std::string::npos);
}

TEST_CASE("export list: a value of several lines cannot bring in an address") {
    CHECK(render("list", {article_with({finding("mutex", "x\n0.0.0.0/0"), finding("mutex", "y\r"),
                                        finding("mutex", std::string("z\0", 2)), finding("mutex", ""),
                                        finding("mutex", "kept \xF0\x9F\xA6\x8A")})}) ==
          "kept \xF0\x9F\xA6\x8A\n");
}

TEST_CASE("export list: many repetitions are one line each") {
    const auto writer = make_writer(*find_format("list"));
    std::string out;
    for (int i = 0; i < 200'000; ++i)
        writer->article(out, article_with({finding("domain", std::to_string(i % 100) + ".example")}));
    CHECK(out.empty());
    writer->end(out);
    CHECK(std::ranges::count(out, '\n') == 100);
    CHECK(out.starts_with("0.example\n1.example\n10.example\n"));
}
