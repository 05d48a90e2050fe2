#include "cli/commands/sources/sources.hpp"

#include "cli/options/options.hpp"

namespace cti::cli {
namespace {

constexpr Command k_sources_commands[] = {
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

Action setup_sources(Options& app) {
    app.footer(k_examples);
    return app.choose_from(k_sources_commands);
}
}
