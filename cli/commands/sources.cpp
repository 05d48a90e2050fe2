#include "cli/commands/sources.hpp"

#include "cli/options.hpp"
#include "core/base/text.hpp"
#include "core/sources/spec.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

constexpr Command k_commands[] = {
    {"list", "List the sources with their health", setup_sources_list},
    {"show", "Show all of one source and its last checks", setup_sources_show},
    {"add", "Add a source", setup_sources_add},
    {"edit", "Change what is given of a source", setup_sources_edit},
    {"enable", "Collect from these sources again", setup_sources_enable},
    {"disable", "Collect from these sources no more", setup_sources_disable},
    {"remove", "Delete a source with all its articles", setup_sources_remove},
    {"test", "Collect one source without storing anything, and say why of everything", setup_sources_test},
    {"discover", "Find the feeds that a web page announces", setup_sources_discover},
    {"diff", "Compare the sources file with the database", setup_sources_diff},
    {"import", "Bring the sources of an OPML or YAML file into the database", setup_sources_import},
    {"export", "Write the sources as a sources file or as OPML", setup_sources_export},
};

constexpr const char* k_examples = R"(Examples:
  cti sources list --active
  cti sources add blog Blog http://a.example --rss-url http://a.example/feed
  cti sources disable cisco_talos
  cti sources show cisco_talos)";
}

Source get_source(db::Transaction& tx, const db::Schema& schema, std::string_view identifier) {
    if (auto found = store::find_source(tx, schema, identifier)) return std::move(*found);
    if (sources::is_reserved_identifier(identifier))
        throw Error{ExitCode::usage,
                    fmt::format("source '{}' belongs to the web service and is left alone", identifier)};
    std::vector<std::string> identifiers;
    for (const auto& source : store::list_sources(tx, schema)) identifiers.push_back(source.identifier);
    const auto near = closest(identifier, identifiers);
    throw Error{ExitCode::usage, fmt::format("unknown source '{}'", identifier),
                near.empty() ? "See 'cti sources list'." : fmt::format("Did you mean '{}'?", near)};
}

Action setup_sources(Options& app) {
    app.footer(k_examples);
    return app.choose_from(k_commands);
}
}
