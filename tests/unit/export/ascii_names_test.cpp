#include "articles_for_tests.hpp"
#include "core/export/ascii_names.hpp"
#include "core/export/harmless.hpp"

using namespace cti;
using namespace cti::exporter;

namespace {
constexpr std::string_view k_name = "b\xC3\xBC\x63her.example", k_ascii = "xn--bcher-kva.example";
std::string with(std::string_view before, std::string_view after) {
    return std::string(before) + std::string(k_name) + std::string(after);
}
bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::vector<std::string> machine_formats() {
    std::vector<std::string> names;
    for (const auto& format : formats())
        if (!format.is_for_people) names.emplace_back(format.name);
    return names;
}

// So that the values of indicators are what the document shows.
Options options_for(std::string_view format) {
    Options options;
    options.patterns = format == "stix";
    if (format == "json" || format == "ndjson" || format == "csv") {
        options.of = Subject::indicators;
        options.fields = {"type", "value"};
    }
    return options;
}
}

TEST_CASE("export names: the host of an address becomes Punycode, all else beyond ASCII is percent-encoded") {
    CHECK(ascii_url(with("http://", "/\xC3\xA4?q=\xC3\xA4#\xC3\xA4")) ==
          "http://xn--bcher-kva.example/%C3%A4?q=%C3%A4#%C3%A4");
    CHECK(ascii_url(with("http://\xC3\xA4@", "/%C3%A4{ }|\xE2\x82\xAC")) ==
          "http://%C3%A4@xn--bcher-kva.example/%C3%A4{ }|%E2%82%AC");
    CHECK(ascii_url(with("http://u:p@", ":8080")) == "http://u:p@xn--bcher-kva.example:8080");
    CHECK(ascii_url(with("", "/a?u=http://x")) == "xn--bcher-kva.example/a?u=http://x");
    CHECK(ascii_url("http://evil.example/\xC3\xA4") == "http://evil.example/%C3%A4");
    CHECK(ascii_url("evil.example/\xC3\xA4") == "evil.example/%C3%A4");
    CHECK(ascii_url("http://\xC3\xA4/") == "http://%C3%A4/");
    CHECK(ascii_url("HTTP://Evil.example/") == "HTTP://Evil.example/");
    CHECK(ascii_url("").empty());
    std::string endless = ".";
    for (int i = 0; i < 100'000; ++i) endless += "\xC3\xBC";
    for (const auto& host :
         {endless, std::string("\xC3\xBC"), std::string("(\xC3\xBC.example"), std::string("\xFC.example")})
        CHECK(ascii_host(host) == host);
}

TEST_CASE("export names: an international name is in ASCII in every format for machines") {
    for (const auto& format : machine_formats()) {
        CAPTURE(format);
        const auto options = options_for(format);
        for (const auto& [type, value] : std::vector<std::pair<std::string, std::string>>{
                 {"url", with("http://", "/a")}, {"domain", with("", "")}, {"email", with("me@", "")}}) {
            auto found = finding(type, value);
            found.original = std::string(k_ascii), found.sentence.clear();
            const auto text = render(format, {article_with({found})}, options);
            CHECK_FALSE(holds(text, k_name));
            CHECK_FALSE(holds(text, "C3 BC"));
            CHECK_FALSE(holds(text, "%C3%BC"));
            if (format != "suricata" || type != "email") CHECK(holds(text, k_ascii));
        }
    }
}

TEST_CASE("export names: a path is in ASCII in every format for machines, as requests have it") {
    for (const auto& format : machine_formats()) {
        CAPTURE(format);
        const auto options = options_for(format);
        auto found = finding("url", "http://evil.example/\xC3\xA4?q=\xC3\xB6");
        found.original = "http://evil.example/", found.sentence.clear();
        const auto text = render(format, {article_with({found})}, options);
        CHECK_FALSE(holds(text, "\xC3"));
        CHECK_FALSE(holds(text, "C3 A4"));
        CHECK(holds(text, format == "suricata" ? "/|25|C3|25|A4|3F|q|3D 25|C3|25|B6" : "/%C3%A4?q=%C3%B6"));
        if (format == "suricata") CHECK(holds(text, "bsize:16;"));
    }
}

TEST_CASE("export names: a folder of a format for machines has them, too") {
    const auto article = article_with({finding("url", with("http://", "/a"))});
    for (const char* format : {"misp", "stix"})
        CHECK_MESSAGE(holds(make_folder_writer(*find_format(format))->article(article).content,
                            "http://xn--bcher-kva.example/a"),
                      format);
}

TEST_CASE("export names: people read them as they are written") {
    auto article = article_with({finding("url", with("http://", "/a"))});
    CHECK_FALSE(holds(render("markdown", {article}), k_ascii));
}

TEST_CASE("export names: the address of an article is asked for by its name in ASCII") {
    auto article = article_with({finding("ipv4", "8.8.4.4")});
    article.url = with("http://", "/a");
    for (const char* format : {"stix", "misp", "suricata", "zeek", "ecs"}) {
        const auto text = render(format, {article});
        CHECK_MESSAGE(holds(text, "xn--bcher-kva.example/a"), format);
        CHECK_MESSAGE(!holds(text, k_name), format);
        CHECK_MESSAGE(!holds(text, "b%C3%BCcher"), format);
    }
}

TEST_CASE("export names: an address without a scheme reaches all formats") {
    CHECK(complete_url("evil.example/a?u=http://x") == "http://evil.example/a?u=http://x");
    CHECK(complete_url("evil.example:8080") == "http://evil.example:8080");
    for (const char* whole : {"https://evil.example/", "ftp://a.example", "HXXP:x", "no scheme", "://x",
                              "mailto:a@b.example", "evil.example:", ""})
        CHECK(complete_url(whole) == whole);
    const auto article = article_with({finding("url", "evil.example:8080/a.php")});
    CHECK(holds(render("stix", {article}), R"("value":"http://evil.example:8080/a.php")"));
    CHECK(holds(render("suricata", {article}), R"(http.host; content:"evil.example"; bsize:12;)"));
    CHECK(holds(render("zeek", {article}), "evil.example:8080/a.php\tIntel::URL"));
    CHECK(holds(render("misp", {article}), "evil.example:8080/a.php"));
    CHECK(holds(render("ecs", {article}), "evil.example:8080/a.php"));
    CHECK(render("list", {article}) == "evil.example:8080/a.php\n");
}
