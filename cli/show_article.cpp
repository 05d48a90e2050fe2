#include "cli/show_article.hpp"

#include "cli/options/options.hpp"
#include "cli/term/article_analyses.hpp"
#include "cli/term/article_page.hpp"
#include "cli/term/output.hpp"
#include "cli/term/pager.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/export/formats.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <memory>

namespace cti::cli {
namespace {

void write_analyses(JsonWriter& json, const std::vector<store::Analysis>& analyses) {
    json.key("analyses").begin_array();
    for (const auto& analysis : analyses) {
        const auto& key = analysis.key;
        json.begin_object().member("task", key.task).member("task_version", key.task_version);
        json.member("model", key.model).member_or_null("model_digest", key.model_digest);
        json.member("prompt_sha256", key.prompt_sha256).key("settings").raw(analysis.settings_json);
        json.member("requests", analysis.requests).member("tokens_in", analysis.tokens_in);
        json.member("tokens_out", analysis.tokens_out).member("duration_ms", analysis.duration_ms);
        json.member("created_at", format_rfc3339(analysis.created_at));
        json.key("result").raw(analysis.result_json).key("rejected").raw(analysis.rejected_json).end_object();
    }
    json.end_array();
}

// The object of `export`, and what is known beside it.
std::string article_json(const ops::WholeArticle& whole) {
    std::string object;
    const auto writer = exporter::make_writer(*exporter::find_format("ndjson"));
    writer->article(object, whole.article);
    std::string out;
    JsonWriter json(out);
    json.begin_object().members_of(object);
    json.key("near_duplicates").begin_array();
    for (const auto& near : whole.near) {
        json.begin_object().member("id", near.id).member_or_null("source", near.source);
        json.member("title", near.title).member("url", near.url);
        json.member("published_at", format_rfc3339(near.published_at)).end_object();
    }
    json.end_array();
    const auto& origin = whole.origin;
    json.key("origin").begin_object();
    json.member_or_null("feed_url", origin.feed_url).member_or_null("entry_id", origin.entry_id);
    json.member_or_null("entry_link", origin.entry_link).member_or_null("method", origin.method);
    json.member_or_null("text_from", origin.text).member_or_null("title_from", origin.title);
    json.member_or_null("date_from", origin.date).member_or_null("authors_from", origin.authors);
    json.member_or_null("collector", origin.collector);
    json.member("first_seen", format_rfc3339(origin.first_seen));
    json.key("steps").begin_object();
    for (const auto& [step, version] : origin.derived) json.member(step, version);
    json.end_object().end_object();
    write_analyses(json, whole.analyses);
    json.end_object();
    return out + '\n';
}

std::string markdown_of(const ops::WholeArticle& whole, Time now) {
    return exporter::article_markdown(
        {whole.article, about_article(whole.article, now), origin_of(whole), near_articles(whole)});
}

std::string sigma_of(const ops::WholeArticle& whole) {
    std::vector<std::string> drafts;
    for (const auto& analysis : whole.analyses)
        std::ranges::copy(analysis_drafts(analysis), std::back_inserter(drafts));
    if (drafts.empty())
        throw Error{ExitCode::check, fmt::format("article {} has no drafts of rules", whole.article.id),
                    fmt::format("Let a language model make some: cti analyze --task detections {}",
                                whole.article.id)};
    return join(drafts, "---\n");
}

void show_text(const std::string& text, const ShowOptions& options) {
    options.no_pager ? print(text) : show_paged(text);
}
}

void add_show_options(Options& app, ShowOptions& options) {
    const auto* group = "Output";
    const auto json =
        app.add_flag("--json", options.json, "One JSON object: that of 'export', and where it comes from")
            .group(group);
    const auto markdown =
        app.add_flag("--markdown", options.markdown, "As Markdown").excludes(json).group(group);
    const auto raw = app.add_flag("--raw", options.raw, "The text alone, as it was stored")
                         .excludes(json)
                         .excludes(markdown)
                         .group(group);
    app.add_flag("--sigma", options.sigma, "Drafts of Sigma rules alone, of 'cti analyze --task detections'")
        .excludes(json)
        .excludes(markdown)
        .excludes(raw)
        .group(group);
    app.add_option("--width", options.width,
                   "Fold lines to N cells, 0: not at all (a terminal: its own width)")
        .between_unsaid(0, 1000)
        .type_name("N")
        .group(group);
    app.add_flag("--no-pager", options.no_pager,
                 "Write to the terminal itself, not through a pager (PAGER, less)")
        .group(group);
}

void show_article(const Context& context, const ops::WholeArticle& whole, const ShowOptions& options) {
    const auto width = stdout_width();
    const auto now = current_time();
    if (options.json) return print(article_json(whole));
    if (options.sigma) return print(sigma_of(whole));
    if (options.markdown) return show_text(markdown_of(whole, now), options);
    // The bytes of an article never reach a terminal as they are.
    if (options.raw)
        return width == 0 ? print(whole.article.content + '\n')
                          : show_text(harmless_text(whole.article.content), options);
    const PageStyle style{options.width ? static_cast<std::size_t>(*options.width) : width,
                          context.color_stdout, now};
    show_text(article_page(whole, style), options);
}
}
