#pragma once
#include "cli/command.hpp"

// The subcommands of `jobs`, several in a file.
namespace cti::cli {

Action setup_jobs_add(Options& app);
Action setup_jobs_cancel(Options& app);
Action setup_jobs_list(Options& app);
Action setup_jobs_prune(Options& app);
Action setup_jobs_release(Options& app);
Action setup_jobs_retry(Options& app);
Action setup_jobs_show(Options& app);
Action setup_jobs_status(Options& app);

// Tells what the job says until it ends; its exit code. A signal ends the looking, not the job.
ExitCode follow_job(const Context& context, long id);
}
