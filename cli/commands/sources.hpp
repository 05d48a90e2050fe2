#pragma once
#include "cli/command.hpp"
#include "core/store/web/sources.hpp"

#include <string_view>

// The subcommands of `cti sources`, and what they share.
namespace cti::cli {

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

// Throws Error(usage), with "did you mean" where a source is called nearly so; the web service's own rows are
// refused.
Source get_source(db::Transaction& tx, const db::Schema& schema, std::string_view identifier);
}
