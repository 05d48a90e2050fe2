#pragma once
#include "core/collect/page_work.hpp"
#include "core/collect/triage.hpp"
#include "core/model.hpp"
#include "core/net/client.hpp"
#include "core/store/record.hpp"

#include <string>
#include <vector>

// What a check of a source came to, as its record in the database has it. Pure.
namespace cti::pipeline {
struct StepTools;
}

namespace cti::collect {

// What the check saw, for source_checks: the reasons why entries are not there, and what had to be repaired.
// A JSON object.
std::string describe_check(const CheckResult& result, const net::Response& first, const PageWork& pages,
                           const std::vector<std::string>& warnings);

// The articles that are to be stored, newest first, after the steps that belong to their transaction; and the
// entries that were triaged. Takes what it needs out of `triaged`.
void add_articles(store::CheckRecord& record, Triage& triaged, const pipeline::StepTools& tools);
}
