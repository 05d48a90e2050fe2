#include "cli/monitor_run.hpp"

#include "cli/database.hpp"
#include "cli/monitor_jobs.hpp"
#include "cli/options/webhook_options.hpp"
#include "cli/options/worker_options.hpp"
#include "cli/signals.hpp"
#include "core/base/log.hpp"
#include "core/monitor/http_server.hpp"
#include "core/monitor/loop.hpp"
#include "core/monitor/notifier.hpp"
#include "core/monitor/observer.hpp"
#include "core/monitor/watchdog.hpp"
#include "core/ops/secrets_file.hpp"
#include "core/ops/sources/source_files.hpp"

#include <fmt/format.h>
#include <memory>
#include <random>

namespace cti::cli {
namespace {
using namespace std::chrono_literals;
using monitor::Plan;

constexpr auto k_drain = 4s; // for jobs in hand: a monitor ends within 10 s
constexpr const char* k_default_cron = "0 */3 * * *";

Plan to_plan(const MonitorOptions& options) {
    Plan plan;
    plan.interval = std::chrono::seconds{options.interval_s};
    const bool has_interval = options.interval_option->is_given();
    if (!options.collect_schedule.empty() && (has_interval || !options.schedule.empty()))
        throw Error{ExitCode::usage, "--collect-schedule stands alone: it says when the rounds are",
                    "Leave out --interval and --schedule."};
    if (options.schedule == "due") {
        plan.mode = Plan::Mode::due;
    } else if (options.schedule == "interval" || has_interval) {
        plan.mode = Plan::Mode::interval;
    } else {
        plan.mode = Plan::Mode::cron;
        plan.cron = Cron(options.collect_schedule.empty() ? k_default_cron : options.collect_schedule,
                         options.time_zone);
    }
    return plan;
}

monitor::LoopSettings to_loop_settings(const MonitorOptions& options) {
    monitor::LoopSettings settings;
    settings.plan = to_plan(options);
    settings.sets_collect = !options.collect_schedule.empty();
    settings.sets_housekeeping = options.housekeeping_option->is_given();
    if (options.housekeeping_schedule != "none")
        settings.housekeeping = Cron(options.housekeeping_schedule, options.time_zone);
    settings.retention.checks = settings.retention.runs = settings.retention.notifications =
        std::chrono::days{options.keep_days};
    return settings;
}

// The file's sources as `cti init` brings them; the secrets are read again when the database is connected.
void bring_sources(const Context& context) {
    if (context.sources_config.empty()) return;
    const auto environment = make_environment(context);
    const auto specs = ops::read_configured_sources(environment, context.sources_config);
    if (!specs) return;
    auto database = environment.connect();
    sources::Difference difference;
    db::with_retry(database, [&](db::Transaction& tx) {
        const auto schema = db::read_schema(tx);
        difference = ops::apply_sources(
            tx, schema, ops::leave_to_operators(tx, schema, *specs, sources::ScheduleFrom::database),
            sources::ActiveFrom::database);
    });
    log::notice("{}: {} added, {} changed", context.sources_config, difference.added.size(),
                difference.changed.size());
}

// The parts live in the order in which they need each other.
class Monitor {
public:
    Monitor(Context& context, const MonitorOptions& options)
        : m_context(context), m_options(options), m_settings(to_loop_settings(options)),
          m_state(first_view(), &m_threads),
          m_intelligence(ops::make_intelligence(options.collecting.settings.intelligence)),
          m_secrets(ops::read_secrets(options.collecting.settings.secrets_file)) {}

    ExitCode run() {
        m_webhook = find_webhook(m_options.webhook, m_options.collecting.settings.fetch.allow_private,
                                 m_options.collecting.settings.proxy);
        install_reload_handler();
        start_threads();
        monitor::Loop loop(m_settings, environment(), m_state);
        log::notice("collecting {}{}", m_settings.plan.in_words(),
                    m_server ? "; status on " + m_server->url() : "");
        loop.run();
        m_jobs.reset();
        m_notifier.reset();
        log::notice("stopped");
        return stopped_or(ExitCode::ok);
    }

    ExitCode run_once() {
        auto database = connect();
        std::optional<db::Schema> schema;
        {
            db::Transaction tx(database, db::Access::read_only);
            schema = db::read_schema(tx);
        }
        const auto report = collect(database, *schema, 0s);
        if (report.results.empty() && report.not_begun == 0) log::notice("no source is due");
        return stopped_or(ExitCode::ok);
    }

private:
    monitor::LoopView first_view() const {
        monitor::LoopView view;
        view.started_at = view.heartbeat = steady_time();
        return view;
    }

    db::Database connect() {
        auto policy = outage_policy(m_options.collecting);
        // The heart beats while the database is waited for.
        policy.is_stopped = [this] {
            m_state.beat(steady_time());
            return stop_signal() != 0;
        };
        return open_database(m_context, {}, std::move(policy));
    }

    collect::Report collect(db::Database& database, const db::Schema& schema, std::chrono::seconds early) {
        auto options = ops::to_collect_options(m_options.collecting.settings, m_intelligence, &stop_signal());
        options.index_now = true; // There is time until the next round.
        options.check.secrets = m_secrets;
        options.selection.any_due = true;
        options.selection.early = early;
        options.max_time = std::chrono::seconds{m_options.cycle_limit_s};
        auto report = collect_in_view(database, schema, std::move(options));
        summarise(report);
        return report;
    }

    collect::Report collect_in_view(db::Database& database, const db::Schema& schema,
                                    collect::Options options) {
        CollectView view(m_context, [this] { m_state.beat(steady_time()); });
        auto observer = view.observer();
        observer.threads = &m_threads;
        return ops::run_collection(database, schema, std::move(options), observer, current_time());
    }

    monitor::LoopEnvironment environment() {
        monitor::LoopEnvironment environment;
        environment.now = current_time;
        environment.steady = steady_time;
        environment.wait = wait_for_signal;
        environment.is_stopped = [this] {
            if (stop_signal() != 0 && m_jobs) m_jobs->stop();
            return stop_signal() != 0;
        };
        environment.reload = [this]() -> std::optional<monitor::LoopSettings> {
            if (!consume_reload_signal()) return std::nullopt;
            m_intelligence = ops::make_intelligence(m_options.collecting.settings.intelligence);
            m_secrets = ops::read_secrets(m_options.collecting.settings.secrets_file);
            bring_sources(m_context);
            return m_settings;
        };
        environment.connect = [this] { return connect(); };
        environment.collect = [this](db::Database& database, const db::Schema& schema,
                                     std::chrono::seconds early) { return collect(database, schema, early); };
        environment.round_ended = [this] { m_observer->poke(); };
        environment.jitter = [random = std::minstd_rand{std::random_device{}()}]() mutable {
            return std::uniform_real_distribution<double>(0, 1)(random);
        };
        return environment;
    }

    void start_threads() {
        const SignalsForMainThread guard;
        m_observer = start_observer(m_context, m_threads);
        if (m_options.status.listen != "none") start_server();
        start_notifier();
        start_jobs();
        monitor::WatchdogSettings watching;
        watching.longest_round = std::chrono::seconds{m_options.cycle_limit_s} + 2min;
        watching.loop = &m_state;
        m_watchdog = watch_threads(m_threads, std::move(watching));
    }

    // Another monitor of this machine may have the default address: this one collects all the same.
    void start_server() {
        try {
            m_server = start_status_server(m_options.status, {m_context, *m_observer, m_state, m_threads});
        } catch (const Error& error) {
            if (m_options.status.listen_option->is_given() || error.code() == ExitCode::usage) throw;
            log::warning("{}; this monitor has no status server", error.what());
            log::hint(error.hint());
        }
    }

    void start_jobs() {
        if (m_options.workers == 0) return;
        auto settings = make_worker_settings(m_context, m_options.collecting, m_options.resources);
        settings.concurrency = m_options.workers;
        settings.drain = k_drain;
        settings.tools.webhook = m_webhook;
        settings.connect = [this] { return open_database(m_context, "jobs"); };
        settings.threads = &m_threads;
        m_jobs = std::make_unique<MonitorJobs>(std::move(settings));
    }

    void start_notifier() {
        if (m_webhook.url.empty()) return;
        monitor::NotifierSettings settings;
        settings.webhook = m_webhook;
        settings.failures = m_options.webhook_failures;
        settings.min_score = m_options.webhook_min_score;
        settings.stale_after = std::chrono::seconds{m_options.webhook_stale_s};
        settings.connect = [this] { return open_database(m_context, "notifier"); };
        settings.threads = &m_threads;
        m_notifier = std::make_unique<monitor::Notifier>(std::move(settings), *m_observer);
    }

    Context& m_context;
    const MonitorOptions& m_options;
    monitor::LoopSettings m_settings;
    ThreadBoard m_threads;
    monitor::LoopState m_state;
    std::shared_ptr<const pipeline::Intelligence> m_intelligence; // read once, and again at SIGHUP
    std::shared_ptr<const sources::Secrets> m_secrets;            // as well
    net::Webhook m_webhook;
    std::unique_ptr<monitor::Observer> m_observer;
    std::unique_ptr<monitor::HttpServer> m_server;
    std::unique_ptr<monitor::Notifier> m_notifier;
    std::unique_ptr<MonitorJobs> m_jobs;
    std::unique_ptr<monitor::Watchdog> m_watchdog;
};
}

ExitCode run_monitor(Context& context, const MonitorOptions& options) {
    Monitor monitor(context, options);
    return options.once ? monitor.run_once() : monitor.run();
}
}
