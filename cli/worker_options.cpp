#include "cli/worker_options.hpp"

#include "cli/database.hpp"
#include "cli/options.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
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

void add_folder_options(Options& app, JobFolders& folders) {
    app.add_option("--export-dir", folders.exports,
                   "Folder that jobs write exports to; without it they are left to other workers")
        .type_name("DIR")
        .envname("CTI_EXPORT_DIR")
        .group("Jobs");
    app.add_option("--backup-dir", folders.backups,
                   "Folder that jobs keep backups in; without it they are left to other workers")
        .type_name("DIR")
        .envname("CTI_BACKUP_DIR")
        .group("Jobs");
    add_job_encryption_options(app, folders.encryption, folders.decrypt_key);
}

work::WorkerSettings make_worker_settings(const Context& context, const CollectArguments& collecting,
                                          const JobFolders& folders) {
    work::WorkerSettings settings;
    settings.name = ops::this_process();
    settings.version = version();
    settings.connect = [&context, policy = outage_policy(collecting)] {
        return open_database(context, {}, policy);
    };
    settings.environment = make_environment(context);
    settings.tools.collecting = collecting.settings;
    settings.tools.export_dir = find_folder("--export-dir", folders.exports);
    settings.tools.backup_dir = find_folder("--backup-dir", folders.backups);
    settings.tools.encryption = find_encryption(folders.encryption);
    settings.tools.decrypt_key = folders.decrypt_key;
    return settings;
}
}
