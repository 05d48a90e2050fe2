#pragma once
#include "core/ops/exports/export_articles.hpp"

// What an export refuses before it connects.
namespace cti::ops {

// Throws Error(usage), with "did you mean".
const exporter::Format& get_format(const std::string& name);

// Throws Error(usage) for one that is not there, with "did you mean".
std::vector<IndicatorType> to_types(const std::vector<std::string>& words);

// Unknown types, and options that only some formats have a use for: with another one they would be ignored
// without a word. Throws Error(usage).
void check_content(const ExportOptions& options);

// The format, and what does not go with a folder or a cursor. Throws Error(usage).
void check_delivery(const ExportOptions& options);
}
