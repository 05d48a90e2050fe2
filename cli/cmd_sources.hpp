#pragma once
#include "cli/command.hpp"
#include "core/store/sources.hpp"

#include <string_view>

// The subcommands of `cti sources`, and what they share.
namespace cti::cli {

Action setup_sources_list(CLI::App& app);
Action setup_sources_show(CLI::App& app);
Action setup_sources_add(CLI::App& app);
Action setup_sources_edit(CLI::App& app);
Action setup_sources_enable(CLI::App& app);
Action setup_sources_disable(CLI::App& app);
Action setup_sources_remove(CLI::App& app);
Action setup_sources_diff(CLI::App& app);
Action setup_sources_test(CLI::App& app);
Action setup_sources_discover(CLI::App& app);
Action setup_sources_import(CLI::App& app);
Action setup_sources_export(CLI::App& app);

// Throws Error(usage), with "did you mean" where a source is called nearly so; the web service's own rows are
// refused.
Source get_source(store::Transaction& tx, const store::Schema& schema, std::string_view identifier);
}
