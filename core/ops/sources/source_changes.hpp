#pragma once
#include "core/ops/environment.hpp"
#include "core/sources/diff.hpp"
#include "core/store/web/sources.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

// Changes of single sources: each is one transaction, and all of it is done or nothing.
namespace cti::ops {

// What was not given stays empty.
struct SourceOptions {
    SourceSpec spec;
    std::optional<std::string> check_frequency; // "1800", "30m", "2h"
    std::vector<std::string> settings;          // "KEY=JSON" of its config; "KEY=" removes it
};

// The new id. Throws Error(usage) for what sources.yaml would not be allowed to say either.
int add_source(const Environment& environment, const SourceOptions& options);

// Brings the source of spec.identifier to what is given of the rest, and returns what differed.
std::vector<sources::FieldChange> edit_source(const Environment& environment, const SourceOptions& options);

struct SwitchedSource {
    std::string identifier;
    bool was_already = false;
};
// All of them or, where one is not known, none.
std::vector<SwitchedSource> switch_sources(const Environment& environment,
                                           const std::vector<std::string>& identifiers, bool active);

struct RemoveOptions {
    std::string identifier;
    // Asked outside of any transaction, as people take their time; empty: it may. Where rows of a table that
    // was not named to it have come meanwhile, nothing is removed.
    std::function<bool(const Source&, const store::SourceContents&)> may_remove;
};
// What went with it; nothing where it was not removed.
std::optional<store::SourceContents> remove_source(const Environment& environment,
                                                   const RemoveOptions& options);
}
