#include "core/feed/opml.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace cti::feed;

TEST_CASE("parse_opml: nested outlines give their names as categories, feeds only") {
    const auto opml =
        parse_opml(R"(<?xml version="1.0"?><opml version="2.0"><head><title> My list </title></head><body>
      <outline text="Security"><outline text="Vendors &amp; labs">
        <outline type="rss" text="A &amp; B" xmlUrl="https://a.example/f?x=1&amp;y=2" htmlUrl="https://a.example/" category="/news/apt,intel"/>
      </outline></outline>
      <outline text="note only"/>
      <outline title="B" xmlurl="https://b.example/f" unknown="x"/>
      <outline text="again" xmlUrl="https://b.example/f"/></body></opml>)");
    CHECK(opml.error == "");
    CHECK(opml.title == "My list");
    REQUIRE(opml.outlines.size() == 2);
    CHECK(opml.outlines[0].title == "A & B");
    CHECK(opml.outlines[0].feed_url == "https://a.example/f?x=1&y=2");
    CHECK(opml.outlines[0].site_url == "https://a.example/");
    CHECK(opml.outlines[0].categories ==
          std::vector<std::string>{"Security", "Vendors & labs", "apt", "intel"});
    CHECK(opml.outlines[1].title == "B");
    CHECK(opml.outlines[1].categories.empty());
}

TEST_CASE("parse_opml: of a document that is cut off, what came before is kept and a warning says so") {
    const auto opml =
        parse_opml(R"(<opml><body><outline text="a" xmlUrl="https://a.example/f"/><outline text="b)");
    REQUIRE(opml.outlines.size() == 1);
    CHECK(opml.warnings.size() == 1);
}

TEST_CASE("parse_opml: what is no OPML is an error, however deep or long it is") {
    CHECK(parse_opml("<html><p>no</p></html>").error == "it is not OPML: there is no <body>");
    CHECK(parse_opml("<html><body><p>no</p></body></html>").error ==
          "it is not OPML: no outline of it has an xmlUrl");
    CHECK(parse_opml("").error != "");
    CHECK(parse_opml(std::string(11 * 1024 * 1024, ' ')).error == "it is larger than 10 MiB");
    std::string deep = "<opml><body>";
    for (int i = 0; i < 5000; ++i) deep += "<outline text='x'>";
    deep += "<outline xmlUrl='https://deep.example/'/>";
    const auto opml = parse_opml(deep);
    REQUIRE(opml.outlines.size() == 1);
    CHECK(opml.outlines[0].categories == std::vector<std::string>{"x"});
    CHECK(opml.warnings.size() == 1);
}

TEST_CASE("parse_opml: outlines that are never closed are read, and are no categories of each other") {
    const auto opml = parse_opml(
        R"(<opml version="1.0"><body><outline text="News"><outline text="a" xmlUrl="https://a.example/f">
      <outline text="b" xmlUrl="https://b.example/f"></body></opml>)");
    REQUIRE(opml.outlines.size() == 2);
    CHECK(opml.outlines[1].title == "b");
    CHECK(opml.outlines[1].categories == std::vector<std::string>{"News"});
    CHECK(opml.warnings.size() == 1);
}

TEST_CASE("parse_opml: bare ampersands, HTML's entities and other encodings are read") {
    const auto opml = parse_opml(
        "\n<?xml version=\"1.0\" encoding=\"windows-1252\"?><OPML><BODY>"
        "<OUTLINE TEXT=\"Caf\xe9 &eacute; &amp;amp; R&D\" XMLURL=\"https://a.example/f?a=1&b=2\"/></BODY></OPML>");
    REQUIRE(opml.outlines.size() == 1);
    CHECK(opml.outlines[0].title == "Café é &amp; R&D");
    CHECK(opml.outlines[0].feed_url == "https://a.example/f?a=1&b=2");
}

TEST_CASE("write_opml: what is written is read back") {
    const std::vector<Outline> outlines{
        {"A <b> \"q\" & 'x'", "https://a.example/?a=1&b=2", "https://a.example/", {}},
        {"G", "https://g.example/f", "", {"Alpha", "Beta, gamma", "Delta"}},
        {"Жук", "https://b.example/f", "", {"Group & co"}}};
    const auto opml = parse_opml(write_opml("T & T", outlines));
    CHECK(opml.warnings.empty());
    CHECK(opml.title == "T & T");
    REQUIRE(opml.outlines.size() == 3);
    CHECK(opml.outlines[1].categories ==
          std::vector<std::string>{"Alpha", "Delta"}); // A comma cannot be said.
    for (const std::size_t i : {0, 2}) {
        CHECK(opml.outlines[i].title == outlines[i].title);
        CHECK(opml.outlines[i].feed_url == outlines[i].feed_url);
        CHECK(opml.outlines[i].site_url == outlines[i].site_url);
        CHECK(opml.outlines[i].categories == outlines[i].categories);
    }
}
