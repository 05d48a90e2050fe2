#include "core/monitor/page.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/monitor/health.hpp"
#include "core/monitor/page_html.hpp"
#include "core/monitor/page_jobs.hpp"
#include "core/monitor/page_sources.hpp"
#include "core/sources/source_json.hpp"
#include "core/work/job_json.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>

namespace cti::monitor {
namespace {

constexpr std::size_t k_max_runs = 5; // the others are in the JSON

class Page {
public:
    explicit Page(const State& state)
        : m_state(state), m_snapshot(*state.snapshot),
          m_health(assess_health(m_snapshot, state.loop, state.threads, state.now.steady)),
          m_server_now(m_snapshot.fast ? server_time_at(*m_snapshot.fast, state.now.steady)
                                       : state.now.wall) {}

    std::string operator()() {
        put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta http-equiv=\"refresh\" content=\"30\">\n<title>cti: {}</title>\n<link rel=\"stylesheet\" href=\"/style.css\">\n<link rel=\"icon\" href=\"data:,\">\n"
            "</head>\n<body>\n",
            status_word(m_health.level));
        write_head();
        write_facts();
        write_articles();
        m_out += render_sources(m_snapshot, m_state.source_filter, m_server_now);
        write_days();
        write_runs();
        m_out += render_jobs(m_snapshot, m_server_now);
        write_footer();
        return std::move(m_out);
    }

private:
    template <class... Args>
    void put(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(m_out), format, std::forward<Args>(args)...);
    }

    void write_head() {
        put("<header><h1>cti <small>{2}</small></h1>\n<p class=\"status {0}\"><strong>{0}</strong>{1}</p></header>\n<main>\n",
            status_word(m_health.level),
            m_health.reason.empty() ? std::string() : ": " + safe_html(m_health.reason),
            safe_html(version()));
        for (const auto& check : m_health.checks)
            if (!check.output.empty() && check.output != m_health.reason)
                put("<p class=\"also {}\">{}</p>\n", name_of(check.level), safe_html(check.output));
    }

    void fact(std::string_view name, const std::string& html) {
        put("<div><dt>{}</dt><dd>{}</dd></div>\n", name, html);
    }

    std::string own(const std::optional<SteadyTime>& moment) const {
        return time_html(date_of(moment, m_state.now), m_state.now.wall);
    }

    void write_facts() {
        const auto& loop = m_state.loop;
        put("<dl>\n");
        fact("Database", is_database_up(m_snapshot, m_state.now.steady)
                             ? fmt::format("connected, {:.1f} ms", m_snapshot.response_s * 1000)
                             : std::string("not connected"));
        if (m_snapshot.fast) fact("Sources", std::to_string(m_snapshot.fast->sources.size()));
        if (m_snapshot.slow) {
            const auto& contents = m_snapshot.slow->contents;
            long today = 0;
            for (const auto& [id, count] : contents.last_24h) today += count;
            fact("Articles", fmt::format("{}{}, {} new in the last 24 h",
                                         contents.is_estimate ? "about " : "", contents.articles, today));
        }
        fact("Collects", loop.collects ? safe_html(loop.schedule) : "not this process");
        if (loop.collects) write_rounds();
        if (m_snapshot.fast && m_snapshot.fast->living_leases > 0)
            fact("In hand", fmt::format("{} sources", m_snapshot.fast->living_leases));
        put("</dl>\n");
    }

    void write_rounds() {
        const auto& loop = m_state.loop;
        fact("Last round",
             loop.round_began ? "under way since " + own(loop.round_began) : own(loop.last_round));
        fact("Next round", time_html(next_round_of(loop, m_state.now), m_state.now.wall));
    }

    // Text browsers show what stands inside of an SVG, so the numbers are in a table beside it.
    void write_days() {
        if (!m_snapshot.slow || m_snapshot.slow->contents.by_day.empty()) return;
        const auto& days = m_snapshot.slow->contents.by_day;
        constexpr int width = 20, height = 60;
        const auto most =
            std::max(1L, std::ranges::max(days, {}, &std::pair<std::string, long>::second).second);
        put("<h2>Articles per day</h2>\n<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"Articles per day, {} at most\">",
            width * static_cast<int>(days.size()), height, most);
        for (std::size_t i = 0; i < days.size(); ++i) {
            const auto bar = std::max(1L, days[i].second * (height - 2) / most);
            put("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>", static_cast<int>(i) * width + 2,
                height - bar, width - 4, bar);
        }
        put("</svg>\n<details><summary>The numbers, {} to {} (UTC)</summary><table><tr><th>Day</th><th class=\"n\">Articles</th></tr>\n",
            days.front().first, days.back().first);
        for (const auto& [day, count] : days)
            put("<tr><td>{}</td><td class=\"n\">{}</td></tr>\n", safe_html(day), count);
        put("</table></details>\n");
    }

    void write_runs() {
        if (!m_snapshot.fast || m_snapshot.fast->runs.empty()) return;
        put("<h2>Last runs</h2>\n<table class=\"cards\">\n<tr><th>Ended</th><th>What</th><th>Result</th><th class=\"n\">Took</th><th class=\"n\">Sources</th><th class=\"n\">Failed</th><th class=\"n\">New</th><th>By</th></tr>\n");
        for (const auto& run :
             std::span(m_snapshot.fast->runs).first(std::min(k_max_runs, m_snapshot.fast->runs.size())))
            put("<tr><td data-name=\"Ended\">{}</td><td data-name=\"What\">{}</td><td data-name=\"Result\">{}</td><td data-name=\"Took\" class=\"n\">{}</td><td data-name=\"Sources\" class=\"n\">{}</td>"
                "<td data-name=\"Failed\" class=\"n\">{}</td><td data-name=\"New\" class=\"n\">{}</td><td data-name=\"By\">{}</td></tr>\n",
                time_html(run.finished_at, m_server_now), safe_html(run.command), safe_html(run.result),
                format_duration(run.finished_at - run.started_at), run.sources, run.failed, run.inserted,
                safe_html(run.owner));
        put("</table>\n");
    }

    // The name of an article's source, as a link to its site where that is known.
    std::string source_of(const store::NewArticle& article) const {
        auto name = safe_html(article.source);
        if (!m_snapshot.fast) return name;
        const auto& all = m_snapshot.fast->sources;
        const auto found = std::ranges::find(
            all, article.source, [](const SourceStatus& status) { return status.source.identifier; });
        return found == all.end() ? name : link_html(found->source.url, name);
    }

    void write_articles() {
        if (!m_snapshot.slow || m_snapshot.slow->contents.newest.empty()) return;
        put("<h2>Newest articles</h2>\n<ul>\n");
        for (const auto& article : m_snapshot.slow->contents.newest) {
            put("<li>{} <small>", link_html(article.url, safe_html(article.title)));
            if (article.published_at) put("{}, ", time_html(article.published_at, m_server_now));
            put("{}{}</small></li>\n", source_of(article),
                article.score ? fmt::format(", score {:.1f}", *article.score) : "");
        }
        put("</ul>\n");
    }

    void write_footer() {
        put("</main>\n<footer><nav>For machines: <a href=\"/?format=json\">this page</a>\n<a href=\"/health\">health</a>\n"
            "<a href=\"/metrics\">metrics</a>\n<a href=\"/api/sources\">sources</a>\n<a href=\"/api/stats\">stats</a>\n<a href=\"/jobs/\">jobs</a>\n"
            "<a href=\"/version\">version</a></nav>\n<p>cti {} ({}), {}</p></footer>\n</body>\n</html>\n",
            safe_html(version()), safe_html(revision()), format_rfc3339(m_state.now.wall));
    }

    const State& m_state;
    const Snapshot& m_snapshot;
    Health m_health;
    Time m_server_now; // for the moments that the database wrote
    std::string m_out;
};

void write_source_list(JsonWriter& json, const Snapshot& snapshot) {
    json.key("sources").begin_array();
    if (snapshot.fast)
        for (const auto* status : by_urgency(snapshot.fast->sources)) {
            json.begin_object();
            sources::write_source(json, status->source, status->next_check);
            json.member("articles_24h", articles_of(snapshot, status->source.id));
            json.member_or_null("last_error", status->last_error);
            json.member_or_null("wait_reason", status->wait_reason);
            json.member_or_null("disabled_reason", status->disabled_reason);
            json.end_object();
        }
    json.end_array();
}

void write_run_list(JsonWriter& json, const Snapshot& snapshot) {
    json.key("runs").begin_array();
    if (snapshot.fast)
        for (const auto& run : snapshot.fast->runs) {
            json.begin_object()
                .member("id", run.id)
                .member("command", run.command)
                .member("owner", run.owner)
                .member("result", run.result);
            json.member("started_at", format_rfc3339(run.started_at))
                .member("finished_at", format_rfc3339(run.finished_at))
                .member("sources", run.sources);
            json.member("not_modified", run.not_modified)
                .member("failed", run.failed)
                .member("entries", run.entries)
                .member("new", run.inserted);
            json.member("updated", run.updated).member("bytes", run.bytes).end_object();
        }
    json.end_array();
}

void write_queue(JsonWriter& json, const Snapshot& snapshot) {
    json.key("queue");
    if (snapshot.jobs)
        json.raw(trim(work::to_json(snapshot.jobs->counts, snapshot.jobs->workers)));
    else
        json.null();
}

void write_contents(JsonWriter& json, const Snapshot& snapshot) {
    json.key("articles").begin_array();
    if (snapshot.slow)
        for (const auto& article : snapshot.slow->contents.newest)
            json.begin_object()
                .member("id", article.id)
                .member("source", article.source)
                .member("title", article.title)
                .member("url", article.url)
                .member("published_at", format_rfc3339(article.published_at))
                .member("score", article.score)
                .end_object();
    json.end_array().key("articles_by_day").begin_array();
    if (snapshot.slow)
        for (const auto& [day, count] : snapshot.slow->contents.by_day)
            json.begin_object().member("day", day).member("articles", count).end_object();
    json.end_array();
}
}

std::string render_page(const State& state) { return Page(state)(); }

std::string overview_json(const State& state) {
    const auto health = assess_health(*state.snapshot, state.loop, state.threads, state.now.steady);
    std::string out;
    JsonWriter json(out, 2);
    json.begin_object()
        .member("status", status_word(health.level))
        .member("timestamp", format_rfc3339(state.now.wall));
    json.member_or_null("reason", health.reason);
    json.member("version", version())
        .member("schedule", state.loop.schedule)
        .member("last_round", format_rfc3339(date_of(state.loop.last_round, state.now)));
    json.member("next_round", format_rfc3339(next_round_of(state.loop, state.now)));
    write_source_list(json, *state.snapshot);
    write_run_list(json, *state.snapshot);
    write_contents(json, *state.snapshot);
    write_queue(json, *state.snapshot);
    json.end_object();
    return out + '\n';
}

std::string_view style_sheet() {
    return R"css(:root { color-scheme: light dark; --good: #1a7f37; --warn: #9a6700; --bad: #cf222e; --line: #8884; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 0 1rem 2rem; overflow-wrap: anywhere; }
h1 { margin: 1rem 0 .5rem; } h2 { margin: 2rem 0 .5rem; }
.status { border-left: .5rem solid; font-size: 1.25rem; margin: 0; padding: .25rem .75rem; }
.healthy, .ok, .pass { color: var(--good); } .degraded, .warning, .warn { color: var(--warn); } .unhealthy, .failing, .fail { color: var(--bad); }
dl { display: grid; gap: .5rem 1rem; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
dt, th, small, footer { color: #777; font-size: .875rem; font-weight: normal; } dd { margin: 0; }
svg { display: block; max-width: 40rem; width: 100%; } rect { fill: #0969da; }
table { border-collapse: collapse; width: 100%; } th, td { border-bottom: 1px solid var(--line); padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; }
code { color: #777; font-size: .875rem; } ul { padding-left: 1.25rem; } footer { margin-top: 2rem; }
.n { text-align: right; } .n, .state, time { white-space: nowrap; } th { white-space: nowrap; } nav a { margin-right: .75rem; white-space: nowrap; } [aria-current] { font-weight: bold; text-decoration: none; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --warn: #d29922; --bad: #f85149; } dt, th, small, footer, code { color: #999; } rect { fill: #4493f8; } a { color: #4493f8; } }
@media (max-width: 40rem) {
  .cards tr:first-child { display: none; } .cards, .cards tbody { display: block; } .cards tr { border-bottom: 1px solid var(--line); display: block; padding: .5rem 0; }
  .cards td { border: 0; display: block; padding: 0; text-align: left; } .cards td:empty { display: none; } .cards td + td::before { color: #777; content: attr(data-name) ": "; }
}
)css";
}
}
