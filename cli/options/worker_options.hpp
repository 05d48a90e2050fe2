#pragma once
#include "cli/backup_place.hpp"
#include "cli/command.hpp"
#include "cli/options/collect_options.hpp"
#include "cli/options/encryption_options.hpp"
#include "core/ops/analysis/model_endpoint.hpp"
#include "core/work/worker.hpp"

#include <string>

// What `worker` and `monitor`, which does jobs beside its rounds, have in common.
namespace cti::cli {

// What only some jobs need.
struct JobResources {
    std::string exports; // a folder
    PlaceOptions backups = {"", {}, "auto"};
    EncryptionOptions encryption; // of the backups
    std::string decrypt_key;
    ops::ModelEndpoint model;
};
void add_resource_options(Options& app, JobResources& resources);
// A worker of this process. Throws Error(usage) where a folder is none.
work::WorkerSettings make_worker_settings(const Context& context, const CollectArguments& collecting,
                                          const JobResources& resources);
}
