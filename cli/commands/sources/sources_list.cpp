#include "cli/commands/sources/sources.hpp"
#include "cli/database.hpp"
#include "cli/options/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/export/csv_cell.hpp"
#include "core/ops/sources/named_sources.hpp"
#include "core/source/kind.hpp"
#include "core/sources/source_json.hpp"
#include "core/store/own/seen_entries.hpp"
#include "core/store/own/source_state.hpp"
#include "core/store/read/overview.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

struct SourceListCommand {
    bool active = false, inactive = false, failing = false;
    std::string format = "table", sort = "identifier";
};

// A source with what stands beside it in a list.
struct ListedSource {
    Source row;
    std::optional<Time> next_check;
    std::string last_error; // "" where its last check went well
};

struct SourceShowCommand {
    std::string identifier, format = "table";
    int checks = 10, dropped = 10;
};

void add_list_format_option(Options& app, std::string& format) {
    app.add_option("--format", format, "table or json")
        .one_of({"table", "json"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Output");
}

// Of an address that was never asked nothing is planned: it is due, as store::find_due() has it.
bool has_another_feed(const Source& row, const store::SourceState& state) {
    return row.rss_url && !state.feed_url.empty() && state.feed_url != *row.rss_url;
}

// When it is due, and why not earlier.
std::optional<Time> planned_check(const Source& row, const store::SourceState& state) {
    if (row.active && has_another_feed(row, state)) return current_time();
    return row.active && row.last_check && state.next_check_at ? state.next_check_at
                                                               : sources::next_check(row);
}

bool is_listed(const Source& row, const SourceListCommand& command) {
    const auto health = sources::health_of(row);
    if (command.failing) return health == "failing" || health == "warning";
    return row.active ? !command.inactive : !command.active;
}

std::vector<ListedSource> listed_sources(db::Transaction& tx, const SourceListCommand& command) {
    const auto schema = db::read_schema(tx);
    auto rows = store::list_sources(tx, schema);
    std::erase_if(rows, [&](const Source& row) { return !is_listed(row, command); });
    const auto states = store::find_all_source_states(tx);
    const auto errors = store::last_errors(tx, schema);
    std::vector<ListedSource> listed;
    for (auto& row : rows) {
        const auto state = states.find(row.id);
        const auto error = errors.find(row.id);
        const auto next_check =
            planned_check(row, state == states.end() ? store::SourceState{} : state->second);
        listed.push_back({std::move(row), next_check, error == errors.end() ? "" : error->second});
    }
    return listed;
}

// The worst, the most or the longest ago first; equals keep the order of their identifiers.
void sort_sources(std::vector<ListedSource>& listed, const std::string& key) {
    const auto by = [&](auto value) {
        std::ranges::stable_sort(listed, [&](const auto& a, const auto& b) { return value(a) < value(b); });
    };
    if (key == "failures") by([](const ListedSource& one) { return -one.row.consecutive_failures; });
    if (key == "articles") by([](const ListedSource& one) { return -one.row.total_articles; });
    if (key == "success") by([](const ListedSource& one) { return one.row.last_success.value_or(Time()); });
    if (key == "next") by([](const ListedSource& one) { return one.next_check.value_or(Time::max()); });
}

Table table_of(const std::vector<ListedSource>& listed, Time now) {
    // A terminal has no room for a column of nothing; lines of a script always have the same columns.
    const bool has_errors = stdout_width() == 0 || std::ranges::any_of(listed, [](const auto& one) {
                                return !one.last_error.empty();
                            });
    std::vector<std::string> titles{"SOURCE", "NAME", "HEALTH", "ARTICLES", "LAST CHECK", "NEXT CHECK"};
    if (has_errors) titles.emplace_back("LAST ERROR");
    Table table(titles);
    if (has_errors) table.wrap_last();
    for (const auto& [row, next_check, last_error] : listed) {
        std::vector<std::string> cells{row.identifier,
                                       row.name,
                                       std::string(sources::health_of(row)),
                                       std::to_string(row.total_articles),
                                       moment_text(row.last_check, now),
                                       moment_text(next_check, now)};
        if (has_errors) cells.push_back(last_error);
        table.add(std::move(cells));
    }
    return table;
}

std::string ndjson_of(const std::vector<ListedSource>& listed) {
    std::string out;
    for (const auto& [row, next_check, last_error] : listed) {
        JsonWriter json(out);
        json.begin_object();
        sources::write_source(json, row, next_check);
        json.member_or_null("last_error", last_error).end_object();
        out += '\n';
    }
    return out;
}

std::string csv_of(const std::vector<ListedSource>& listed) {
    std::string out = "id,identifier,name,url,rss_url,active,health,check_frequency,last_check,last_success,"
                      "next_check,consecutive_failures,total_articles,last_error\r\n";
    const auto text = [](const std::optional<Time>& time) { return time ? format_rfc3339(*time) : ""; };
    for (const auto& [row, next_check, last_error] : listed) {
        std::vector<std::string> cells{std::to_string(row.id),
                                       row.identifier,
                                       row.name,
                                       row.url,
                                       row.rss_url.value_or(""),
                                       row.active ? "true" : "false",
                                       std::string(sources::health_of(row)),
                                       std::to_string(row.check_frequency_s),
                                       text(row.last_check),
                                       text(row.last_success),
                                       text(next_check),
                                       std::to_string(row.consecutive_failures),
                                       std::to_string(row.total_articles),
                                       last_error};
        for (auto& cell : cells) {
            if (&cell != cells.data()) out += ',';
            exporter::append_csv_cell(out, cell);
        }
        out += "\r\n";
    }
    return out;
}

std::string json_of(const std::vector<ListedSource>& listed) {
    std::vector<Source> rows;
    std::map<int, Time> planned;
    for (const auto& one : listed) {
        rows.push_back(one.row);
        if (one.next_check) planned.emplace(one.row.id, *one.next_check);
    }
    return sources::sources_json(rows, planned);
}

ExitCode run_source_list(const Context& context, const SourceListCommand& command) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    auto listed = listed_sources(tx, command);
    sort_sources(listed, command.sort);
    print(command.format == "json"     ? json_of(listed)
          : command.format == "ndjson" ? ndjson_of(listed)
          : command.format == "csv"    ? csv_of(listed)
                                       : table_of(listed, current_time()).render(context));
    if (listed.empty() && !command.active && !command.inactive && !command.failing)
        log::hint(k_no_sources_hint);
    return ExitCode::ok;
}

std::string interval(int seconds) { return fmt::format("{} s", seconds); }

void add_text(Table& table, const char* field, const std::string& value) {
    if (!value.empty()) table.add({field, value});
}

// What the source's kind remembers under this name, or "".
std::string find_in_cursor(const Source& row, const store::SourceState& state, std::string_view wanted) {
    const auto* kind = source::find_kind(row);
    if (kind == nullptr || kind->describe_cursor == nullptr) return {};
    for (auto& [name, value] : kind->describe_cursor(state.cursor))
        if (name == wanted) return std::move(value);
    return {};
}

Table details_of(const Source& row, const store::SourceState& state) {
    const auto exact = [](const std::optional<Time>& time) { return time ? format_rfc3339(*time) : "-"; };
    Table table({"FIELD", "VALUE"});
    table.add({"id", std::to_string(row.id)});
    table.add({"identifier", row.identifier});
    table.add({"name", row.name});
    table.add({"url", row.url});
    table.add({"rss_url", row.rss_url.value_or("-")});
    table.add({"active", row.active ? "yes" : "no"});
    table.add({"health", std::string(sources::health_of(row))});
    table.add({"check_frequency", interval(row.check_frequency_s)});
    if (row.lookback_days) table.add({"lookback_days", std::to_string(*row.lookback_days)});
    table.add({"last_check", exact(row.last_check)});
    table.add({"last_success", exact(row.last_success)});
    table.add({"next_check", exact(planned_check(row, state))});
    add_text(table, "wait_reason", state.wait_reason);
    add_text(table, "disabled_reason", state.disabled_reason);
    if (state.moved_seen > 0)
        table.add({"moved_to",
                   fmt::format("{} (redirected there {} times in a row)", state.moved_to, state.moved_seen)});
    if (state.lease_until && *state.lease_until > current_time())
        table.add({"in_hand_of", fmt::format("{} until {}", state.lease_owner, exact(state.lease_until))});
    table.add({"consecutive_failures", std::to_string(row.consecutive_failures)});
    table.add({"total_articles", std::to_string(row.total_articles)});
    table.add({"average_response_time", fmt::format("{:.2f} s", row.average_response_time_s)});
    if (const auto* kind = source::find_kind(row); kind != nullptr && kind->describe_cursor != nullptr)
        for (const auto& [name, value] : kind->describe_cursor(state.cursor))
            add_text(table, name.c_str(), value);
    table.add({"config", row.config_json});
    return table;
}

Table checks_table(const std::vector<store::CheckRow>& checks) {
    Table table({"TIME", "RESULT", "METHOD", "ENTRIES", "SECONDS", "REASON"});
    for (const auto& check : checks) {
        table.add({format_rfc3339(check.time), check.success ? "ok" : "failed", check.method,
                   std::to_string(check.articles_found), fmt::format("{:.2f}", check.response_time_s),
                   check.error.empty() && check.metadata_json != "{}" ? check.metadata_json : check.error});
    }
    return table;
}

Table dropped_table(const std::vector<store::SeenEntry>& dropped) {
    Table table({"NOT STORED", "REASON"});
    for (const auto& entry : dropped) table.add({entry.label, std::string(entry.reason.name())});
    return table;
}

struct Shown {
    Source row;
    store::SourceState state;
    std::vector<store::CheckRow> checks;
    std::vector<store::SeenEntry> dropped;
};

std::string show_json(const Shown& shown) {
    const auto& [row, state, checks, dropped] = shown;
    std::string out;
    JsonWriter json(out, 2);
    json.begin_object();
    sources::write_source(json, row, planned_check(row, state));
    json.member("lookback_days", row.lookback_days).key("config").raw(row.config_json);
    json.member_or_null("wait_reason", state.wait_reason);
    json.member_or_null("disabled_reason", state.disabled_reason);
    json.member_or_null("moved_to", state.moved_to);
    json.member_or_null("fallback", find_in_cursor(row, state, "fallback"));
    json.key("dropped").begin_array();
    for (const auto& entry : dropped)
        json.begin_object().member("entry", entry.label).member("reason", entry.reason.name()).end_object();
    json.end_array();
    json.key("checks").begin_array();
    for (const auto& check : checks) {
        json.begin_object().member("time", format_rfc3339(check.time)).member("success", check.success);
        json.member("method", check.method).member("articles_found", check.articles_found);
        json.member("response_time", check.response_time_s);
        json.member_or_null("error", check.error);
        json.key("metadata").raw(check.metadata_json.empty() ? "null" : check.metadata_json).end_object();
    }
    json.end_array().end_object();
    return out + '\n';
}

ExitCode run_source_show(const Context& context, const SourceShowCommand& command) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    const auto schema = db::read_schema(tx);
    Shown shown;
    shown.row = ops::get_source(tx, schema, command.identifier);
    shown.state = store::find_source_state(tx, shown.row.id).value_or(store::SourceState{});
    shown.checks = store::recent_checks(tx, schema, shown.row.id, command.checks);
    shown.dropped = store::recent_dropped(tx, shown.row.id, command.dropped);
    if (command.format == "json") {
        print(show_json(shown));
        return ExitCode::ok;
    }
    auto text = details_of(shown.row, shown.state).wrap_last().render(context);
    if (!shown.checks.empty()) text += "\n" + checks_table(shown.checks).wrap_last().render(context);
    if (!shown.dropped.empty()) text += "\n" + dropped_table(shown.dropped).render(context);
    print(text);
    return ExitCode::ok;
}
}

Action setup_sources_list(Options& app) {
    auto command = std::make_shared<SourceListCommand>();
    app.footer(R"(Examples:
  cti sources list
  cti sources list --failing --sort failures
  cti sources list --format csv > sources.csv
  cti sources list --format json | jq -r '.[].rss_url'

Health: ok; warning (1 or 2 failures in a row); failing (3 or more); never
(not checked yet); disabled.)");
    const auto active = app.add_flag("--active", command->active, "Only active ones").group("Selection");
    app.add_flag("--inactive", command->inactive, "Only disabled ones").excludes(active).group("Selection");
    app.add_flag("--failing", command->failing, "Only those whose last check failed: warning and failing")
        .group("Selection");
    app.add_option("--sort", command->sort, "identifier, failures, articles, success (oldest first) or next")
        .one_of({"identifier", "failures", "articles", "success", "next"})
        .type_name("KEY")
        .capture_default_str()
        .group("Output");
    app.add_option("--format", command->format, "table, json, ndjson or csv")
        .one_of({"table", "json", "ndjson", "csv"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Output");
    return [command](Context& context) { return run_source_list(context, *command); };
}

Action setup_sources_show(Options& app) {
    auto command = std::make_shared<SourceShowCommand>();
    app.footer(R"(Examples:
  cti sources show cisco_talos
  cti sources show cisco_talos --checks 50 --dropped 50
  cti sources show cisco_talos --format json | jq .checks[0])");
    app.add_option("ID", command->identifier, "Identifier of the source").required();
    app.add_option("--checks", command->checks, "How many of the last checks")
        .between_unsaid(0, 10000)
        .type_name("N")
        .capture_default_str()
        .group("Output");
    app.add_option("--dropped", command->dropped, "How many of the last entries that were not stored")
        .between_unsaid(0, 10000)
        .type_name("N")
        .capture_default_str()
        .group("Output");
    add_list_format_option(app, command->format);
    return [command](Context& context) { return run_source_show(context, *command); };
}
}
