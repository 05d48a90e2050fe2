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
std::string find_folder(const std::string& name) {
    if (name.empty()) return {};
    std::error_code failed;
    const auto folder = std::filesystem::canonical(name, failed);
    if (failed || !std::filesystem::is_directory(folder, failed))
        throw Error{ExitCode::usage, fmt::format("--export-dir: '{}' is no folder", printable(name)),
                    "Make it first: mkdir -p, with rights for the user of the worker."};
    return folder.string();
}
}

void add_export_dir_option(Options& app, std::string& folder) {
    app.add_option("--export-dir", folder,
                   "Folder that jobs write exports to; without it they are left to other workers")
        .type_name("DIR")
        .envname("CTI_EXPORT_DIR")
        .group("Jobs");
}

work::WorkerSettings make_worker_settings(const Context& context, const CollectArguments& collecting,
                                          const std::string& export_dir) {
    work::WorkerSettings settings;
    settings.name = ops::this_process();
    settings.version = version();
    settings.connect = [&context, policy = outage_policy(collecting)] {
        return open_database(context, {}, policy);
    };
    settings.environment = make_environment(context);
    settings.tools.collecting = collecting.settings;
    settings.tools.export_dir = find_folder(export_dir);
    return settings;
}
}
