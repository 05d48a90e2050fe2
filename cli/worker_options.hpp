#pragma once
#include "cli/collect_options.hpp"
#include "cli/command.hpp"
#include "cli/encryption_options.hpp"
#include "core/work/worker.hpp"

#include <string>

// What `worker` and `monitor`, which does jobs beside its rounds, have in common.
namespace cti::cli {

struct JobFolders {
    std::string exports, backups;
    EncryptionOptions encryption; // of the backups
    std::string decrypt_key;
};
void add_folder_options(Options& app, JobFolders& folders);
// A worker of this process. Throws Error(usage) where a folder is none.
work::WorkerSettings make_worker_settings(const Context& context, const CollectArguments& collecting,
                                          const JobFolders& folders);
}
