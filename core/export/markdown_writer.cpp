#include "core/export/digest.hpp"
#include "core/export/markdown.hpp"
#include "core/export/writers.hpp"

#include <algorithm>
#include <fmt/format.h>

// The digest as CommonMark with GitHub's tables.
namespace cti::exporter {
namespace {

std::string title_of(const TopArticle& article) {
    const auto title = article.title.empty() ? std::string("untitled") : escape_markdown(article.title);
    return article.link.empty() ? "**" + title + "**"
                                : fmt::format("[{}]({})", title, markdown_link_target(article.link));
}

std::string markdown_source(const std::string& name) {
    return name.empty() ? "unknown source" : escape_markdown(name);
}

void append_markdown_head(std::string& out, const DigestView& view) {
    out += "# Threat intelligence digest\n\n";
    if (!view.first_day.empty()) out += fmt::format("{} to {} (UTC)\n\n", view.first_day, view.last_day);
    if (!view.tlp.empty()) out += fmt::format("**{}**\n\n", view.tlp);
    out += fmt::format("{} of {}, {}{}.\n", format_count(view.articles, "article", "articles"),
                       format_count(view.sources, "source", "sources"),
                       view.indicators_at_least ? "more than " : "",
                       format_count(view.indicators, "different indicator", "different indicators"));
}

void append_markdown_trend(std::string& out, const DigestView& view) {
    constexpr std::size_t widest = 40;
    std::size_t most = 1;
    for (const auto& bar : view.trend) most = std::max(most, bar.articles);
    out += fmt::format("\n## Articles per {}\n\n```text\n", view.bar_unit);
    for (const auto& [label, count] : view.trend) {
        out += label;
        const auto cells = count == 0 ? 0 : std::max<std::size_t>(1, count * widest / most);
        if (cells > 0) out += ' ';
        for (std::size_t i = 0; i < cells; ++i) out += "█";
        out += fmt::format(" {}\n", count);
    }
    out += "```\n";
}

void append_markdown_top(std::string& out, const DigestView& view) {
    out += "\n## Top articles\n\n";
    int number = 0;
    for (const auto& article : view.top) {
        const std::string indent(std::to_string(++number).size() + 2, ' ');
        // The date first: a source could be called "- x".
        out += fmt::format("{}. {}\\\n{}{}, {}", number, title_of(article), indent,
                           format_day(article.published_at), markdown_source(article.source));
        if (article.score) out += ", score " + format_score(*article.score);
        out += '\n';
        if (!article.summary.empty())
            out += fmt::format("\n{}{}\n", indent, markdown_paragraph(article.summary));
    }
}

void append_markdown_sources(std::string& out, const DigestView& view) {
    out += "\n## Sources\n\n| Source | Articles | Indicators | Best score |\n|---|---:|---:|---:|\n";
    for (const auto& source : view.by_source)
        out += fmt::format("| {} | {} | {} | {} |\n", markdown_source(source.name), source.articles,
                           source.indicators, source.best_score ? format_score(*source.best_score) : "–");
    if (view.other_sources > 0) out += fmt::format("\nAnd {} more.\n", view.other_sources);
}

std::string markdown_name(const Ranked& value) {
    const auto name = markdown_code(value.name);
    const auto text = value.title.empty() ? name : name + ' ' + escape_markdown(value.title);
    return value.link.empty() ? text : fmt::format("[{}]({})", text, value.link);
}

void append_markdown_rankings(std::string& out, std::string_view level,
                              const std::vector<Ranking>& rankings) {
    for (const auto& ranking : rankings) {
        out += fmt::format("\n{} {} ({}{})\n\n", level, escape_markdown(ranking.heading),
                           ranking.at_least ? "more than " : "", ranking.distinct);
        for (const auto& value : ranking.top)
            out += fmt::format("- {}: {}\n", markdown_name(value),
                               format_count(value.articles, "article", "articles"));
        if (ranking.others() > 0) out += fmt::format("- and {} more\n", ranking.others());
    }
}

// Set apart from what cti found itself, and from what the reports say.
void append_markdown_read(std::string& out, const DigestView& view) {
    if (view.read.empty()) return;
    out += "\n## Read by a language model\n\n";
    out += k_read_warning;
    out += '\n';
    for (const auto& read : view.read) {
        out += fmt::format("\n### {}\n\nRead by {}\n\n", title_of(read.article), markdown_code(read.models));
        for (const auto& [task, finding, quotation] : read.lines) {
            out += fmt::format("- {}: {}", escape_markdown(task), escape_markdown(finding));
            if (!quotation.empty()) out += fmt::format("\\\n  rests on: “{}”", escape_markdown(quotation));
            out += '\n';
        }
        if (read.others > 0) out += fmt::format("- and {} more\n", read.others);
    }
    if (view.other_read > 0)
        out +=
            fmt::format("\nAnd in {}.\n", format_count(view.other_read, "other article", "other articles"));
}

class MarkdownWriter : public Writer {
public:
    explicit MarkdownWriter(const Options& options) : m_digest(options) {}
    void article(std::string&, const StoredArticle& article) override { m_digest.add(article); }

    void end(std::string& out) override {
        const auto view = m_digest.view();
        append_markdown_head(out, view);
        if (view.articles == 0) return;
        append_markdown_trend(out, view);
        append_markdown_top(out, view);
        append_markdown_sources(out, view);
        for (const auto* rankings : {&view.techniques, &view.vulnerabilities, &view.names})
            append_markdown_rankings(out, "##", *rankings);
        if (!view.observables.empty()) out += "\n## Indicators\n\nDefanged: nothing here is a link.\n";
        append_markdown_rankings(out, "###", view.observables);
        append_markdown_read(out, view);
    }

private:
    Digest m_digest;
};
}

Needs needs_digest(const Options&) { return {.content = false, .findings = true, .analyses = true}; }
std::unique_ptr<Writer> make_markdown(const Options& options) {
    return std::make_unique<MarkdownWriter>(options);
}
}
