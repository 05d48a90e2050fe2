#include "core/ops/collect_sources.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/ops/run_row.hpp"
#include "core/ops/secrets_file.hpp"
#include "core/ops/sources/named_sources.hpp"
#include "core/sources/config_review.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <thread>
#include <utility>

namespace cti::ops {
namespace {

// Each line of the log of this run bears its id.
class RunInLog {
public:
    explicit RunInLog(const std::string& id) { log::set_run(id); }
    ~RunInLog() { log::set_run(""); }
    RunInLog(const RunInLog&) = delete;
    RunInLog& operator=(const RunInLog&) = delete;
};

// More than eight would wait for the database, which has the same cores in most places.
int default_workers() { return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 8U)); }

std::vector<Source> choose_named(const std::vector<Source>& all, const std::vector<std::string>& names) {
    std::vector<std::string> identifiers;
    identifiers.reserve(all.size());
    for (const auto& source : all) identifiers.push_back(source.identifier);
    std::vector<Source> chosen;
    for (const auto& wanted : names) {
        const auto it = std::ranges::find(all, wanted, &Source::identifier);
        if (it == all.end()) throw unknown_source(wanted, identifiers);
        if (std::ranges::find(chosen, wanted, &Source::identifier) == chosen.end()) chosen.push_back(*it);
    }
    return chosen;
}

bool is_by_hand(const CollectOptions& options) {
    return options.force || !options.sources.empty() || !options.query.empty();
}

// The named sources, or those with the words, whatever their schedule; else all active ones with `force`;
// else those that are due.
std::vector<Source> choose(db::Transaction& tx, const db::Schema& schema, const CollectOptions& options) {
    if (!is_by_hand(options)) return store::find_due(tx, schema);
    auto chosen = store::list_sources(tx, schema);
    if (options.sources.empty())
        std::erase_if(chosen, [](const Source& source) { return !source.active; });
    else
        chosen = choose_named(chosen, options.sources);
    if (options.query.empty()) return chosen;
    std::erase_if(chosen, [&](const Source& source) { return !has_words(source, options.query); });
    if (chosen.empty())
        throw Error{ExitCode::usage, fmt::format("no source has the words '{}'", printable(options.query)),
                    "They are looked for in identifiers, names and addresses: see 'cti sources list'."};
    return chosen;
}

std::optional<std::chrono::seconds> parse_max_time(const std::string& text) {
    if (text.empty()) return {};
    if (const auto duration = parse_duration(text)) return duration;
    throw Error{ExitCode::usage, fmt::format("--max-time: '{}' is no duration", text),
                "Write 90s, 10m or 2h."};
}
}

bool has_words(const Source& source, std::string_view words) {
    const auto text = ascii_lower(fmt::format("{}\n{}\n{}\n{}", source.identifier, source.name, source.url,
                                              source.rss_url.value_or("")));
    const auto wanted = fold_space(ascii_lower(words));
    return std::ranges::all_of(split(wanted, ' '),
                               [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

collect::Report collect_sources(const Environment& environment, const CollectOptions& options,
                                const CollectObserver& observer) {
    auto database = environment.connect();
    std::optional<db::Schema> schema;
    auto collecting = to_collect_options(options.settings, make_intelligence(options.settings.intelligence),
                                         environment.stop);
    collecting.check.secrets = read_secrets(options.settings.secrets_file);
    {
        db::Transaction tx(database, db::Access::read_only);
        schema = db::read_schema(tx);
        collecting.selection.sources = choose(tx, *schema, options);
    }
    std::erase_if(collecting.selection.sources, store::is_internal);
    collecting.check.dry_run = options.dry_run;
    if (options.restore_deleted) collecting.check.deleted = store::DeletedArticles::come_back;
    collecting.check.max_new = options.max_new;
    collecting.index_now = options.index == "now";
    collecting.check.pages = collecting.check.pages && !options.dry_run;
    collecting.selection.force = is_by_hand(options);
    collecting.check.by_hand = collecting.selection.force;
    collecting.max_time = parse_max_time(options.max_time);
    return run_collection(database, *schema, std::move(collecting), observer, environment.now());
}

std::optional<collect::Outcome> test_source(const Environment& environment, const TestSourceOptions& options,
                                            const CollectObserver& observer) {
    auto database = environment.connect();
    std::optional<db::Schema> schema;
    auto collecting = to_collect_options(options.settings, nullptr, environment.stop);
    collecting.check.secrets = read_secrets(options.settings.secrets_file);
    {
        db::Transaction tx(database, db::Access::read_only);
        schema = db::read_schema(tx);
        collecting.selection.sources = {get_source(tx, *schema, options.identifier)};
    }
    const auto config_json = collecting.selection.sources.front().config_json;
    collecting.check.dry_run = collecting.check.explain = true;
    collecting.check.ignore_known = options.ignore_known;
    auto report = run_collection(database, *schema, std::move(collecting), observer, environment.now());
    if (environment.is_stopped()) return {};
    if (report.explained.empty())
        throw Error{ExitCode::check, fmt::format("source '{}' was not asked", options.identifier)};
    auto& outcome = report.explained.front();
    for (const auto& note : sources::review_config(config_json))
        if (!note.is_pattern) outcome.warnings.push_back(note.message);
    return std::move(outcome);
}

collect::Options to_collect_options(const CollectSettings& settings,
                                    std::shared_ptr<const pipeline::Intelligence> intelligence,
                                    const std::atomic<int>* stop) {
    collect::Options out;
    out.requests.jobs = settings.jobs;
    out.workers = settings.workers > 0 ? settings.workers : default_workers();
    out.requests.allow_private = settings.fetch.allow_private;
    out.requests.user_agent = user_agent_of(settings.fetch);
    out.requests.limits = limits_of(settings.fetch);
    out.requests.connections_per_host = settings.per_host;
    out.requests.host_delay = std::chrono::milliseconds{static_cast<long>(settings.host_delay_s * 1000)};
    out.requests.proxy = settings.proxy;
    out.lease.ttl = std::chrono::seconds{settings.lease_s};
    out.lease.owner = this_process();
    out.check.intelligence = std::move(intelligence);
    out.check.pages = !settings.no_pages;
    out.check.has_service_titles = settings.title_filter == "service";
    out.stop = stop;
    return out;
}

collect::Report run_collection(db::Database& database, const db::Schema& schema, collect::Options options,
                               const CollectObserver& observer, Time now) {
    if (observer.on_begin) observer.on_begin(options.selection.sources.size());
    options.observer.on_result = observer.on_result;
    options.observer.on_progress = observer.on_progress;
    options.observer.threads = observer.threads;
    options.run_id = new_run_id();
    const RunInLog run(options.run_id);
    return collect::collect(database, schema, options, now);
}
}
