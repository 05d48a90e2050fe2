#include "core/ops/doctor/doctor.hpp"

#include "cli/backup_place.hpp"
#include "cli/database.hpp"
#include "cli/environment.hpp"
#include "cli/options/model_options.hpp"
#include "cli/options/options.hpp"
#include "cli/settings.hpp"
#include "cli/signals.hpp"
#include "cli/term/fold.hpp"
#include "cli/term/output.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/time.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <utility>

namespace cti::cli {
namespace {

struct DoctorCommand {
    std::string format = "table";
    bool env = false;
};

std::string to_json(const std::vector<ops::Finding>& findings, const std::vector<Setting>& settings,
                    bool is_well) {
    std::string out;
    JsonWriter json(out, 2);
    const auto text = [&](const char* name, const std::string& value) {
        json.member(name, value.empty() ? std::nullopt : std::optional(value));
    };
    json.begin_object()
        .member("ok", is_well)
        .member("timestamp", format_rfc3339(current_time()))
        .key("checks")
        .begin_array();
    for (const auto& finding : findings) {
        json.begin_object()
            .member("check", finding.check)
            .member("status", ops::name_of(finding.verdict))
            .member("detail", finding.detail);
        text("remedy", finding.remedy);
        json.end_object();
    }
    json.end_array().key("settings").begin_array();
    for (const auto& setting : settings) {
        json.begin_object().member("name", setting.name);
        text("value", setting.value);
        json.member("from", setting.from).end_object();
    }
    json.end_array().end_object();
    return out + '\n';
}

Table table_of(const std::vector<ops::Finding>& findings) {
    Table table({"CHECK", "STATUS", "DETAIL", "REMEDY"});
    for (const auto& finding : findings)
        table.add(
            {finding.check, std::string(ops::name_of(finding.verdict)), finding.detail, finding.remedy});
    return table;
}

constexpr std::size_t k_status_cells = 8, k_check_cells = 16; // "skipped " and "authentication  "

// For people: every word of what is wrong and of its remedy, which is often a command to copy.
std::string page_of(const std::vector<ops::Finding>& findings, std::size_t width, bool color) {
    const std::string indent(k_status_cells + k_check_cells, ' ');
    const auto room = std::max<std::size_t>(width > indent.size() ? width - indent.size() : 0, 24);
    std::string out;
    const auto add_lines = [&](const std::string& text, const std::string& first) {
        bool is_first = true;
        for (const auto& line : fold(StyledText(text), room))
            out += (std::exchange(is_first, false) ? first : indent) + line.render(color) + '\n';
    };
    for (const auto& finding : findings) {
        const std::string status(ops::name_of(finding.verdict));
        auto head = (color ? colored_state(status) : status) +
                    std::string(k_status_cells - status.size(), ' ') + finding.check;
        const auto used = display_width(finding.check);
        if (used < k_check_cells)
            head.append(k_check_cells - used, ' ');
        else
            head += '\n' + indent; // the name of a source
        add_lines(finding.detail, head);
        if (!finding.remedy.empty()) add_lines("→ " + finding.remedy, indent);
    }
    return out;
}

std::string closing_sentence(const std::vector<ops::Finding>& findings) {
    const auto wrong = std::ranges::count_if(findings, [](const ops::Finding& finding) {
        return finding.verdict == ops::Verdict::warn || finding.verdict == ops::Verdict::fail;
    });
    const auto what = wrong == 0   ? std::string("All is well.")
                      : wrong == 1 ? std::string("1 thing needs attention.")
                                   : fmt::format("{} things need attention.", wrong);
    return "\n" + what + " The settings: cti doctor --env\n";
}

std::string text_of(const std::vector<ops::Finding>& findings, const Context& context) {
    const auto width = stdout_width();
    if (width == 0) return table_of(findings).tab_separated();
    return page_of(findings, width, context.color_stdout) + closing_sentence(findings);
}

Table table_of(const std::vector<Setting>& settings) {
    Table table({"SETTING", "VALUE", "FROM"});
    for (const auto& setting : settings) table.add({setting.name, setting.value, setting.from});
    return table;
}

ops::BackupPlace find_backups() {
    PlaceOptions place;
    if (const auto where = environment("CTI_BACKUP_DIR"); !where.empty()) place.where = where;
    place.endpoint = environment("CTI_S3_ENDPOINT"), place.style = environment("CTI_S3_STYLE");
    return find_place(place);
}

ExitCode run_doctor(const Context& context, const DoctorCommand& command, const CommandInfo& commands) {
    const auto settings = list_settings(context, commands);
    if (command.env && command.format == "table") {
        print(table_of(settings).render(context));
        return ExitCode::ok;
    }
    ops::DoctorOptions options;
    options.find_address = [&context] { return find_database_address(context); };
    options.connection_name = connection_name(context);
    options.backups = find_backups();
    options.find_model = [] { return find_model_endpoint(); };
    cancel_statements_on_stop();
    const auto findings = ops::examine(options);
    const bool is_well = ops::is_well(findings);
    print(command.format == "json" ? to_json(findings, settings, is_well) : text_of(findings, context));
    return stopped_or(is_well ? ExitCode::ok : ExitCode::check);
}
}

Action setup_doctor(Options& app) {
    auto command = std::make_shared<DoctorCommand>();
    app.footer(R"(Examples:
  cti doctor                                  what is wrong, and what to do
  cti doctor --env                            the settings alone
  cti doctor --format json | jq '.checks[] | select(.status != "ok")'

Exit code 8 when a check fails; a warning is none.)");
    app.add_flag("--env", command->env, "Only the settings and where each came from").group("Output");
    app.add_option("--format", command->format, "table or json")
        .one_of({"table", "json"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Output");
    return
        [command, app](Context& context) { return run_doctor(context, *command, app.read_all_commands()); };
}
}
