#pragma once
#include "core/db/database.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

// Counters that survive restarts and count every process: cti.counters.
namespace cti::store {

// By name and labels; labels in the form of Prometheus without the braces: `result="new"`, or "".
using Counters = std::map<std::pair<std::string, std::string>, double>;

// `name{label="value"}` goes up by `by`. value: one of our own words, so nothing is escaped.
void count(Counters& counters, std::string_view name, std::string_view label = {},
           std::string_view value = {}, double by = 1);

// In the caller's transaction, so that they are exactly as true as its rows; the last thing before the
// commit, because the counters stay locked until then. What is 0 is left out.
void add_counters(db::Transaction& transaction, const Counters& counters);
Counters read_counters(db::Transaction& transaction);
}
