#pragma once
#include "core/db/schema.hpp"
#include "core/ops/environment.hpp"
#include "core/sources/diff.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// sources.yaml, and the bringing of it into the database.
namespace cti::ops {

constexpr const char* k_default_sources_config = "config/sources.yaml";

// Where the sources stand when nobody names a place: k_default_sources_config of a checkout, else
// /etc/cti/sources.yaml, which is the operator's, else the file that was installed with this program
// (share/cti/sources.yaml below its prefix). Nothing where none of them is there.
std::optional<std::string> find_default_sources();

// At most the limit of the YAML loader and a byte, so that /dev/zero ends; "-" is stdin. Throws Error(usage).
std::string read_bounded(const std::string& path);

// The sources of a text in the form of sources.yaml; problems are told as for read_sources().
std::vector<SourceSpec> parse_sources(const Environment& environment, std::string_view text,
                                      const std::string& path);

// The sources of the file, or of all *.yaml and *.yml of the folder. Warnings are told; where there are
// errors, all of them, and then Error(usage) is thrown.
std::vector<SourceSpec> read_sources(const Environment& environment, const std::string& path);

// What `config` names (a file, a folder, "-"), else find_default_sources(). Nothing where neither is given
// nor there.
std::optional<std::vector<SourceSpec>> read_configured_sources(const Environment& environment,
                                                               const std::string& config);

// On 2026's tables operators change sources in the web service: the specs without what is theirs.
std::vector<SourceSpec> leave_to_operators(db::Transaction& tx, const db::Schema& schema,
                                           const std::vector<SourceSpec>& specs,
                                           sources::ScheduleFrom schedule_from);

// Brings the rows to the specs: inserts and updates, in the caller's transaction.
sources::Difference apply_sources(db::Transaction& tx, const db::Schema& schema,
                                  const std::vector<SourceSpec>& specs, sources::ActiveFrom active_from);
}
