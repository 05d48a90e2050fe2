#include "cli/inspecting.hpp"
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/feed/feed.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/core.h>
#include <memory>

namespace cti::cli {
namespace {
constexpr std::size_t k_flush_bytes = 256U * 1024;

struct InspectFeedOptions {
    std::string file = "-", url, content_type;
    bool json = false;
    FetchOptions fetch;
};

std::optional<std::string> text_or_null(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}
std::optional<std::string> time_or_null(const std::optional<Time>& time) {
    return time ? std::optional(format_rfc3339(*time)) : std::nullopt;
}

void write_people(JsonWriter& json, const char* name, const std::vector<feed::Person>& people) {
    json.key(name).begin_array();
    for (const auto& person : people) {
        json.begin_object();
        member_text(json, "name", person.name);
        member_text(json, "email", person.email);
        member_text(json, "uri", person.uri);
        json.end_object();
    }
    json.end_array();
}

void write_entry(JsonWriter& json, const feed::Entry& entry) {
    json.begin_object();
    member_text(json, "title", entry.title);
    member_text(json, "link", entry.link);
    member_text(json, "id", entry.id);
    json.member("published", time_or_null(entry.published)).member("updated", time_or_null(entry.updated));
    json.member("published_raw", text_or_null(entry.published_raw));
    write_people(json, "authors", entry.authors);
    write_people(json, "contributors", entry.contributors);
    member_text(json, "summary", entry.summary);
    member_text(json, "content", entry.content);
    member_text(json, "comments", entry.comments);
    member_text(json, "language", entry.language);
    member_text(json, "rights", entry.rights);
    json.member("tags", entry.tags).key("enclosures").begin_array();
    for (const auto& enclosure : entry.enclosures) {
        json.begin_object();
        member_text(json, "url", enclosure.url);
        member_text(json, "type", enclosure.type);
        json.member("length", enclosure.length).end_object();
    }
    json.end_array().end_object();
}

void write_json(const feed::Feed& feed) {
    std::string out;
    out.reserve(2 * k_flush_bytes);
    JsonWriter json(out);
    json.begin_object()
        .member("format", text_or_null(feed.format))
        .member("encoding", text_or_null(feed.encoding));
    json.key("feed").begin_object();
    member_text(json, "title", feed.title);
    member_text(json, "link", feed.link);
    member_text(json, "id", feed.id);
    member_text(json, "description", feed.description);
    member_text(json, "language", feed.language);
    json.member("updated", time_or_null(feed.updated)).member("published", time_or_null(feed.published));
    write_people(json, "authors", feed.authors);
    write_people(json, "contributors", feed.contributors);
    json.member("tags", feed.tags);
    member_text(json, "image", feed.image);
    member_text(json, "rights", feed.rights);
    member_text(json, "generator", feed.generator);
    json.member("ttl", feed.ttl_minutes).end_object();
    json.key("entries").begin_array();
    for (const auto& entry : feed.entries) {
        write_entry(json, entry);
        if (out.size() >= k_flush_bytes) flush(out);
    }
    json.end_array().member("feeds", feed.feeds).member("warnings", feed.warnings).end_object();
    out += '\n';
    flush(out);
}

void print_line(std::string_view label, std::string_view text) {
    if (!text.empty()) fmt::print("{:<12}{}\n", label, printable(text));
}

std::string names_of(const std::vector<feed::Person>& people) {
    std::vector<std::string> names;
    for (const auto& person : people)
        names.push_back(!person.name.empty()    ? person.name
                        : !person.email.empty() ? person.email
                                                : person.uri);
    return join(names, "; ");
}

void write_for_people(const feed::Feed& feed) {
    print_line("format", feed.format.empty() ? "not a feed" : feed.format);
    print_line("encoding", feed.encoding);
    print_line("title", feed.title);
    print_line("link", feed.link);
    print_line("description", head_code_points(feed.description, 200));
    print_line("language", feed.language);
    print_line("updated", feed.updated ? format_rfc3339(*feed.updated) : "");
    print_line("authors", names_of(feed.authors));
    if (feed.ttl_minutes) print_line("ttl", fmt::format("{} min", *feed.ttl_minutes));
    for (const auto& url : feed.feeds) print_line("announces", url);
    for (const auto& warning : feed.warnings) print_line("warning", warning);
    print_line("entries", std::to_string(feed.entries.size()));
    for (const auto& entry : feed.entries) {
        fmt::print("\n");
        print_line("title", entry.title);
        print_line("link", entry.link);
        if (entry.id != entry.link) print_line("id", entry.id);
        print_line("published", entry.published ? format_rfc3339(*entry.published) : entry.published_raw);
        print_line("updated", entry.updated ? format_rfc3339(*entry.updated) : "");
        print_line("authors", names_of(entry.authors));
        print_line("tags", join(entry.tags, "; "));
        for (const auto& enclosure : entry.enclosures) print_line("enclosure", enclosure.url);
        print_line("text", fmt::format("summary {} bytes, content {} bytes", entry.summary.size(),
                                       entry.content.size()));
    }
}

ExitCode inspect_feed(const InspectFeedOptions& options) {
    const auto [bytes, url, content_type] =
        read_document(options.file, options.url, options.content_type, options.fetch);
    const auto feed = feed::parse(bytes, {url, content_type});
    options.json ? write_json(feed) : write_for_people(feed);
    if (std::fflush(stdout) != 0) throw Error{ExitCode::output, "cannot write to standard output"};
    return ExitCode::ok;
}
}

void setup_inspect_feed(CLI::App& app, Inspection& chosen) {
    auto options = std::make_shared<InspectFeedOptions>();
    auto* sub = app.add_subcommand("feed", "What a feed holds: format, entries, what had to be repaired");
    sub->add_flag("--json", options->json, "One JSON document instead of text");
    sub->add_option("--url", options->url, "The document's address, for relative links");
    sub->add_option("--content-type", options->content_type, "The Content-Type that it was served with");
    sub->add_option("FILE", options->file, "File or address of the feed; - is standard input")
        ->capture_default_str();
    add_fetch_options(*sub, options->fetch);
    sub->footer(R"(Examples:
  cti inspect feed feed.xml
  cti inspect feed --json - < feed.xml | jq .warnings
  cti inspect feed https://blog.example.org/feed)");
    sub->callback([options, &chosen] { chosen = [options] { return inspect_feed(*options); }; });
}

Action setup_inspect(CLI::App& app) {
    auto chosen = std::make_shared<Inspection>();
    setup_inspect_feed(app, *chosen);
    setup_inspect_page(app, *chosen);
    app.require_subcommand(1);
    return [chosen](Context&) { return (*chosen)(); };
}
}
