#pragma once
#include "cli/command.hpp"
#include "cli/options.hpp"
#include "core/backup/folder.hpp"

#include <string>

// The subcommands of `backup`, several in a file.
namespace cti::cli {

Action setup_backup_create(Options& app);
Action setup_backup_list(Options& app);
Action setup_backup_prune(Options& app);
Action setup_backup_show(Options& app);
Action setup_backup_verify(Options& app);

// --dir, and CTI_BACKUP_DIR
Option add_backup_folder_option(Options& app, std::string& folder, const std::string& names,
                                const std::string& description);
}
