#pragma once
#include "cli/command.hpp"

// The subcommands of `cti sources`.
namespace cti::cli {

// What an empty database says to do first.
constexpr const char* k_no_sources_hint =
    "There are no sources yet: 'cti init' loads those of a file, 'cti sources add' adds one.";

Action setup_sources_list(Options& app);
Action setup_sources_show(Options& app);
Action setup_sources_add(Options& app);
Action setup_sources_edit(Options& app);
Action setup_sources_enable(Options& app);
Action setup_sources_disable(Options& app);
Action setup_sources_remove(Options& app);
Action setup_sources_diff(Options& app);
Action setup_sources_test(Options& app);
Action setup_sources_discover(Options& app);
Action setup_sources_import(Options& app);
Action setup_sources_export(Options& app);
}
