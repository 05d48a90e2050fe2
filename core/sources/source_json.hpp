#pragma once
#include "core/base/json.hpp"
#include "core/model.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What scripts, the status page and people are told about a source.
namespace cti::sources {

// "disabled", "never" (not checked yet), "ok", "warning" (1 or 2 failures in a row), "failing" (3 and more,
// as the web service's dashboard counts).
std::string_view health_of(const Source& source);

// By what its row says alone: last_check and check_frequency. Empty when it is disabled or was never checked.
std::optional<Time> next_check(const Source& source);

// The members of one source, into an object that the caller opened. next_check: when it is due.
void write_source(JsonWriter& json, const Source& source, const std::optional<Time>& next_check);

// `sources list --format json` and /api/sources: one array, pretty-printed, with a line feed at the end.
// next_checks: by source id, where something else than the row alone decides.
std::string sources_json(const std::vector<Source>& sources, const std::map<int, Time>& next_checks = {});
}
