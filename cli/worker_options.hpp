#pragma once
#include "cli/collect_options.hpp"
#include "cli/command.hpp"
#include "core/work/worker.hpp"

#include <string>

// What `worker` and `monitor`, which does jobs beside its rounds, have in common.
namespace cti::cli {

void add_export_dir_option(Options& app, std::string& folder);
// A worker of this process. Throws Error(usage) where the folder is none.
work::WorkerSettings make_worker_settings(const Context& context, const CollectArguments& collecting,
                                          const std::string& export_dir);
}
