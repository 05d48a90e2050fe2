#pragma once
#include "core/feed/feed.hpp"

#include <string_view>

// One reader for each family of formats; each takes valid UTF-8 without control characters and never throws
// on what it holds.
namespace cti::feed {

// RSS, RDF, Atom and CDF. False, with `feed` untouched, where no such root element is found.
bool read_xml_feed(std::string_view text, const ParseOptions& options, Feed& feed);
// JSON Feed 1.0 and 1.1.
bool read_json_feed(std::string_view text, const ParseOptions& options, Feed& feed);
}
