#include "core/page/page.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <string>

namespace {
using cti::page::extract;
using cti::page::Page;
using cti::page::PageOptions;

std::string read_page(const std::string& name) {
    std::ifstream in(std::string(CTI_TEST_DATA) + "/pages/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

PageOptions at(std::string url) {
    PageOptions options;
    options.url = std::move(url);
    return options;
}

bool has(const Page& page, std::string_view text) { return page.text.find(text) != std::string::npos; }

std::string repeat(std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

const char* const k_paragraph =
    "<p>This paragraph is long enough to be taken for a part of an article, and it says nothing, at some length.</p>";

// What a reader of the report must find again.
const char* const k_report_keeps[] = {
    "hxxps://cdn[.]lantern-update[.]example/check",
    "powershell.exe -nop -w hidden -c \"IEX",
    "hxxp://198.51.100[.]23/a.ps1",
    "\n    reg add HKCU\\Software\\Lantern",
    "lf.dll\" && exit",
    "LanternUpdate",
    "rundll32.exe lf.dll,Start",
    "at each logon",
    "and every 17 minutes",
    "Global\\LF-7731",
    "We were asked to pay",
    "SHA-256\t9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\tlf.dll",
    "098f6bcd4621d373cade4e832627b4f6",
    "203[.]0[.]113[.]77",
    "lantern-update[.]example\tfirst stage",
    "198.51.100.23",
    "192.0.2.200",
    "mail[.]fox-invoice[.]example",
    "billing[@]fox-invoice[.]example\noffice[@]fox-invoice[.]example",
    "CVE-2026-10001",
    "a cookie, an ad identifier and a header",
    "How the loader starts",
    "Indicators of compromise",
    "Addresses of senders"};
const char* const k_report_leaves[] = {"Share on",   "Related posts", "older foxes",  "Great write-up",
                                       "Newsletter", "in your inbox", "uses cookies", "All rights reserved",
                                       "Blog",       "reads binaries"};
}

TEST_CASE("page::extract: a threat report keeps every indicator, command and list") {
    const auto page =
        extract(read_page("threat_report.html"), at("https://labs.example/blog/2026/11/lantern-fox/"));
    for (const std::string text : k_report_keeps) {
        CAPTURE(text);
        CHECK(has(page, text));
    }
    for (const std::string text : k_report_leaves) {
        CAPTURE(text);
        CHECK_FALSE(has(page, text));
    }
}

TEST_CASE("page::extract: indicators are kept where no element has a telling name") {
    auto html = read_page("threat_report.html");
    for (const std::string name : {"class=\"post-content\"", "class=\"post\"", "class=\"ioc-table\""}) {
        for (auto pos = html.find(name); pos != std::string::npos; pos = html.find(name))
            html.erase(pos, name.size());
    }
    for (const auto& [from, to] :
         {std::pair<std::string, std::string>{"<article", "<div"}, {"</article", "</div"}}) {
        for (auto pos = html.find(from); pos != std::string::npos; pos = html.find(from))
            html.replace(pos, from.size(), to);
    }
    const auto page = extract(html, at("https://labs.example/blog/2026/11/lantern-fox/"));
    for (const std::string text : k_report_keeps) {
        CAPTURE(text);
        CHECK(has(page, text));
    }
}

TEST_CASE("page::extract: the metadata of a report say where they stand") {
    const auto page = extract(read_page("threat_report.html"),
                              at("https://labs.example/blog/2026/11/lantern-fox/?utm_source=x"));
    CHECK(page.title.value == "Lantern Fox moves to new loaders");
    CHECK(page.title.source == "h1");
    CHECK(page.authors == std::vector<std::string>{"Ada Meyer", "Ben O'Hara"});
    CHECK(page.authors_source == "json-ld");
    REQUIRE(page.published);
    CHECK(page.published->written == "2026-11-17T23:30:00-05:00");
    CHECK(cti::format_rfc3339(page.published->time) == "2026-11-18T04:30:00Z");
    CHECK(page.published->source == "json-ld");
    REQUIRE(page.modified);
    CHECK(page.modified->written == "2026-11-18T10:00:00-05:00");
    CHECK(page.canonical_url.value == "https://labs.example/blog/2026/11/lantern-fox/");
    CHECK(page.language.value == "en");
    CHECK(page.site_name.value == "Example Labs");
    CHECK_FALSE(page.is_home_page);
    CHECK(page.word_count > 150);
}

TEST_CASE("page::extract: a long list of linked indicators is no list of teasers") {
    std::string html =
        std::string("<article><h1>Domains of a group</h1>") + k_paragraph + k_paragraph + "<ul>";
    for (int i = 0; i < 200; ++i)
        html += "<li><a href=\"/scan/" + std::to_string(i) + "\">host" + std::to_string(i) +
                "[.]example[.]net</a></li>";
    html += "</ul></article>";
    const auto page = extract(html, {});
    CHECK(has(page, "host0[.]example[.]net\n"));
    CHECK(has(page, "host199[.]example[.]net"));
}

TEST_CASE("page::extract: a table of hashes stays, whatever its name") {
    for (const std::string name : {"widget", "promo", "meta", "byline", "ad", "tooltip"}) {
        CAPTURE(name);
        const auto page = extract(
            "<article><h1>Hashes</h1>" + repeat(k_paragraph, 4) + "<div class=\"" + name +
                "\"><table><tr><td>098f6bcd4621d373cade4e832627b4f6</td></tr><tr><td>203[.]0[.]113[.]77</td></tr></table></div></article>",
            {});
        CHECK(has(page, "098f6bcd4621d373cade4e832627b4f6"));
        CHECK(has(page, "203[.]0[.]113[.]77"));
    }
}

TEST_CASE("page::extract: names that only contain a word of advertising are no ground to drop text") {
    const auto page = extract(std::string("<div class=\"download header-large padding loading\">") +
                                  k_paragraph + k_paragraph + "</div>",
                              {});
    CHECK(has(page, "says nothing, at some length"));
}

TEST_CASE("page::extract: text that a click unfolds is part of the article") {
    const auto page = extract(
        std::string("<article><h1>Folded</h1>") + k_paragraph + k_paragraph + k_paragraph +
            "<div style=\"display: none\">" +
            "<p>This second half of the article is hidden until the reader asks for it, and it is long enough to be worth the asking, we hope. "
            "It goes on a little longer than the first, so that it counts.</p></div></article>",
        {});
    CHECK(has(page, "second half of the article"));
}

TEST_CASE("page::extract: what a site asks of its readers is no text, in whatever language") {
    const std::string prompts[] = {"Subscribe to our newsletter and never miss a story",
                                   "Log in to read the rest of this story",
                                   "Comments are closed.",
                                   "Rate this article",
                                   "- Anzeige -",
                                   "Artikel gefallen? Vergiss nicht zu teilen!",
                                   "Noch keine Bewertungen",
                                   "Bitte teilen Sie uns Ihre Erfahrungen mit",
                                   "Das Thema könnte dich auch interessieren:",
                                   "Abonnez-vous à la lettre",
                                   "À lire aussi : les autres renards",
                                   "¡Suscríbete a nuestro canal!",
                                   "Mire: los otros zorros",
                                   "Leggi anche: le altre volpi",
                                   "Seguici su Telegram",
                                   "Leia também: outras raposas",
                                   "Zapraszamy też do subskrypcji",
                                   "Czytaj także: inne lisy",
                                   "opublikowano: 12.03.2024",
                                   "Lees ook: andere vossen",
                                   "Читайте также: другие лисы",
                                   "Updated: March 12, 2026",
                                   "(Photo: Ada Meyer)",
                                   "Fotos: Ada Meyer",
                                   "We use cookies to make this site better",
                                   "As an Amazon Associate we earn"};
    for (const auto& prompt : prompts) {
        CAPTURE(prompt);
        const auto page = extract("<article><h1>Foxes</h1>" + repeat(k_paragraph, 3) + "<p>" + prompt +
                                      "</p>" + repeat(k_paragraph, 3) + "</article>",
                                  {});
        CHECK_FALSE(has(page, prompt));
        CHECK(has(page, "says nothing, at some length"));
    }
}

TEST_CASE("page::extract: sentences and heads of columns that begin like a prompt stay") {
    for (const std::string line :
         {"Log in to your console and click on the tab of the logs", "Advertising analytics for small shops",
          "Category", "Share the key with nobody", "Updated loaders of the group wait longer",
          "Read more: 203[.]0[.]113[.]9"}) {
        CAPTURE(line);
        CHECK(has(extract("<article><h1>Foxes</h1>" + repeat(k_paragraph, 3) + "<p>" + line + "</p>" +
                              repeat(k_paragraph, 3) + "</article>",
                          {}),
                  line));
    }
}

TEST_CASE("page::extract: soft hyphens and zero-width spaces do not cut words") {
    const auto page = extract(
        std::string("<article><p>lan\xC2\xADtern-up\xE2\x80\x8B"
                    "date[.]example is a host, and this paragraph is long enough to be text.</p></article>"),
        {});
    CHECK(has(page, "lantern-update[.]example"));
}

TEST_CASE("page::extract: a body in JSON-LD stands in for a page that a script fills") {
    const auto body = repeat("All of the text of this article stands in the data for machines only. ", 20);
    const auto page = extract(
        "<script type=\"application/ld+json\">{\"@type\":\"NewsArticle\",\"headline\":\"Empty shell\",\"articleBody\":\"" +
            body + "\"}</script><div id=root></div>",
        {});
    CHECK(page.method == "json-ld");
    CHECK(page.text.size() > 1000);
    CHECK(page.title.value == "Empty shell");
}

TEST_CASE("page::extract: bytes that are UTF-8 are read so, whatever the page says") {
    const auto page = extract("<meta charset=iso-8859-1><title>Gr\xC3\xBC\xC3\x9F"
                              "e aus K\xC3\xB6ln</title>",
                              {});
    CHECK(page.title.value == "Grüße aus Köln");
    const auto latin = extract("<html><body>" + repeat("<!-- filler -->", 200) +
                                   "<h1>Gr\xFC\xDF"
                                   "e</h1><meta charset=windows-1252></body>",
                               {});
    CHECK(latin.title.value == "Grüße");
}

TEST_CASE("page::extract: the sources' own selectors come first, and a broken one is told") {
    const std::string html =
        std::string(
            "<h1>Not this</h1><h2 class=t>This title</h2><div class=who>By Cleo Ray</div><span class=when data-day=\"2026-02-03\">yesterday</span>"
            "<div class=a>") +
        k_paragraph +
        "</div><div class=b><p>Only this is wanted, as short as it is, because the source says so. It has a second sentence to be no fragment.</p></div>";
    PageOptions options;
    options.selectors = {{"h9..x", ".t"}, {".nothing", "div.b"}, {".who"}, {".when::attr(data-day)"}};
    const auto page = extract(html, options);
    CHECK(page.title.value == "This title");
    CHECK(page.title.source == "selector");
    CHECK(page.authors == std::vector<std::string>{"Cleo Ray"});
    REQUIRE(page.published);
    CHECK(page.published->written == "2026-02-03");
    CHECK(page.text.starts_with("Only this is wanted"));
    CHECK_FALSE(has(page, "some length"));
    REQUIRE(page.warnings.size() == 1);
    CHECK(page.warnings[0].find("selector 'h9..x' is left out") == 0);
}

TEST_CASE("page::extract: the home page is told by its address") {
    CHECK(extract("<p>x</p>", at("https://labs.example/")).is_home_page);
    CHECK(extract("<link rel=canonical href=\"https://labs.example\"><p>x</p>",
                  at("https://labs.example/?page=2"))
              .is_home_page);
    CHECK_FALSE(extract("<p>x</p>", at("https://labs.example/?p=17")).is_home_page);
}

TEST_CASE("page::extract: a canonical address on another host is not believed without a reason") {
    CHECK(extract("<link rel=canonical href=\"https://other.example/x\">", at("https://labs.example/a"))
              .canonical_url.value.empty());
    CHECK(extract("<link rel=canonical href=\"https://other.example/a\">", at("https://labs.example/a"))
              .canonical_url.value == "https://other.example/a");
    CHECK(extract("<link rel=canonical href=\"/b\">", at("https://labs.example/a")).canonical_url.value ==
          "https://labs.example/b");
}

TEST_CASE("page::extract: tags that an author may leave out, or writes as XML, change nothing") {
    const std::string title = "<title>Quiet heron</title>", text = repeat(k_paragraph, 4);
    const std::string article = "<article><h1>Quiet heron</h1>" + text + "</article>";
    const std::string xml = "<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><head>";
    for (const auto& html :
         {"<html>" + title + article + "</html>", title + article,
          "<!DOCTYPE html>" + title + "<meta charset=utf-8><link rel=x href=y>" + article,
          "<html><head>" + title + article, "<html>" + article + title + "</html>",
          "<body>" + article + title + "</body>",
          "<HTML><TITLE>Quiet heron</TITLE><ARTICLE>" + text + "</ARTICLE></HTML>",
          "<html>" + title + "<main>" + text + "</main>",
          "<html>" + title + "<section>" + text + "</section>",
          "<html>" + title + "<x-page><x-text>" + text + "</x-text></x-page>",
          "<html>" + title + "<figure><img src=a></figure>" + article, "<html>" + title + text,
          "<html>" + title + "<noframes>" + article + "</noframes></html>",
          "<html><head>" + title + "</head><body></body></html>" + article,
          xml + title + "<script src=\"a.js\"/></head><body><div/>" + article + "</body></html>",
          xml + "<title/><style/></head><body><section>" + text + "</section></body></html>"}) {
        const auto page = extract(html, {});
        CAPTURE(html.substr(0, 90));
        CHECK(page.word_count >= 80);
        CHECK(has(page, "it says nothing, at some length."));
        if (html.find("Quiet heron") != html.npos) CHECK(page.title.value == "Quiet heron");
    }
    const std::string line(400, 'x');
    CHECK(has(extract("<html>" + title + line, {}), line));
    CHECK(has(extract("<body>" + line + "<br><br>" + line, {}), line));
}

TEST_CASE("page::extract: hostile pages end soon and say what was left out") {
    const auto deep = extract("<html><body>" + repeat("<div>", 100'000) + "the text within", {});
    CHECK(has(deep, "the text within"));
    CHECK_FALSE(deep.warnings.empty());
    CHECK(has(extract(repeat("<p><b id=1>", 5'000) + "behind", {}), "behind"));
    CHECK(has(extract("<p " + repeat("a=1 ", 20'000) + ">behind</p>", {}), "behind"));
    CHECK(has(extract(std::string("<p>a\0b</p>", 10), {}), "ab"));
    CHECK_FALSE(extract("<p>" + repeat("word ", 2'000'000), {}).warnings.empty());
    CHECK(has(extract("<script>document.write('<p>evil</p><scr'+'ipt>')</script><p>good</p>", {}), "good"));
    CHECK_FALSE(has(extract("<script>document.write('<p>evil</p>')</script><p>good</p>", {}), "evil"));
    CHECK(extract("", {}).text.empty());
}
