#include "core/monitor/page_sources.hpp"

#include "core/base/text.hpp"
#include "core/monitor/page_html.hpp"
#include "core/sources/source_json.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cti::monitor {
namespace {

// So many rows, the rest of the page beside them, stay below three screens of a tablet.
constexpr std::size_t k_max_folded = 6;

// What the page calls a state, and what `sources list` does.
struct Filter {
    std::string_view name, health;
};
constexpr std::array k_filters{Filter{"failing", "failing"},   Filter{"warning", "warning"},
                               Filter{"never", "never"},       Filter{"healthy", "ok"},
                               Filter{"disabled", "disabled"}, Filter{"all", ""}};

// By the place in the table above.
int rank_of(std::string_view health) {
    return static_cast<int>(std::ranges::find(k_filters, health, &Filter::health) - k_filters.begin());
}

bool needs_a_look(const SourceStatus& status) {
    const auto health = sources::health_of(status.source);
    return health == "failing" || health == "warning";
}

bool is_shown(const SourceStatus& status, std::string_view state) {
    if (state.empty()) return needs_a_look(status);
    const auto* const filter = std::ranges::find(k_filters, state, &Filter::name);
    return filter->health.empty() || sources::health_of(status.source) == filter->health;
}

const std::string& trouble_of(const SourceStatus& status) {
    return !status.disabled_reason.empty() ? status.disabled_reason
           : !status.last_error.empty()    ? status.last_error
                                           : status.wait_reason;
}

std::string filter_link(const Filter& filter, std::string_view state, const std::vector<SourceStatus>& all) {
    const auto count =
        std::ranges::count_if(all, [&](const SourceStatus& status) { return is_shown(status, filter.name); });
    return fmt::format("<a href=\"/?state={0}#sources\"{1}>{0} {2}</a>", filter.name,
                       filter.name == state ? " aria-current=\"page\"" : "", count);
}

std::string filter_bar(const std::vector<SourceStatus>& all, std::string_view state) {
    std::vector<std::string> links;
    for (const auto& filter : k_filters) links.push_back(filter_link(filter, state, all));
    return "<nav class=\"filter\">" + join(links, "\n") + "</nav>\n";
}

std::string source_row(const SourceStatus& status, long articles, Time now) {
    const auto& source = status.source;
    const auto health = sources::health_of(source);
    auto row = fmt::format("<tr><td data-name=\"Source\">{} <code>{}</code>",
                           link_html(source.url, safe_html(source.name)), safe_html(source.identifier));
    if (source.rss_url && !source.rss_url->empty())
        if (const auto feed = link_html(*source.rss_url, "feed"); feed != "feed") row += " " + feed;
    row += fmt::format(
        "</td><td data-name=\"Health\" class=\"state {0}\">{0}</td><td data-name=\"24 h\" class=\"n\">{1}</td>",
        health, articles);
    row += fmt::format("<td data-name=\"Last success\">{}</td><td data-name=\"Next check\">{}</td>",
                       time_html(source.last_success, now), time_html(status.next_check, now));
    return row + fmt::format("<td data-name=\"Last error\">{}</td></tr>\n", safe_html(trouble_of(status)));
}

std::string source_table(const Snapshot& snapshot, const std::vector<const SourceStatus*>& shown,
                         std::size_t max_rows, Time now) {
    std::string out = "<table class=\"cards\">\n<tr><th>Source</th><th>Health</th><th class=\"n\">24 h</th>"
                      "<th>Last success</th><th>Next check</th><th>Last error</th></tr>\n";
    for (std::size_t i = 0; i < std::min(max_rows, shown.size()); ++i)
        out += source_row(*shown[i], articles_of(snapshot, shown[i]->source.id), now);
    return out + "</table>\n";
}
}

bool is_source_filter(std::string_view state) {
    return state.empty() || std::ranges::find(k_filters, state, &Filter::name) != k_filters.end();
}

std::string source_filters() {
    std::vector<std::string> names;
    for (const auto& filter : k_filters) names.emplace_back(filter.name);
    return join(names, ", ");
}

std::vector<const SourceStatus*> by_urgency(const std::vector<SourceStatus>& sources) {
    std::vector<const SourceStatus*> sorted;
    for (const auto& status : sources) sorted.push_back(&status);
    std::ranges::stable_sort(
        sorted, {}, [](const SourceStatus* status) { return rank_of(sources::health_of(status->source)); });
    return sorted;
}

long articles_of(const Snapshot& snapshot, int source_id) {
    if (!snapshot.slow) return 0;
    const auto& counts = snapshot.slow->contents.last_24h;
    const auto found = counts.find(source_id);
    return found == counts.end() ? 0 : found->second;
}

std::string render_sources(const Snapshot& snapshot, std::string_view state, Time now) {
    std::string out = "<h2 id=\"sources\">Sources</h2>\n";
    if (!snapshot.fast) return out + "<p>Not read yet.</p>\n";
    const auto& all = snapshot.fast->sources;
    if (all.empty()) return out + "<p>There is none yet: <code>cti init --config sources.yaml</code>.</p>\n";
    out += filter_bar(all, state);
    auto shown = by_urgency(all);
    std::erase_if(shown, [&](const SourceStatus* status) { return !is_shown(*status, state); });
    if (shown.empty()) return out + (state.empty() ? "<p>None fails.</p>\n" : "<p>There is none.</p>\n");
    const auto max_rows = state.empty() ? k_max_folded : shown.size();
    out += source_table(snapshot, shown, max_rows, now);
    if (shown.size() > max_rows)
        out += fmt::format("<p>{} more are <a href=\"/?state=failing#sources\">failing</a> or in "
                           "<a href=\"/?state=warning#sources\">warning</a>.</p>\n",
                           shown.size() - max_rows);
    return out;
}
}
