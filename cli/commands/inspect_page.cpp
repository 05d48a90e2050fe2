#include "cli/document_input.hpp"
#include "cli/options/fetch_options.hpp"
#include "cli/options/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/page/page.hpp"

#include <fmt/core.h>
#include <memory>
#include <optional>

namespace cti::cli {
namespace {
struct InspectPageOptions {
    std::string file = "-", url, charset = "auto";
    bool json = false, explain = false;
    page::SourceSelectors selectors;
    ops::FetchOptions fetch;
};

void write_sources(JsonWriter& json, const page::Page& page) {
    json.key("sources").begin_object();
    json.member_or_null("title", page.title.source);
    json.member_or_null("author", page.authors.empty() ? std::string() : page.authors_source);
    json.member_or_null("published", page.published ? page.published->source : std::string());
    json.member_or_null("modified", page.modified ? page.modified->source : std::string());
    json.member_or_null("canonical_url", page.canonical_url.source);
    json.member_or_null("language", page.language.source);
    json.member_or_null("site_name", page.site_name.source);
    json.member_or_null("description", page.description.source);
    json.end_object();
}

void write_json(const page::Page& page, bool explain) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.member_or_null("title", page.title.value);
    json.member_or_null("author", join(page.authors, "; "));
    json.member("authors", page.authors);
    json.member_or_null("published", page.published ? page.published->written : std::string());
    json.member_or_null("modified", page.modified ? page.modified->written : std::string());
    json.member_or_null("canonical_url", page.canonical_url.value);
    json.member_or_null("language", page.language.value);
    json.member_or_null("site_name", page.site_name.value);
    json.member_or_null("description", page.description.value);
    json.member("text", page.text).member("word_count", page.word_count);
    json.member_or_null("method", page.method);
    json.member_or_null("date_source", page.published ? page.published->source : std::string());
    json.member("encoding", page.encoding).member("home_page", page.is_home_page);
    write_sources(json, page);
    json.member("warnings", page.warnings);
    if (explain) json.member("reasons", page.reasons);
    json.end_object();
    out += '\n';
    print(out);
}

void add_sourced_line(std::string& out, std::string_view label, const std::string& text,
                      const std::string& source = {}) {
    if (text.empty()) return;
    out += fmt::format("{:<12}{}{}\n", label, printable(text),
                       source.empty() ? "" : " (" + printable(source) + ")");
}

void write_for_people(const page::Page& page) {
    std::string out;
    add_sourced_line(out, "title", page.title.value, page.title.source);
    add_sourced_line(out, "authors", join(page.authors, "; "), page.authors_source);
    if (page.published) add_sourced_line(out, "published", page.published->written, page.published->source);
    if (page.modified) add_sourced_line(out, "modified", page.modified->written, page.modified->source);
    add_sourced_line(out, "canonical", page.canonical_url.value, page.canonical_url.source);
    add_sourced_line(out, "site", page.site_name.value, page.site_name.source);
    add_sourced_line(out, "language", page.language.value, page.language.source);
    add_sourced_line(out, "description", page.description.value, page.description.source);
    add_sourced_line(out, "encoding", page.encoding);
    if (page.is_home_page) add_sourced_line(out, "home page", "yes: it is stored as no article");
    for (const auto& warning : page.warnings) add_sourced_line(out, "warning", warning);
    for (const auto& reason : page.reasons) add_sourced_line(out, "because", reason);
    out += fmt::format("{:<12}{} words ({})\n\n", "text", page.word_count, page.method);
    for (const auto line : split(page.text, '\n')) out += printable(line) + "\n";
    print(out);
}

ExitCode inspect_page(const InspectPageOptions& options) {
    std::string content_type;
    if (!iequals(options.charset, "auto")) {
        if (encoding_name(options.charset).empty())
            throw Error{ExitCode::usage,
                        fmt::format("--charset: '{}' is no encoding", printable(options.charset)),
                        "Leave it out, and it is found out."};
        content_type = "text/html; charset=" + options.charset;
    }
    const auto document = read_document(options.file, options.url, content_type, options.fetch);
    const auto page = page::extract(
        document.bytes, {document.url, document.content_type, options.selectors, options.explain});
    options.json ? write_json(page, options.explain) : write_for_people(page);
    return ExitCode::ok;
}
}

Action setup_inspect_page(Options& app) {
    auto options = std::make_shared<InspectPageOptions>();
    app.add_flag("--json", options->json, "One JSON document instead of text");
    app.add_flag("--explain", options->explain, "Say why: what was left out of the text, and what chose it");
    app.add_option("--url", options->url, "The page's address, for relative links and the date in it");
    app.add_option("--charset", options->charset, "The encoding that it was served with")
        .type_name("auto|NAME")
        .capture_default_str();
    app.add_option("--title-selector", options->selectors.title,
                   "CSS selectors, as in the configuration of a source")
        .type_name("CSS")
        .one_each()
        .group("Selectors");
    app.add_option("--body-selector", options->selectors.body, "The first that finds something wins")
        .type_name("CSS")
        .one_each()
        .group("Selectors");
    app.add_option("--author-selector", options->selectors.author, "\"::attr(name)\" asks for an attribute")
        .type_name("CSS")
        .one_each()
        .group("Selectors");
    app.add_option("--date-selector", options->selectors.date, "\"time::attr(datetime)\"")
        .type_name("CSS")
        .one_each()
        .group("Selectors");
    app.add_option("FILE", options->file, "File or address of the page; - is standard input")
        .capture_default_str();
    add_fetch_options(app, options->fetch);
    app.footer(R"(Examples:
  cti inspect page article.html
  cti inspect page --json https://blog.example.org/ | jq -r .text
  cti inspect page --explain --url https://a.example/post - < article.html)");
    return [options](Context&) { return inspect_page(*options); };
}
}
