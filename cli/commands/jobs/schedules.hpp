#pragma once
#include "cli/command.hpp"

// The subcommands of `schedules`, several in a file.
namespace cti::cli {

Action setup_schedules_add(Options& app);
Action setup_schedules_disable(Options& app);
Action setup_schedules_edit(Options& app);
Action setup_schedules_enable(Options& app);
Action setup_schedules_list(Options& app);
Action setup_schedules_remove(Options& app);
Action setup_schedules_run(Options& app);
}
