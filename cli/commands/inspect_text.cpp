#include "cli/command.hpp"
#include "cli/options/fetch_options.hpp"
#include "cli/options/options.hpp"
#include "cli/signals.hpp"
#include "cli/term/output.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/intel/hunt_score.hpp"
#include "core/io/out.hpp"
#include "core/io/read_input.hpp"

#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {
constexpr std::size_t k_text_flush_bytes = 256U * 1024;

struct InspectTextOptions {
    std::string file = "-", site;
    bool json = false, explain = false;
    ops::IntelligenceFiles intel;
};

std::string_view original(std::string_view text, const intel::Indicator& indicator) {
    return text.substr(indicator.start, indicator.end - indicator.start);
}

void write_indicator(JsonWriter& json, std::string_view text, const intel::Indicator& indicator,
                     bool explain) {
    json.begin_object().member("type", intel::name_of(indicator.type)).member("value", indicator.value);
    json.member("original", original(text, indicator))
        .member("start", indicator.start)
        .member("end", indicator.end);
    json.member("defanged", indicator.reading == intel::Reading::defanged).member("count", indicator.count);
    const auto verdict = intel::name_of(indicator.verdict);
    json.member("verdict", verdict.empty() ? std::nullopt : std::optional<std::string>(verdict))
        .member("reading", intel::name_of(indicator.reading));
    if (explain) json.member("sentence", intel::sentence_around(text, indicator.start, indicator.end));
    json.end_object();
}

ExitCode write_json(std::string_view text, const intel::Extraction& found, bool explain) {
    io::Out out("-");
    std::string buffer;
    JsonWriter json(buffer);
    json.begin_object().key("indicators").begin_array();
    for (const auto& indicator : found.indicators) {
        write_indicator(json, text, indicator, explain);
        if (buffer.size() < k_text_flush_bytes) continue;
        if (!out.write(buffer)) return ExitCode::ok;
        buffer.clear();
    }
    json.end_array().member("dropped", found.dropped).member("extractor_version", intel::k_extractor_version);
    if (explain) {
        json.key("rejected").begin_array();
        for (const auto& [start, end, reason] : found.rejected)
            json.begin_object()
                .member("original", text.substr(start, end - start))
                .member("start", start)
                .member("end", end)
                .member("reason", reason)
                .end_object();
        json.end_array();
    }
    json.end_object();
    buffer += '\n';
    if (out.write(buffer)) out.close();
    return ExitCode::ok;
}

// One line each: the value, and the mark of what speaks against it.
ExitCode write_for_people(const Context& context, std::string_view text, const intel::Extraction& found,
                          bool explain) {
    std::vector<std::string> titles{"TYPE", "VALUE", "COUNT", "VERDICT"};
    if (explain) titles.insert(titles.end(), {"READING", "OFFSET", "ORIGINAL"});
    Table table(titles);
    for (const auto& indicator : found.indicators) {
        std::vector<std::string> cells{std::string(intel::name_of(indicator.type)), indicator.value,
                                       std::to_string(indicator.count),
                                       std::string(intel::name_of(indicator.verdict))};
        if (explain) {
            constexpr std::size_t longest = 200;
            cells.insert(cells.end(),
                         {std::string(intel::name_of(indicator.reading)), std::to_string(indicator.start),
                          std::string(head_code_points(original(text, indicator), longest))});
        }
        table.add(std::move(cells));
    }
    if (!table.empty()) print(table.render(context));
    if (!explain) return ExitCode::ok;
    Table rejected({"REJECTED", "OFFSET", "REASON"});
    for (const auto& [start, end, reason] : found.rejected)
        rejected.add({std::string(head_code_points(text.substr(start, end - start), 200)),
                      std::to_string(start), std::string(reason)});
    if (!rejected.empty()) print("\n" + rejected.render(context));
    return ExitCode::ok;
}

ExitCode inspect_text(const Context& context, const InspectTextOptions& options) {
    const auto extractor = ops::make_extractor(options.intel);
    const auto text = io::read_input(options.file, is_stop_asked_for);
    intel::ExtractOptions how;
    how.own_site = options.site;
    how.explain = options.explain;
    const auto found = extractor.extract(text, how);
    return options.json ? write_json(text, found, options.explain)
                        : write_for_people(context, text, found, options.explain);
}
}

Action setup_inspect_text(Options& app) {
    auto options = std::make_shared<InspectTextOptions>();
    app.add_flag("--json", options->json, "One JSON document instead of text");
    app.add_flag("--explain", options->explain,
                 "Say how each was read, where it stood, and what was taken for none");
    app.add_option("--site", options->site, "The host that published the text: its own addresses are marked")
        .type_name("HOST");
    app.add_option("FILE", options->file, "File with the text in UTF-8; - is standard input")
        .capture_default_str();
    add_extractor_options(app, options->intel);
    app.footer(R"(Examples:
  cti inspect text report.txt
  cti inspect text --explain report.txt
  cti inspect text --json - < report.txt | jq -r '.indicators[].value')");
    return [options](Context& context) { return inspect_text(context, *options); };
}
}
