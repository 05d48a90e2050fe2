#include "cli/options/options.hpp"
#include "cli/options/webhook_options.hpp"
#include "cli/options/worker_options.hpp"
#include "cli/signals.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"

#include <memory>

namespace cti::cli {
namespace {

struct WorkerCommand {
    CollectArguments collecting;
    std::vector<std::string> kinds;
    int concurrency = 2, lease_s = 60;
    std::string notify = "auto";
    JobResources resources;
    std::string webhook;
    bool until_empty = false;
};

std::vector<std::string> kind_names() {
    std::vector<std::string> names;
    for (const auto& kind : work::job_kinds()) names.emplace_back(kind.name);
    return names;
}

work::WorkerSettings to_settings(const Context& context, const WorkerCommand& command) {
    auto settings = make_worker_settings(context, command.collecting, command.resources);
    settings.tools.webhook = find_webhook(command.webhook, command.collecting.settings.fetch.allow_private,
                                          command.collecting.settings.proxy);
    settings.only = command.kinds;
    settings.concurrency = command.concurrency;
    settings.until_empty = command.until_empty;
    settings.listens = command.notify == "auto";
    settings.lease = std::chrono::seconds{command.lease_s};
    settings.heartbeat = std::max(std::chrono::seconds{1}, settings.lease / 4);
    return settings;
}

ExitCode run_worker(Context& context, const WorkerCommand& command) {
    ThreadBoard threads;
    std::unique_ptr<work::Worker> worker;
    std::unique_ptr<monitor::Watchdog> watchdog;
    {
        const SignalsForMainThread guard;
        auto settings = to_settings(context, command);
        settings.threads = &threads;
        worker = std::make_unique<work::Worker>(std::move(settings));
        watchdog = watch_threads(threads);
    }
    log::notice("taking jobs: {}", join(worker->kinds(), ", "));
    const auto report = worker->run();
    log::notice("{} done, {} failed, {} cancelled, {} back for others", report.done, report.failed,
                report.cancelled, report.put_back);
    return stopped_or(ExitCode::ok);
}
}

Action setup_worker(Options& app) {
    auto command = std::make_shared<WorkerCommand>();
    app.add_option("--concurrency", command->concurrency, "Jobs at the same time")
        .between(1, 64)
        .type_name("N")
        .envname("CTI_CONCURRENCY")
        .capture_default_str();
    app.add_option("--kinds", command->kinds, "Only jobs of these kinds")
        .one_of(kind_names())
        .type_name("KIND")
        .delimiter(',');
    add_resource_options(app, command->resources);
    add_webhook_option(app, command->webhook, "Post as JSON there how backups went (or CTI_WEBHOOK_FILE)")
        .group("Jobs");
    app.add_option("--notify", command->notify,
                   "auto: be told of new jobs, where no pooler stands in between; off: look each second")
        .one_of({"auto", "off"})
        .type_name("HOW")
        .capture_default_str();
    app.add_flag("--until-empty", command->until_empty, "End when no job is ready");
    app.add_option("--job-lease", command->lease_s,
                   "Seconds after which the jobs of a worker that died are another's")
        .between(2, 3600)
        .type_name("SECONDS")
        .capture_default_str();
    add_collect_options(app, command->collecting);
    app.footer(
        R"(Any number of workers may run, on any number of machines. The first stop lets
the jobs in hand end, for up to 20 s; what is left goes back.
Examples:
  cti worker
  cti worker --concurrency 4 --export-dir .
  cti worker --until-empty       from cron: what was asked for until now)");
    return [command](Context& context) { return run_worker(context, *command); };
}
}
