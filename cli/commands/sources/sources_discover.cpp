#include "cli/commands/sources/sources.hpp"
#include "cli/options/fetch_options.hpp"
#include "cli/options/options.hpp"
#include "cli/signals.hpp"
#include "cli/term/output.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/ops/sources/discover_feeds.hpp"

#include <memory>

namespace cti::cli {
namespace {

struct DiscoverCommand {
    ops::DiscoverOptions options;
    std::string format = "table";
};

std::string to_json(const std::vector<ops::FoundFeed>& found) {
    std::string out;
    JsonWriter json(out, 2);
    json.begin_array();
    for (const auto& [url, feed] : found) {
        const auto newest = ops::newest_of(feed);
        json.begin_object().member("url", url).member("format", feed.format).member("title", feed.title);
        json.member("entries", feed.entries.size());
        json.member("newest", format_rfc3339(newest)).end_object();
    }
    json.end_array();
    return out + '\n';
}

std::string to_table(const std::vector<ops::FoundFeed>& found, const Context& context) {
    Table table({"URL", "FORMAT", "TITLE", "ENTRIES", "NEWEST"});
    for (const auto& [url, feed] : found) {
        const auto newest = ops::newest_of(feed);
        table.add({url, feed.format, feed.title, std::to_string(feed.entries.size()),
                   newest ? format_rfc3339(*newest) : ""});
    }
    return table.render(context);
}

ExitCode run_discover(const Context& context, const DiscoverCommand& command) {
    auto options = command.options;
    options.on_note = [](log::Level level, const std::string& message) { log::write(level, message); };
    const auto found = ops::discover_feeds(&stop_signal(), options);
    print(command.format == "json" ? to_json(found) : to_table(found, context));
    return ExitCode::ok;
}
}

Action setup_sources_discover(Options& app) {
    auto command = std::make_shared<DiscoverCommand>();
    app.footer(R"(Examples:
  cti sources discover https://blog.example.org/
  cti sources discover https://blog.example.org/ --format json | jq .

Looks at the feeds that the page announces, best first, and where it announces
none, at the usual places. Each feed listed was fetched and read. No database
is needed. The exit status is 8 where there is no feed.)");
    app.add_option("URL", command->options.url,
                   "Address of a web page or a feed; https:// where it has no scheme")
        .required();
    app.add_option("--format", command->format, "table or json")
        .one_of({"table", "json"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Output");
    add_fetch_options(app, command->options.fetch);
    return [command](Context& context) { return run_discover(context, *command); };
}
}
