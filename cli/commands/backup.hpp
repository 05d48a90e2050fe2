#pragma once
#include "cli/command.hpp"
#include "cli/options/options.hpp"

// The subcommands of `backup`, several in a file.
namespace cti::cli {

Action setup_backup_create(Options& app);
Action setup_backup_list(Options& app);
Action setup_backup_prune(Options& app);
Action setup_backup_show(Options& app);
Action setup_backup_verify(Options& app);
}
