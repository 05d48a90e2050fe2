#include "core/sources/diff.hpp"

#include "core/model/source_config.hpp"
#include "core/sources/config.hpp"

#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace cti::sources {
namespace {

std::string yes_or_no(bool flag) { return flag ? "yes" : "no"; }

void note(std::vector<FieldChange>& changes, const char* field, std::string before, std::string after) {
    if (before != after) changes.push_back({field, std::move(before), std::move(after)});
}

// That it changes, and nothing of what it is.
void note_login(std::vector<FieldChange>& changes, const char* field, const std::string& before,
                const std::string& after) {
    if (after.empty() || before == after) return;
    changes.push_back({fmt::format("{} (login)", field), before.empty() ? "" : "***", "***"});
}

// Where both have one. Robots' other keys are the file's, as `robots` is replaced as a whole.
void keep_user_agent(const std::string& row_json, std::string& file_json) {
    const auto row = parse_config(row_json);
    auto file = parse_config(file_json);
    const auto from = row.find("robots");
    const auto to = file.find("robots");
    if (from == row.end() || to == file.end() || !from->is_object() || !to->is_object()) return;
    if (!from->contains("user_agent") || !to->contains("user_agent")) return;
    (*to)["user_agent"] = from->at("user_agent");
    file_json = dump_config(file);
}

bool says_config(const SourceSpec& spec) { return spec.config_json != "{}"; }

SourceChange change_of(const Source& row, const SourceSpec& spec, ActiveFrom active_from) {
    SourceChange change{spec, row.id, {}};
    if (says_config(spec)) change.spec.config_json = merge_config(row.config_json, spec.config_json);
    change.fields = compare_fields(row, change.spec, active_from);
    return change;
}

SourceChange addition_of(const SourceSpec& spec) {
    SourceChange change{spec, 0, {}};
    auto& fields = change.fields;
    note(fields, "name", "", spec.name);
    note(fields, "url", "", spec.url);
    note(fields, "rss_url", "", spec.rss_url.value_or(""));
    note_login(fields, "url", "", spec.url_login);
    note_login(fields, "rss_url", "", spec.rss_login);
    if (spec.check_frequency_s) note(fields, "check_frequency", "", std::to_string(*spec.check_frequency_s));
    if (!spec.active.value_or(true)) note(fields, "active", "", "no");
    return change;
}
}

std::vector<SourceSpec> leave_to_database(const std::vector<Source>& rows, std::vector<SourceSpec> specs,
                                          ScheduleFrom schedule_from) {
    std::map<std::string_view, const Source*> known;
    for (const auto& row : rows)
        if (const auto [place, is_new] = known.emplace(row.identifier, &row); !is_new && row.active)
            place->second = &row;
    for (auto& spec : specs) {
        const auto row = known.find(spec.identifier);
        if (row == known.end()) continue;
        if (schedule_from == ScheduleFrom::database)
            spec.check_frequency_s.reset(), spec.lookback_days.reset();
        keep_user_agent(row->second->config_json, spec.config_json);
    }
    return specs;
}

std::vector<FieldChange> compare_fields(const Source& row, const SourceSpec& spec, ActiveFrom active_from) {
    std::vector<FieldChange> changes;
    if (!spec.name.empty()) note(changes, "name", row.name, spec.name);
    if (!spec.url.empty()) note(changes, "url", row.url, spec.url);
    if (spec.rss_url) note(changes, "rss_url", row.rss_url.value_or(""), *spec.rss_url);
    note_login(changes, "url", row.url_login, spec.url_login);
    note_login(changes, "rss_url", row.rss_login, spec.rss_login);
    if (spec.check_frequency_s)
        note(changes, "check_frequency", std::to_string(row.check_frequency_s),
             std::to_string(*spec.check_frequency_s));
    // The web service's tables of 2025 have no such column: nothing to bring it into.
    if (spec.lookback_days && row.lookback_days)
        note(changes, "lookback_days", std::to_string(*row.lookback_days),
             std::to_string(*spec.lookback_days));
    if (spec.active && active_from == ActiveFrom::file)
        note(changes, "active", yes_or_no(row.active), yes_or_no(*spec.active));
    if (says_config(spec)) {
        for (auto& change : compare_config(row.config_json, spec.config_json))
            changes.push_back({"config." + change.key, std::move(change.before), std::move(change.after)});
    }
    return changes;
}

Difference compare(const std::vector<Source>& rows, const std::vector<SourceSpec>& specs,
                   ActiveFrom active_from) {
    Difference difference;
    std::map<std::string_view, const Source*> missing;
    for (const auto& row : rows) {
        const auto [place, is_new] = missing.emplace(row.identifier, &row);
        if (is_new) continue;
        difference.doubled.push_back(row.identifier);
        // The web service shows and checks the active one.
        if (row.active && !place->second->active) place->second = &row;
    }
    for (const auto& spec : specs) {
        const auto found = missing.find(spec.identifier);
        if (found == missing.end()) {
            difference.added.push_back(addition_of(spec));
            continue;
        }
        const Source& row = *found->second;
        missing.erase(found);
        auto change = change_of(row, spec, active_from);
        if (change.fields.empty())
            difference.unchanged.push_back(row.identifier);
        else
            difference.changed.push_back(std::move(change));
        const bool differs = spec.active && *spec.active != row.active;
        if (differs && active_from == ActiveFrom::database) difference.active_differs.push_back(row);
    }
    for (const auto& [identifier, row] : missing) difference.missing.push_back(*row);
    return difference;
}
}
