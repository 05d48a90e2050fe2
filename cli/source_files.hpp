#pragma once
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "core/sources/diff.hpp"

#include <optional>
#include <string>
#include <vector>

// sources.yaml as `init` and `sources diff` read it.
namespace cti::cli {

// The sources of the file, or of all *.yaml and *.yml of the folder. Warnings are told; all errors too, and
// then Error(usage) is thrown.
std::vector<SourceSpec> read_sources(const std::string& path);

// What --config or SOURCES_CONFIG names, else config/sources.yaml. Nothing where neither is given nor there.
std::optional<std::vector<SourceSpec>> read_configured_sources(const Context& context);

// CHANGE, SOURCE, FIELD, OLD, NEW; one row a field. missing_word: what becomes of sources that no file names,
// "" leaves them out.
Table difference_table(const sources::Difference& difference, const std::string& missing_word);
}
