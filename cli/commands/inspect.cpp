#include "cli/document_input.hpp"
#include "cli/options/fetch_options.hpp"
#include "cli/options/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/feed/feed.hpp"

#include <fmt/core.h>
#include <memory>
#include <utility>

namespace cti::cli {
namespace {
constexpr std::size_t k_flush_bytes = 256U * 1024;

struct InspectFeedOptions {
    std::string file = "-", url, content_type;
    bool json = false;
    ops::FetchOptions fetch;
};

void write_people(JsonWriter& json, const char* name, const std::vector<feed::Person>& people) {
    json.key(name).begin_array();
    for (const auto& person : people) {
        json.begin_object();
        json.member_or_null("name", person.name);
        json.member_or_null("email", person.email);
        json.member_or_null("uri", person.uri);
        json.end_object();
    }
    json.end_array();
}

void write_entry(JsonWriter& json, const feed::Entry& entry) {
    json.begin_object();
    json.member_or_null("title", entry.title);
    json.member_or_null("link", entry.link);
    json.member_or_null("id", entry.id);
    json.member("published", format_rfc3339(entry.published))
        .member("updated", format_rfc3339(entry.updated));
    json.member_or_null("published_raw", entry.published_raw);
    write_people(json, "authors", entry.authors);
    write_people(json, "contributors", entry.contributors);
    json.member_or_null("summary", entry.summary);
    json.member_or_null("content", entry.content);
    json.member_or_null("comments", entry.comments);
    json.member_or_null("language", entry.language);
    json.member_or_null("rights", entry.rights);
    json.member("tags", entry.tags).key("enclosures").begin_array();
    for (const auto& enclosure : entry.enclosures) {
        json.begin_object();
        json.member_or_null("url", enclosure.url);
        json.member_or_null("type", enclosure.type);
        json.member("length", enclosure.length).end_object();
    }
    json.end_array().end_object();
}

void write_json(const feed::Feed& feed) {
    std::string out;
    out.reserve(2 * k_flush_bytes);
    JsonWriter json(out);
    json.begin_object().member_or_null("format", feed.format).member_or_null("encoding", feed.encoding);
    json.key("feed").begin_object();
    json.member_or_null("title", feed.title);
    json.member_or_null("link", feed.link);
    json.member_or_null("id", feed.id);
    json.member_or_null("description", feed.description);
    json.member_or_null("language", feed.language);
    json.member("updated", format_rfc3339(feed.updated)).member("published", format_rfc3339(feed.published));
    write_people(json, "authors", feed.authors);
    write_people(json, "contributors", feed.contributors);
    json.member("tags", feed.tags);
    json.member_or_null("image", feed.image);
    json.member_or_null("rights", feed.rights);
    json.member_or_null("generator", feed.generator);
    json.member("ttl", feed.ttl_minutes).end_object();
    json.key("entries").begin_array();
    for (const auto& entry : feed.entries) {
        write_entry(json, entry);
        if (out.size() >= k_flush_bytes) print(std::exchange(out, {}));
    }
    json.end_array().member("feeds", feed.feeds).member("warnings", feed.warnings).end_object();
    out += '\n';
    print(out);
}

void add_line(std::string& out, std::string_view label, std::string_view text) {
    if (!text.empty()) out += fmt::format("{:<12}{}\n", label, printable(text));
}

std::string names_of(const std::vector<feed::Person>& people) {
    std::vector<std::string> names;
    names.reserve(people.size());
    for (const auto& person : people)
        names.push_back(!person.name.empty()    ? person.name
                        : !person.email.empty() ? person.email
                                                : person.uri);
    return join(names, "; ");
}

void write_for_people(const feed::Feed& feed) {
    std::string out;
    add_line(out, "format", feed.format.empty() ? "not a feed" : feed.format);
    add_line(out, "encoding", feed.encoding);
    add_line(out, "title", feed.title);
    add_line(out, "link", feed.link);
    add_line(out, "description", head_code_points(feed.description, 200));
    add_line(out, "language", feed.language);
    add_line(out, "updated", feed.updated ? format_rfc3339(*feed.updated) : "");
    add_line(out, "authors", names_of(feed.authors));
    if (feed.ttl_minutes) add_line(out, "ttl", fmt::format("{} min", *feed.ttl_minutes));
    for (const auto& url : feed.feeds) add_line(out, "announces", url);
    for (const auto& warning : feed.warnings) add_line(out, "warning", warning);
    add_line(out, "entries", std::to_string(feed.entries.size()));
    for (const auto& entry : feed.entries) {
        out += '\n';
        add_line(out, "title", entry.title);
        add_line(out, "link", entry.link);
        if (entry.id != entry.link) add_line(out, "id", entry.id);
        add_line(out, "published", entry.published ? format_rfc3339(*entry.published) : entry.published_raw);
        add_line(out, "updated", entry.updated ? format_rfc3339(*entry.updated) : "");
        add_line(out, "authors", names_of(entry.authors));
        add_line(out, "tags", join(entry.tags, "; "));
        for (const auto& enclosure : entry.enclosures) add_line(out, "enclosure", enclosure.url);
        add_line(
            out, "text",
            fmt::format("summary {} bytes, content {} bytes", entry.summary.size(), entry.content.size()));
    }
    print(out);
}

ExitCode inspect_feed(const InspectFeedOptions& options) {
    const auto [bytes, url, content_type] =
        read_document(options.file, options.url, options.content_type, options.fetch);
    const auto feed = feed::parse(bytes, {url, content_type});
    options.json ? write_json(feed) : write_for_people(feed);
    return ExitCode::ok;
}

Action setup_inspect_feed(Options& app) {
    auto options = std::make_shared<InspectFeedOptions>();
    app.add_flag("--json", options->json, "One JSON document instead of text");
    app.add_option("--url", options->url, "The document's address, for relative links");
    app.add_option("--content-type", options->content_type, "The Content-Type that it was served with");
    app.add_option("FILE", options->file, "File or address of the feed; - is standard input")
        .capture_default_str();
    add_fetch_options(app, options->fetch);
    app.footer(R"(Examples:
  cti inspect feed feed.xml
  cti inspect feed --json - < feed.xml | jq .warnings
  cti inspect feed https://blog.example.org/feed)");
    return [options](Context&) { return inspect_feed(*options); };
}
}

Action setup_inspect_page(Options& app);
Action setup_inspect_text(Options& app);

namespace {
constexpr Command k_inspect_commands[] = {
    {"feed", "What a feed holds: format, entries, what had to be repaired", setup_inspect_feed},
    {"page", "What an article's page holds: title, text, authors, dates, and where each stands",
     setup_inspect_page},
    {"text", "What is in a text: indicators, techniques, names, and how they were read", setup_inspect_text},
};
}

Action setup_inspect(Options& app) {
    app.footer(R"(Examples:
  cti inspect feed https://blog.example.org/feed
  cti inspect page article.html --explain
  cti inspect text report.txt --json | jq .indicators

A FILE, an address, or - for standard input. Nothing is stored, and no database
is needed.)");
    return app.choose_from(k_inspect_commands);
}
}
