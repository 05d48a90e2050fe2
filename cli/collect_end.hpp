#pragma once
#include "cli/command.hpp"
#include "core/collect/collect.hpp"

// What a person reads at the end of a run. The run is done by then: where the database has gone since,
// nothing is said.
namespace cti::cli {

// Why there was nothing to do; cron, which is quiet, does not ask the database for it.
void explain_idle(const Context& context);
// On a terminal: the best of what is new, what it is about, and how to read it.
void tell_news(const Context& context, const collect::Report& report);
}
