#include "core/base/hash.hpp"
#include "core/base/html.hpp"
#include "core/export/digest.hpp"
#include "core/export/writers.hpp"

#include <algorithm>
#include <fmt/format.h>

// The digest as one HTML page that needs nothing else: no script, no picture, font or style from anywhere.
namespace cti::exporter {
namespace {
constexpr std::string_view k_css = R"css(
:root { color-scheme: light dark; --ink: #1c2128; --soft: #57606a; --line: #d5dbe1; --paper: #fff; --tint: #f3f5f8; --bar: #2f6fb3; --link: #0b57a8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e8ee; --soft: #9aa6b2; --line: #343c46; --paper: #14181d; --tint: #1d232a; --bar: #5b9ee0; --link: #7db7f0; }
}
body { margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 3rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 2.2rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); font-size: 1.2rem; }
h3 { margin: 1.4rem 0 .4rem; font-size: 1rem; }
p { margin: .3rem 0; }
a { color: var(--link); }
.soft, .count { color: var(--soft); font-size: .875rem; }
.count { font-weight: normal; }
.tlp { display: inline-block; margin: .6rem 0 0; padding: .05rem .5rem; border: 1px solid currentColor; border-radius: .25rem; font-weight: 600; font-size: .875rem; }
.numbers { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.2rem 0 0; padding: 0; list-style: none; }
.numbers li { flex: 1 1 8rem; padding: .6rem .8rem; border-radius: .4rem; background: var(--tint); color: var(--soft); font-size: .875rem; }
.numbers b { display: block; color: var(--ink); font-size: 1.5rem; line-height: 1.2; }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; }
rect { fill: var(--bar); }
line { stroke: var(--line); }
.axis { display: flex; justify-content: space-between; margin: 0; }
ol { margin: 0; padding-left: 1.8rem; }
ol li { margin: 0 0 1rem; }
.title { font-weight: 600; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
th, td { padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; font-size: .8125rem; }
td.number, th.number { padding-right: 0; padding-left: .6rem; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
code { font: .875em/1.4 ui-monospace, monospace; }
)css";

// The base64 of the digest, as a Content Security Policy names a style.
std::string base64_of_sha256(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    auto hex = sha256_hex(text) + "00"; // 32 bytes and one of padding: 11 groups of three
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 3) { // 12 bits are two characters.
        const auto bits = std::stoul(hex.substr(i, 3), nullptr, 16);
        out += alphabet[bits >> 6U];
        out += alphabet[bits & 63U];
    }
    out.back() = '=';
    return out;
}

// Isolated, so that text that runs from right to left does not turn what stands around it.
std::string isolate(std::string_view text) { return "<bdi>" + escape_html(text) + "</bdi>"; }
std::string source_name(const std::string& name) { return name.empty() ? "unknown source" : isolate(name); }

void append_head(std::string& out, const DigestView& view) {
    out += "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
    out += fmt::format(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; "
        "base-uri 'none'; form-action 'none'\">\n",
        base64_of_sha256(k_css));
    out +=
        "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"format-detection\" content=\"telephone=no, address=no, email=no, url=no\">\n";
    const auto period =
        view.first_day.empty() ? "" : fmt::format(", {} to {}", view.first_day, view.last_day);
    out += fmt::format("<title>Threat intelligence digest{}</title>\n<style>{}</style>\n</head>\n<body>\n",
                       period, k_css);
}

void append_number(std::string& out, std::string_view note, const std::string& count) {
    const auto blank = count.find(' ');
    out += fmt::format("<li><b>{}{}</b>{}</li>\n", note, count.substr(0, blank), count.substr(blank));
}

void append_summary(std::string& out, const DigestView& view) {
    out += "<h1>Threat intelligence digest</h1>\n";
    if (!view.first_day.empty())
        out += fmt::format("<p class=\"soft\">{} to {} (UTC)</p>\n", view.first_day, view.last_day);
    if (!view.tlp.empty()) out += fmt::format("<p class=\"tlp\">{}</p>\n", view.tlp);
    out += "<ul class=\"numbers\">\n";
    append_number(out, "", format_count(view.articles, "article", "articles"));
    append_number(out, "", format_count(view.sources, "source", "sources"));
    append_number(out, view.indicators_at_least ? "&gt; " : "",
                  format_count(view.indicators, "different indicator", "different indicators"));
    out += "</ul>\n";
}

// Bars in a picture of 720 by 122; each one's number is its title, the highest stands below as well.
void append_trend(std::string& out, const DigestView& view) {
    constexpr double width = 720, height = 120;
    const auto highest = std::ranges::max_element(view.trend, {}, &Bar::articles);
    const auto most = static_cast<double>(std::max<std::size_t>(highest->articles, 1));
    const double slot = width / static_cast<double>(view.trend.size());
    const auto when = view.bar_unit == "day" ? std::string("on") : fmt::format("in the {} of", view.bar_unit);
    const auto note = fmt::format("Most {} {}: {}", when, highest->label,
                                  format_count(highest->articles, "article", "articles"));
    out += fmt::format(
        "<h2>Articles per {}</h2>\n<figure>\n<svg viewBox=\"0 0 720 122\" role=\"img\" aria-label=\"{}\">\n",
        view.bar_unit, note);
    const double bar_width = std::min(slot * 0.8, 48.0);
    double x = (slot - bar_width) / 2;
    for (const auto& [label, count] : view.trend) {
        const double size = static_cast<double>(count) / most * height;
        out += fmt::format(
            "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{}: {}</title></rect>\n",
            x, height - size, bar_width, size, label, count);
        x += slot;
    }
    out += "<line x1=\"0\" y1=\"121.5\" x2=\"720\" y2=\"121.5\"/>\n";
    // In the page's own letters: those of a picture would shrink with it on a telephone.
    out += fmt::format("</svg>\n<p class=\"axis soft\"><span>{}</span>", view.trend.front().label);
    if (view.trend.size() > 1) out += fmt::format("<span>{}</span>", view.trend.back().label);
    out += fmt::format("</p>\n<figcaption class=\"soft\">{}</figcaption>\n</figure>\n", note);
}

std::string title_link(const TopArticle& article) {
    const auto title = article.title.empty() ? "untitled" : isolate(article.title);
    return article.link.empty()
               ? fmt::format("<span class=\"title\">{}</span>", title)
               : fmt::format("<a class=\"title\" rel=\"noopener noreferrer nofollow\" href=\"{}\">{}</a>",
                             escape_html(article.link), title);
}

void append_top(std::string& out, const DigestView& view) {
    out += "<h2>Top articles</h2>\n<ol>\n";
    for (const auto& article : view.top) {
        out += "<li>" + title_link(article);
        out += fmt::format("\n<p class=\"soft\">{}, {}", format_day(article.published_at),
                           source_name(article.source));
        if (article.score) out += ", score " + format_score(*article.score);
        out += "</p>\n";
        if (!article.summary.empty()) out += fmt::format("<p>{}</p>\n", isolate(article.summary));
        out += "</li>\n";
    }
    out += "</ol>\n";
}

void append_sources(std::string& out, const DigestView& view) {
    out +=
        "<h2>Sources</h2>\n<table>\n<tr><th>Source</th><th class=\"number\">Articles</th><th class=\"number\">Indicators</th>"
        "<th class=\"number\">Best score</th></tr>\n";
    for (const auto& source : view.by_source)
        out += fmt::format(
            "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
            source_name(source.name), source.articles, source.indicators,
            source.best_score ? format_score(*source.best_score) : "–");
    out += "</table>\n";
    if (view.other_sources > 0)
        out += fmt::format("<p class=\"soft\">And {} more.</p>\n", view.other_sources);
}

std::string name_of(const Ranked& value) {
    auto text = fmt::format("<code>{}</code>", isolate(value.name));
    if (!value.title.empty()) text += ' ' + isolate(value.title);
    if (value.link.empty()) return text;
    return fmt::format("<a rel=\"noopener noreferrer nofollow\" href=\"{}\">{}</a>", escape_html(value.link),
                       text);
}

void append_rankings(std::string& out, std::string_view tag, const std::vector<Ranking>& rankings) {
    for (const auto& ranking : rankings) {
        out +=
            fmt::format("<{0}>{1} <span class=\"count\">({2}{3})</span></{0}>\n<table>\n", tag,
                        escape_html(ranking.heading), ranking.at_least ? "more than " : "", ranking.distinct);
        for (const auto& value : ranking.top)
            out += fmt::format("<tr><td>{}</td><td class=\"number\">{}</td></tr>\n", name_of(value),
                               format_count(value.articles, "article", "articles"));
        out += "</table>\n";
        if (ranking.others() > 0)
            out += fmt::format("<p class=\"soft\">And {} more.</p>\n", ranking.others());
    }
}

// Set apart from what cti found itself, and from what the reports say.
void append_read(std::string& out, const DigestView& view) {
    if (view.read.empty()) return;
    out += fmt::format("<h2>Read by a language model</h2>\n<p class=\"soft\">{}</p>\n", k_read_warning);
    for (const auto& read : view.read) {
        out += fmt::format("<h3>{}</h3>\n<p class=\"soft\">Read by <code>{}</code></p>\n<ul>\n",
                           title_link(read.article), isolate(read.models));
        for (const auto& [task, finding, quotation] : read.lines) {
            out += fmt::format("<li>{}: {}", escape_html(task), isolate(finding));
            if (!quotation.empty())
                out += fmt::format("\n<p class=\"soft\">rests on: “{}”</p>", isolate(quotation));
            out += "</li>\n";
        }
        if (read.others > 0) out += fmt::format("<li class=\"soft\">and {} more</li>\n", read.others);
        out += "</ul>\n";
    }
    if (view.other_read > 0)
        out += fmt::format("<p class=\"soft\">And in {}.</p>\n",
                           format_count(view.other_read, "other article", "other articles"));
}

class HtmlWriter : public Writer {
public:
    explicit HtmlWriter(const Options& options) : m_digest(options) {}
    void article(std::string&, const StoredArticle& article) override { m_digest.add(article); }

    void end(std::string& out) override {
        const auto view = m_digest.view();
        append_head(out, view);
        append_summary(out, view);
        if (view.articles > 0) append_sections(out, view);
        out += "</body>\n</html>\n";
    }

private:
    static void append_sections(std::string& out, const DigestView& view) {
        append_trend(out, view);
        append_top(out, view);
        append_sources(out, view);
        for (const auto* rankings : {&view.techniques, &view.vulnerabilities, &view.names})
            append_rankings(out, "h2", *rankings);
        if (!view.observables.empty())
            out += "<h2>Indicators</h2>\n<p class=\"soft\">Defanged: nothing here is a link.</p>\n";
        append_rankings(out, "h3", view.observables);
        append_read(out, view);
    }

    Digest m_digest;
};
}

std::unique_ptr<Writer> make_html(const Options& options) { return std::make_unique<HtmlWriter>(options); }
}
