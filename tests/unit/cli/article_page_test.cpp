#include "cli/term/article_page.hpp"
#include "core/base/text.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

using namespace cti;
using namespace cti::cli;

namespace {
using Type = IndicatorType;

const Time k_now = *parse_time_argument("2026-11-29T12:00:00Z", Time{});
const std::string k_folder = std::string(CTI_TEST_DATA) + "/articles/";

std::string content_of(const std::string& name) {
    std::ifstream file(k_folder + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// With CTI_WRITE_GOLDENS it is written instead.
void check_golden(const std::string& name, const std::string& text) {
    if (std::getenv("CTI_WRITE_GOLDENS") != nullptr) std::ofstream(k_folder + name, std::ios::binary) << text;
    CHECK(text == content_of(name));
}

Finding finding(const std::string& content, Type type, const std::string& value, const std::string& original,
                int count = 1, IndicatorVerdict verdict = IndicatorVerdict::none) {
    Finding found;
    found.type = type, found.value = value, found.original = original, found.count = count,
    found.verdict = verdict;
    found.start = content.find(original), found.end = found.start + original.size();
    return found;
}

ops::WholeArticle sample() {
    ops::WholeArticle whole;
    auto& article = whole.article;
    article.id = 280, article.source = "example_blog", article.source_name = "Example Blog";
    article.title =
        "Amber Heron: what a loader leaves behind \xe2\x80\xae and 漢字 in a title that is long enough to be folded";
    article.url = "https://blog.example/2026/11/amber-heron?utm_source=feed\x1b[31m";
    article.published_at = k_now - std::chrono::hours(30),
    article.discovered_at = k_now - std::chrono::hours(2);
    article.authors = {"Jane Doe", "J\xc3\xbcrgen R\xc3\xb6\xc3\x9f"}, article.tags = {"loader", "apt"};
    article.threat_hunting_score = 88.14;
    auto& text = article.content = content_of("report.txt");
    article.findings = {
        finding(text, Type::url, "https://cdn.evil-updates.example/stage2/payload.bin",
                "hxxps[:]//cdn[.]evil-updates[.]example/stage2/payload.bin"),
        finding(text, Type::domain, "cdn.evil-updates.example", "cdn[.]evil-updates[.]example", 3),
        finding(text, Type::ipv4, "198.51.100.23", "198.51.100.23", 3),
        finding(text, Type::threat_actor, "Amber Heron", "Amber Heron"),
        finding(text, Type::domain, "vendor.example", "vendor.example", 1, IndicatorVerdict::benign),
        finding(text, Type::attack_technique, "T1059.001", "T1059.001"),
        finding(text, Type::sha256, "7a2c15ed2b54b06f7c999f7286afb8ba107e286aac1734f8cb2ae6f44cebee4f",
                "7a2c15ed2b54b06f7c999f7286afb8ba107e286aac1734f8cb2ae6f44cebee4f"),
        finding(text, Type::yara_rule, "amber_heron", "amber_heron"),
        finding(text, Type::ipv4, "10.0.0.1", "none", 1, IndicatorVerdict::private_range)};
    StoredArticle near;
    near.id = 271, near.source = "another_blog", near.title = "The same, told by others";
    near.published_at = k_now - std::chrono::hours(54);
    whole.near = {near};
    auto& origin = whole.origin;
    origin.feed_url = "https://blog.example/feed", origin.entry_id = "tag:blog.example,2026:280";
    origin.entry_link = article.url, origin.method = "rss", origin.text = "page:article",
    origin.date = "published";
    origin.collector = "cti/0.1.0", origin.first_seen = k_now - std::chrono::hours(2);
    origin.derived = {{"indicators", 2}, {"words", 1}};
    return whole;
}

bool is_harmless(std::string_view text) {
    for (std::size_t pos = 0; pos < text.size();) {
        const auto c = next_code_point(text, pos);
        if (c < 0x20 && c != '\n') return false;
        if ((c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069))
            return false;
    }
    return true;
}
}

TEST_CASE("cli::article_page: headings, lists, tables and code are kept at every width") {
    for (const std::size_t width : {60U, 80U, 120U, 200U}) {
        CAPTURE(width);
        const auto page = article_page(sample(), {width, false, k_now});
        check_golden(fmt::format("report-{}.golden", width), page);
        for (const auto line : split(page, '\n')) CHECK(display_width(line) <= width);
        CHECK(is_harmless(page));
    }
}

TEST_CASE("cli::article_page: into a pipe nothing is folded, and tables keep their tabs") {
    const auto page = article_page(sample(), {0, false, k_now});
    check_golden("report-pipe.golden", page);
    CHECK(page.find("\nType\tValue\tSeen") != page.npos);
    std::string without_tabs(page);
    std::erase(without_tabs, '\t');
    CHECK(is_harmless(without_tabs));
}

TEST_CASE("cli::article_page: indicators and names have colours that end in their line") {
    const auto page = article_page(sample(), {60, true, k_now});
    CHECK(page.find("\x1b[33mhxxps[:]//cdn[.]evil-updates[.]example") != page.npos);
    CHECK(page.find("\x1b[36mAmber Heron\x1b[0m") != page.npos);
    CHECK(page.find("\x1b[33m198[.]51[.]100[.]23\x1b[0m, twice") != page.npos);
    CHECK(page.find("vendor.example") != page.npos); // something speaks against it
    for (const auto line : split(page, '\n')) {
        const auto last = line.rfind("\x1b[");
        if (last != line.npos) CHECK(line.substr(last).starts_with("\x1b[0m"));
    }
}

TEST_CASE("cli::article_page: without its escapes, what is coloured is what is plain") {
    auto colored = article_page(sample(), {80, true, k_now});
    for (const auto* code : {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[33m", "\x1b[36m"})
        for (std::size_t at = 0; (at = colored.find(code, at)) != colored.npos;)
            colored.erase(at, std::string(code).size());
    CHECK(colored == article_page(sample(), {80, false, k_now}));
}

TEST_CASE(
    "cli::article_page: five megabytes in one line, in one word and in one table take no more than their size") {
    ops::WholeArticle whole;
    for (const auto* part : {"word ", "\xe6\xbc\xa2", "cell\t", "a\tb\n", "    code\tx\n", "\xe2\x80\xae"}) {
        auto& text = whole.article.content;
        text.clear();
        while (text.size() < 500'000) text += part;
        const auto page = article_page(whole, {60, false, k_now});
        for (const auto line : split(page, '\n')) REQUIRE(display_width(line) <= 60);
        CHECK(page.size() < 10 * text.size());
    }
}

TEST_CASE("exporter::article_markdown: the text stays text") {
    const auto whole = sample();
    const auto text = exporter::article_markdown(
        {whole.article, about_article(whole.article, k_now), origin_of(whole), near_articles(whole)});
    check_golden("report-markdown.golden", text);
    CHECK(text.find("\\[marks\\]\\(http://x.example\\)") != text.npos);
}

TEST_CASE("cli::harmless_text: tabs and line ends are kept, nothing else that moves a cursor") {
    CHECK(harmless_text("a\tb\nc\x1b[2J\r\n") == "a\tb\nc\\x1b[2J \n\n");
    CHECK(is_harmless(harmless_text(content_of("report.txt") + "\x07").substr(0, 20)));
}
