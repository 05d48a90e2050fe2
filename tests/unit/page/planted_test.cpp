#include "core/page/indicator_marks.hpp"
#include "core/page/page.hpp"

#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

// A table of indicators is planted into pages, wherever templates put one, and must come out of each place.
namespace {
using namespace cti::page;

const char* const k_table =
    "<table><tr><th>Type</th><th>Value</th></tr><tr><td>C2</td><td>192.0.2.177</td></tr>"
    "<tr><td>Domain</td><td>panel.planted-cdn.example</td></tr>"
    "<tr><td>MD5</td><td>3f9a1c0d5e7b8a6f4c2d1e0f9a8b7c6d</td></tr></table>";
const char* const k_values[] = {"192.0.2.177", "panel.planted-cdn.example",
                                "3f9a1c0d5e7b8a6f4c2d1e0f9a8b7c6d"};

// '%' is where the table goes.
const char* const k_wrappers[] = {
    "%",
    "<section><h2>Indicators of compromise</h2>%</section>",
    "<div>%</div>",
    "<aside>%</aside>",
    "<aside class=sidebar><h3>Indicators</h3>%</aside>",
    "<div hidden>%</div>",
    "<div style='display: none'>%</div>",
    "<div style='visibility:hidden'>%</div>",
    "<div aria-hidden=true>%</div>",
    "<div class='accordion-body collapse'>%</div>",
    "<div class=sr-only>%</div>",
    "<div role=tablist><div role=tabpanel class=tab-pane>%</div></div>",
    "<dl><dt>Which?</dt><dd style='display:none'>%</dd></dl>",
    "<figure><figcaption>%</figcaption></figure>",
    "<div class=caption>%</div>",
    "<table><tr><td>%</td></tr></table>",
    "<table><caption>Tables</caption><tr><td><div>%</div></td></tr></table>",
    "<details><summary>Show</summary>%</details>",
    "<footer>%</footer>",
    "<nav>%</nav>",
    "<div class='related widget'>%</div>",
    "<div class=promo>%</div>",
    "<div class=newsletter><p>Subscribe to our newsletter</p>%</div>",
    "<div class=advertisement>%</div>",
    "<div class=cookie-consent>%</div>",
    "<div class=share>%</div>",
    "<div class=author-bio>%</div>",
    "<div class=post-meta>%</div>",
    "<div id=comments><ol class=commentlist><li><p>Thanks!</p>%</li></ol></div>",
    "<div class=modal role=dialog>%</div>",
    "<blockquote>%</blockquote>",
    "<ul><li>%</li></ul>",
    "<form>%</form>",
    "<label>%</label>",
    "<textarea>%</textarea>",
    "<noscript>%</noscript>",
    "<template>%</template>"};

std::string filled(std::string_view wrapper) {
    const auto at = wrapper.find('%');
    return std::string(wrapper.substr(0, at)) + k_table + std::string(wrapper.substr(at + 1));
}

std::string prose(int paragraphs) {
    std::string out;
    for (int i = 0; i < paragraphs; ++i)
        out +=
            "<p>Paragraph " + std::to_string(i) +
            " tells at some length what the loader did on the machines of its victims, and who they were.</p>";
    return out;
}

// Each has the marks <!--1--> to <!--5-->: before the article, in it, at its end, after it, at the page's
// end.
std::string marked_report() {
    std::ifstream in(std::string(CTI_TEST_DATA) + "/pages/threat_report.html", std::ios::binary);
    std::string html{std::istreambuf_iterator<char>(in), {}};
    const auto mark = [&](std::string_view before, const std::string& text) {
        const auto at = html.find(before);
        REQUIRE(at != std::string::npos);
        html.insert(at, text);
    };
    mark("<article", "<!--1-->");
    mark("<h2", "<!--2-->");
    mark("</article>", "<!--3-->");
    html.insert(html.find("</article>") + 10, "<!--4-->");
    mark("</body>", "<!--5-->");
    return html;
}
std::string marked_page(const std::string& open, const std::string& close) {
    return "<html><head><title>Loader report | Labs</title></head><body><header><nav><ul><li><a href=/>Home</a></li><li>"
           "<a href=/blog>Blog</a></li></ul></nav></header><!--1-->" +
           open + "<h1>Loader report</h1>" + prose(4) + "<!--2-->" + prose(3) + "<!--3-->" + close +
           "<!--4--><aside class=sidebar><h3>Related posts</h3><ul><li><a href=/a>Ten tips for safer passwords</a></li>"
           "<li><a href=/b>What a firewall is, and why you need one</a></li></ul></aside><footer><p>Copyright 2026 Labs. "
           "All rights reserved. Privacy policy.</p><!--5--></footer></body></html>";
}

std::multiset<std::string> lines_of(const std::string& text) {
    std::multiset<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (!line.empty()) out.insert(line);
    }
    return out;
}

void check_planted(const std::string& html, const std::multiset<std::string>& before, const std::string& mark,
                   const std::string& wrapper) {
    CAPTURE(mark);
    CAPTURE(wrapper);
    auto planted = html;
    planted.replace(planted.find(mark), mark.size(), filled(wrapper));
    const auto text = extract(planted, {}).text;
    for (const std::string value : k_values) {
        CAPTURE(value);
        CHECK(text.find(value) != std::string::npos);
    }
    auto missing = before;
    const auto wrapped = wrapper + " Type Value C2 Domain MD5";
    for (const auto& line : lines_of(text)) {
        if (const auto it = missing.find(line); it != missing.end()) {
            missing.erase(it);
            continue;
        }
        CAPTURE(line); // What came in is the table, or was written around it.
        CHECK((has_indicator(line) || line.find("planted") != std::string::npos || line == "Type\tValue" ||
               wrapped.find(line) != std::string::npos));
    }
    CAPTURE(text);
    CHECK(missing.empty());
}

void plant_everywhere(const std::string& html) {
    const auto before = lines_of(extract(html, {}).text);
    for (const char mark : {'1', '2', '3', '4', '5'}) {
        for (const std::string wrapper : k_wrappers)
            check_planted(html, before, std::string("<!--") + mark + "-->", wrapper);
    }
}
}

TEST_CASE("page::extract: indicators come out of every place of a report, and nothing else does") {
    plant_everywhere(marked_report());
}

TEST_CASE("page::extract: indicators come out of every place of an article, and nothing else does") {
    plant_everywhere(marked_page("<main><article>", "</article></main>"));
}

TEST_CASE("page::extract: indicators come out of every place of a page without telling names") {
    plant_everywhere(marked_page("<div id=x><div>", "</div></div>"));
}

TEST_CASE("page::extract: indicators come out of every place of a body that is named") {
    plant_everywhere(marked_page("<div class=page><div class=post-content>", "</div></div>"));
}

TEST_CASE("page::extract: an indicator beside the text is seen in each form that it is written in") {
    const char* const forms[] = {"MD5:3f9a1c0d5e7b8a6f4c2d1e0f9a8b7c6d",
                                 "SHA1=3f9a1c0d5e7b8a6f4c2d1e0f9a8b7c6d11223344",
                                 "C2:192.0.2.177",
                                 "C2=192.0.2.177",
                                 "IP：192.0.2.177",
                                 "«192.0.2.177»",
                                 "「192.0.2.177」",
                                 "は192.0.2.177を",
                                 "192.0.2.177–relay",
                                 "192.0.2.177|relay",
                                 "192.0.2.177（C2）",
                                 "CVE‑2024‑12345 CVE‑2024‑12346",
                                 "ann[at]planted-cdn[.]example",
                                 "/tmp/.x/planted.bin",
                                 "%APPDATA%\\x\\planted.dll",
                                 "\\\\.\\pipe\\planted",
                                 "planted\\.example",
                                 "3f9a1c0d5e7b8a6f4c2d1e0f9a8b7c6d.exe",
                                 "planted.exe:3f9a1c0d5e7b8a6f4c2d1e0f9a8b7c6d",
                                 "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
                                 "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
                                 "GHSA-jfh8-c2jp-5v3q",
                                 "00:1b:44:11:3a:b7",
                                 "planted-a.example, planted-b.example, planted-c.example"};
    const auto page = marked_page("<article>", "</article>");
    for (const std::string form : forms) {
        for (const std::string open :
             {"<aside><h3>Indicators</h3><ul><li>", "<div hidden><p>", "<section><p>"}) {
            CAPTURE(form);
            CAPTURE(open);
            auto html = page;
            html.replace(html.find("<!--4-->"), 8,
                         open + form +
                             (open[1] == 'a'   ? "</li></ul></aside>"
                              : open[1] == 'd' ? "</p></div>"
                                               : "</p></section>"));
            CHECK(extract(html, {}).text.find(form) != std::string::npos);
        }
    }
    auto html = page;
    html.replace(
        html.find("<!--4-->"), 8,
        "<section><h2>YARA</h2><pre>rule Planted_loader {\n strings: $a = \"x\"\n condition: $a\n}</pre></section>");
    CHECK(extract(html, {}).text.find("Planted_loader") != std::string::npos);
}
