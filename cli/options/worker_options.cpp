#include "cli/options/worker_options.hpp"

#include "cli/database.hpp"
#include "cli/options/model_options.hpp"
#include "cli/options/options.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/ops/analysis/ask_model.hpp"
#include "core/ops/run_row.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace cti::cli {
namespace {

// Checked now, and not when the first export comes.
std::string find_folder(const char* option, const std::string& name) {
    if (name.empty()) return {};
    std::error_code failed;
    const auto folder = std::filesystem::canonical(name, failed);
    if (failed || !std::filesystem::is_directory(folder, failed))
        throw Error{ExitCode::usage, fmt::format("{}: '{}' is no folder", option, printable(name)),
                    "Make it first: mkdir -p, with rights for the user of the worker."};
    return folder.string();
}
}

void add_resource_options(Options& app, JobResources& resources) {
    app.add_option("--export-dir", resources.exports,
                   "Folder that jobs write exports to; without it they are left to other workers")
        .type_name("DIR")
        .envname("CTI_EXPORT_DIR")
        .group("Jobs");
    app.add_option("--backup-dir", resources.backups.where,
                   "Folder or s3:// bucket that jobs keep backups in; without it others do them")
        .type_name("PLACE")
        .envname("CTI_BACKUP_DIR")
        .group("Jobs");
    add_bucket_options(app, resources.backups, "Jobs");
    add_job_encryption_options(app, resources.encryption, resources.decrypt_key);
    add_model_options(app, resources.model);
}

work::WorkerSettings make_worker_settings(const Context& context, const CollectArguments& collecting,
                                          const JobResources& resources) {
    work::WorkerSettings settings;
    settings.name = ops::this_process();
    settings.version = version();
    settings.connect = [&context, policy = outage_policy(collecting)] {
        return open_database(context, {}, policy);
    };
    settings.environment = make_environment(context);
    settings.tools.collecting = collecting.settings;
    settings.tools.export_dir = find_folder("--export-dir", resources.exports);
    settings.tools.backups = find_place(resources.backups);
    if (!bucket::is_bucket_address(settings.tools.backups.where))
        settings.tools.backups.where = find_folder("--backup-dir", resources.backups.where);
    settings.tools.encryption = find_encryption(resources.encryption);
    settings.tools.decrypt_key = resources.decrypt_key;
    settings.tools.model = find_model_endpoint(resources.model);
    if (!settings.tools.model.url.empty())
        ops::require_fit(settings.tools.model); // now, and not at the first job
    return settings;
}
}
