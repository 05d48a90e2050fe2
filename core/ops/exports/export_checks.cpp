#include "core/ops/exports/export_checks.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cti::ops {
std::vector<IndicatorType> to_types(const std::vector<std::string>& words) {
    std::vector<IndicatorType> types;
    for (const auto& type : words) {
        if (const auto known = find_value<IndicatorType>(type)) {
            types.push_back(*known);
            continue;
        }
        const auto names = indicator_type_names();
        const auto near = closest(type, names);
        throw Error{ExitCode::usage, fmt::format("--type: unknown type '{}'", printable(type)),
                    near.empty() ? fmt::format("There are {}.", join(names, ", "))
                                 : fmt::format("Did you mean '{}'?", near)};
    }
    return types;
}

namespace {
void check_fit(const ExportOptions& options) {
    struct Fit {
        bool given;
        const char* option;
        std::vector<std::string_view> formats;
    };
    const Fit fits[] = {
        {options.writer.of == exporter::Subject::indicators, "--of indicators", {"json", "ndjson", "csv"}},
        {!options.writer.fields.empty(), "--fields", {"json", "ndjson", "csv"}},
        {options.writer.patterns, "--indicators", {"stix"}},
        {!options.writer.bulk_index.empty(), "--bulk", {"ecs"}},
        {options.writer.defang, "--defang", {"list"}},
        {options.writer.stock_programs, "--stock-programs", {"zeek"}},
        {options.writer.csv_raw, "--csv-raw", {"csv"}},
        {options.writer.bom, "--bom", {"csv"}},
        {options.writer.tlp != exporter::Tlp::none, "--tlp", {"stix", "misp", "ecs", "atom"}}};
    for (const auto& [given, option, formats] : fits)
        if (given && std::ranges::find(formats, options.format) == formats.end())
            throw Error{ExitCode::usage,
                        fmt::format("{} does not go with --format {}", option, options.format),
                        fmt::format("It is for {}.", fmt::join(formats, ", "))};
}
}

const exporter::Format& get_format(const std::string& name) {
    if (const auto* format = exporter::find_format(name)) return *format;
    const auto names = export_format_names();
    const auto near = closest(name, names);
    throw Error{ExitCode::usage, fmt::format("unknown format '{}'", printable(name)),
                near.empty() ? fmt::format("There are {}.", join(names, ", "))
                             : fmt::format("Did you mean '{}'?", near)};
}

void check_content(const ExportOptions& options) {
    to_types(options.types);
    check_fit(options);
}

void check_delivery(const ExportOptions& options) {
    const auto refuse = [](const char* message, const char* hint) {
        throw Error{ExitCode::usage, message, hint};
    };
    const auto& format = get_format(options.format);
    if (!options.output_dir.empty() && options.output != "-")
        refuse("--output-dir and -o exclude each other", "Choose one file, or a file for each article.");
    if (!options.cursor.empty() && (options.selection.limit || !options.selection.ids.empty()))
        refuse("--new-since-last takes everything that is new", "Leave out --limit and --ids.");
    if (!options.cursor.empty() && options.selection.order == store::Order::score)
        refuse("--new-since-last is in the order of time", "Leave out --order score.");
    if (!options.cursor.empty() && !options.output_dir.empty() && format.make_folder != nullptr)
        refuse("the index of this folder would forget what was exported before",
               "Leave out --new-since-last: writing the whole folder again changes no file of an article.");
}

std::vector<std::string> export_format_names() {
    std::vector<std::string> names;
    for (const auto& format : exporter::formats()) names.emplace_back(format.name);
    names.emplace_back(k_subscriptions);
    return names;
}
}
