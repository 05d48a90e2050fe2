#pragma once
#include "cli/command.hpp"
#include "cli/term/output.hpp"
#include "core/db/schema.hpp"
#include "core/sources/diff.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// sources.yaml as `init` and `sources diff` read it.
namespace cti::cli {

// At most the limit of the YAML loader and a byte, so that /dev/zero ends; "-" is stdin. Throws Error(usage).
std::string read_bounded(const std::string& path);

// The sources of a text in the form of sources.yaml; problems are told as for read_sources().
std::vector<SourceSpec> parse_sources(std::string_view text, const std::string& path);

// The sources of the file, or of all *.yaml and *.yml of the folder. Warnings are told; all errors too, and
// then Error(usage) is thrown.
std::vector<SourceSpec> read_sources(const std::string& path);

// What --config or SOURCES_CONFIG names, else config/sources.yaml. Nothing where neither is given nor there.
std::optional<std::vector<SourceSpec>> read_configured_sources(const Context& context);

// Brings the rows to the specs: inserts and updates, in the caller's transaction.
sources::Difference apply_sources(db::Transaction& tx, const db::Schema& schema,
                                  const std::vector<SourceSpec>& specs, sources::ActiveFrom active_from);

// CHANGE, SOURCE, FIELD, OLD, NEW; one row a field. missing_word: what becomes of sources that no file names,
// "" leaves them out.
Table difference_table(const sources::Difference& difference, const std::string& missing_word);
}
