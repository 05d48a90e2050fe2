#include "cli/monitor_run.hpp"
#include "cli/options/options.hpp"
#include "cli/options/webhook_options.hpp"
#include "cli/options/worker_options.hpp"

#include <memory>

namespace cti::cli {
namespace {

constexpr const char* k_monitor_examples = R"(Examples:
  cti monitor                          every three hours, for ever
  cti monitor --interval 300           look for due sources every five minutes
  cti monitor --schedule due           when a source is due
  cti monitor --collect-schedule '0 6-18 * * MON-FRI' --tz Europe/Berlin
  cti monitor --once                   one round, then end

It also does jobs, see 'cti jobs', and keeps the schedules 'collect' and
'housekeeping' of 'cti schedules', which its options change.
Signals: SIGTERM ends it within 10 s, SIGHUP reads the sources file of
--config and the secrets again. Any number may run on one database.)";

void add_schedule_options(Options& app, MonitorOptions& options) {
    const auto group = "Schedule";
    options.interval_option =
        app.add_option("--interval", options.interval_s, "Seconds between two looks for due sources (300)")
            .between(1, 86400)
            .seconds()
            .envname("CTI_INTERVAL")
            .group(group);
    app.add_option("--schedule", options.schedule, "interval, or due: whenever a source is due")
        .one_of({"interval", "due"})
        .type_name("MODE")
        .envname("CTI_SCHEDULE")
        .group(group);
    app.add_option("--collect-schedule", options.collect_schedule,
                   "Cron expression; else as the schedule 'collect' says")
        .type_name("CRON")
        .envname("CTI_COLLECT_SCHEDULE")
        .group(group);
    options.housekeeping_option =
        app.add_option("--housekeeping-schedule", options.housekeeping_schedule,
                       "When old rows are removed; none: never; else as the schedule says")
            .type_name("CRON")
            .envname("CTI_HOUSEKEEPING_SCHEDULE")
            .group(group);
    app.add_option("--tz", options.time_zone, "Time zone of the schedules")
        .type_name("ZONE")
        .envname("CTI_TZ")
        .capture_default_str()
        .group(group);
    app.add_option("--cycle-limit", options.cycle_limit_s, "Seconds after which a round is ended")
        .between(10, 86400)
        .seconds()
        .envname("CTI_CYCLE_LIMIT")
        .capture_default_str()
        .group(group);
    app.add_option("--keep-days", options.keep_days, "Days that checks and runs are kept")
        .between(1, 3650)
        .type_name("N")
        .envname("CTI_KEEP_DAYS")
        .capture_default_str()
        .group(group);
    app.add_flag("--once", options.once, "One round, then end").group(group);
}

void add_job_options(Options& app, MonitorOptions& options) {
    app.add_option("--workers", options.workers, "Jobs at the same time beside the rounds; 0: none")
        .between(0, 64)
        .type_name("N")
        .envname("CTI_JOB_WORKERS")
        .capture_default_str()
        .group("Jobs");
    add_resource_options(app, options.resources);
}

void add_notification_options(Options& app, MonitorOptions& options) {
    const auto group = "Notifications";
    add_webhook_option(app, options.webhook, "Post events as JSON there (or CTI_WEBHOOK_FILE)").group(group);
    app.add_option("--webhook-failures", options.webhook_failures,
                   "Failures in a row until a source is reported")
        .between(1, 1000)
        .type_name("N")
        .envname("CTI_WEBHOOK_FAILURES")
        .capture_default_str()
        .group(group);
    app.add_option("--webhook-min-score", options.webhook_min_score,
                   "Report new articles with this hunt score or more")
        .type_name("SCORE")
        .envname("CTI_WEBHOOK_MIN_SCORE")
        .group(group);
    app.add_option("--webhook-stale", options.webhook_stale_s,
                   "Seconds without a successful round until it is reported")
        .between(1, 31536000)
        .seconds()
        .envname("CTI_WEBHOOK_STALE")
        .capture_default_str()
        .group(group);
}
}

Action setup_monitor(Options& app) {
    auto options = std::make_shared<MonitorOptions>();
    app.footer(k_monitor_examples);
    add_schedule_options(app, *options);
    add_status_options(app, options->status);
    add_notification_options(app, *options);
    add_job_options(app, *options);
    add_collect_options(app, options->collecting, "--text-workers");
    return [options](Context& context) { return run_monitor(context, *options); };
}
}
