#include "cli/database.hpp"
#include "cli/out.hpp"
#include "cli/output.hpp"
#include "core/monitor/stats_json.hpp"
#include "core/store/articles.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <memory>

namespace cti::cli {
namespace {

std::string to_text(const store::Stats& stats, const Context& context) {
    std::string out = fmt::format("sources\t{} ({} active, {} failing)\n", stats.sources, stats.active_sources, stats.failing_sources);
    out += fmt::format("articles\t{} ({} in 24 h, {} in 7 d, {} in 30 d)\n", stats.articles, stats.articles_24h, stats.articles_7d, stats.articles_30d);
    out += fmt::format("published\t{} to {}\n", format_rfc3339(stats.oldest).value_or("-"), format_rfc3339(stats.newest).value_or("-"));
    out += fmt::format("database\t{:.1f} MiB\n\n", static_cast<double>(stats.database_bytes) / 1048576.0);
    Table table({"SOURCE", "ARTICLES", "NEWEST"});
    for (const auto& source : stats.per_source) table.add({source.identifier, std::to_string(source.articles), format_rfc3339(source.newest).value_or("-")});
    return out + table.render(context);
}

ExitCode run_stats(Context& context, const std::string& format) {
    auto database = open_database(context);
    store::Transaction tx(database, store::Access::read_only);
    const auto stats = store::read_stats(tx, store::read_schema(tx));
    Out out("-");
    if (out.write(format == "json" ? monitor::stats_json(stats) : to_text(stats, context))) out.close();
    return ExitCode::ok;
}
}

Action setup_stats(CLI::App& app) {
    auto format = std::make_shared<std::string>("table");
    app.footer(R"(Examples:
  cti stats                                  sources, articles, freshness
  cti stats --format json | jq .articles)");
    app.add_option("--format", *format, "table or json")->check(CLI::IsMember({"table", "json"}))->type_name("FORMAT")->capture_default_str()->group("Output");
    return [format](Context& context) { return run_stats(context, *format); };
}
}
