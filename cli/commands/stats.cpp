#include "core/store/read/stats.hpp"

#include "cli/database.hpp"
#include "cli/options/options.hpp"
#include "cli/term/charts.hpp"
#include "cli/term/output.hpp"
#include "core/base/text.hpp"
#include "core/io/out.hpp"
#include "core/monitor/stats_json.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

// Rows of a chart: a name, a number in words, and what its bar is long.
struct Bars {
    std::string title;
    struct Row {
        std::string name, number;
        long value;
        std::string note;
    };
    std::vector<Row> rows;

    // On a terminal aligned, with bars that take what the width leaves; else by tabs, without bars.
    std::string render(std::size_t width) const {
        std::string out = '\n' + title + '\n';
        std::size_t names = 0, numbers = 0, notes = 0;
        long largest = 0;
        for (const auto& row : rows) {
            names = std::max(names, display_width(row.name)), numbers = std::max(numbers, row.number.size());
            notes = std::max(notes, row.note.size()), largest = std::max(largest, row.value);
        }
        names = std::min<std::size_t>(names, 32);
        const auto used = names + numbers + notes + 6;
        const auto room = width > used ? std::min<std::size_t>(width - used, 40) : 0;
        for (const auto& row : rows) {
            const auto name = width == 0 ? row.name : cut_to_width(row.name, names);
            const auto picture = bar(row.value, largest, room);
            if (width == 0)
                out += fmt::format("{}\t{}{}{}\n", name, row.number, row.note.empty() ? "" : "\t", row.note);
            else
                out += fmt::format(
                    "  {}{}  {:>{}}  {}{}{}\n", name, std::string(names - display_width(name), ' '),
                    row.number, numbers, picture,
                    row.note.empty() ? "" : std::string(room - display_width(picture) + 1, ' '), row.note);
        }
        return out;
    }
};

std::string day_of(const std::optional<Time>& time) {
    return time ? format_rfc3339(*time).substr(0, 10) : "-";
}

std::string overview(const store::Stats& stats, std::size_t width) {
    const auto line = [&](const char* name, const std::string& value) {
        return width == 0 ? fmt::format("{}\t{}\n", name, value) : fmt::format("{:<12} {}\n", name, value);
    };
    auto out = line("sources",
                    fmt::format("{} ({} active, {} failing, {} warning, {} without an article for 30 days)",
                                stats.sources, stats.active_sources, stats.failing_sources,
                                stats.warning_sources, stats.silent_sources));
    out += line(
        "articles",
        fmt::format("{} (found: {} in 24 h, {} in 7 d, {} in 30 d), {} nearly the same as an earlier one",
                    stats.articles, stats.articles_24h, stats.articles_7d, stats.articles_30d,
                    stats.near_duplicates));
    out += line("published", fmt::format("{} to {}", day_of(stats.oldest), day_of(stats.newest)));
    out += line("last found", format_rfc3339(stats.last_discovered).value_or("-"));
    out += line("database", size_text(stats.database_bytes));
    std::vector<long> days;
    for (const auto& day : stats.per_day) days.push_back(day.articles);
    if (width > 0 && !days.empty())
        out += line("30 days",
                    fmt::format("{}  {} a day at most", sparkline(days), *std::ranges::max_element(days)));
    return out;
}

// The largest ones; a pipe gets all.
template <class Rows>
std::size_t shown(const Rows& rows, std::size_t width) {
    return width == 0 ? rows.size() : std::min<std::size_t>(rows.size(), 15);
}
void add_rest(Bars& bars, std::size_t rest) {
    if (rest > 0) bars.rows.push_back({fmt::format("and {} more", rest), "", 0, ""});
}

std::string to_text(const store::Stats& stats, std::size_t width) {
    auto out = overview(stats, width);
    if (width == 0) {
        Bars days{"DAY\tARTICLES", {}};
        for (const auto& day : stats.per_day)
            days.rows.push_back({day.day, std::to_string(day.articles), day.articles, ""});
        out += days.render(width);
    }
    Bars sources{width == 0 ? "SOURCE\tARTICLES\tNEWEST" : "articles by source", {}};
    for (std::size_t i = 0; i < shown(stats.per_source, width); ++i) {
        const auto& source = stats.per_source[i];
        sources.rows.push_back({printable(source.identifier), std::to_string(source.articles),
                                source.articles, day_of(source.newest)});
    }
    add_rest(sources, stats.per_source.size() - shown(stats.per_source, width));
    out += sources.render(width);
    Bars types{width == 0 ? "TYPE\tINDICATORS\tMARKED" : "indicators by type", {}};
    for (std::size_t i = 0; i < shown(stats.per_type, width); ++i) {
        const auto& type = stats.per_type[i];
        const auto note = width == 0         ? std::to_string(type.marked)
                          : type.marked == 0 ? ""
                                             : fmt::format("{} marked", type.marked);
        types.rows.push_back({type.type, std::to_string(type.indicators), type.indicators, note});
    }
    add_rest(types, stats.per_type.size() - shown(stats.per_type, width));
    if (!types.rows.empty()) out += types.render(width);
    Bars tables{width == 0 ? "TABLE\tBYTES" : "storage", {}};
    const std::size_t largest =
        width == 0 ? stats.per_table.size() : std::min<std::size_t>(stats.per_table.size(), 6);
    for (std::size_t i = 0; i < largest; ++i) {
        const auto& [table, bytes] = stats.per_table[i];
        tables.rows.push_back({table, width == 0 ? std::to_string(bytes) : size_text(bytes), bytes, ""});
    }
    return out + tables.render(width);
}

ExitCode run_stats(Context& context, const std::string& format) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    const auto stats = store::read_stats(tx, db::read_schema(tx));
    io::Out out("-");
    if (out.write(format == "json" ? monitor::stats_json(stats) : to_text(stats, stdout_width())))
        out.close();
    return ExitCode::ok;
}
}

Action setup_stats(Options& app) {
    auto format = std::make_shared<std::string>("table");
    app.footer(R"(Examples:
  cti stats                           sources, articles, indicators, storage
  cti stats --format json | jq .articles
  cti stats --format json | jq -r '.by_day[] | [.day, .articles] | @tsv')");
    app.add_option("--format", *format, "table or json")
        .one_of({"table", "json"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Output");
    return [format](Context& context) { return run_stats(context, *format); };
}
}
