#include "cli/command.hpp"

namespace cti::cli {

Action setup_analyze(Options& app);
Action setup_articles(Options& app);
Action setup_backup(Options& app);
Action setup_collect(Options& app);
Action setup_complete(Options& app);
Action setup_completion(Options& app);
Action setup_doctor(Options& app);
Action setup_export(Options& app);
Action setup_healthcheck(Options& app);
Action setup_import(Options& app);
Action setup_init(Options& app);
Action setup_inspect(Options& app);
Action setup_intel(Options& app);
Action setup_jobs(Options& app);
Action setup_man_pages(Options& app);
Action setup_monitor(Options& app);
Action setup_next(Options& app);
Action setup_open(Options& app);
Action setup_restore(Options& app);
Action setup_schedules(Options& app);
Action setup_search(Options& app);
Action setup_serve(Options& app);
Action setup_settings(Options& app);
Action setup_show(Options& app);
Action setup_sources(Options& app);
Action setup_stats(Options& app);
Action setup_test(Options& app);
Action setup_version(Options& app);
Action setup_worker(Options& app);

namespace {
constexpr const char *k_collecting = "Collecting", *k_reading = "Reading", *k_data = "Data in and out",
                     *k_operating = "Operating";
}

std::span<const Command> commands() {
    static const Command table[] = {
        {"init", "Make the database ready and bring the sources into it", setup_init, k_collecting},
        {"sources", "Manage sources", setup_sources, k_collecting},
        {"collect", "Collect what is due", setup_collect, k_collecting},
        {"monitor", "Collect on schedule, for ever", setup_monitor, k_collecting},
        {"articles", "List articles, the newest first", setup_articles, k_reading},
        {"latest", "The same as 'articles'", setup_articles, k_reading},
        {"show", "Show an article: its text, and what was found in it", setup_show, k_reading},
        {"next", "Show the best article that is unread", setup_next, k_reading},
        {"open", "Open an article in the browser", setup_open, k_reading},
        {"search", "Find articles", setup_search, k_reading},
        {"stats", "Count sources and articles", setup_stats, k_reading},
        {"export", "Write articles for scripts and other platforms", setup_export, k_data},
        {"import", "Bring articles of another database's export in", setup_import, k_data},
        {"analyze", "Let a language model read articles, and prove what it says", setup_analyze, k_operating},
        {"healthcheck", "Ask a monitor whether it is well", setup_healthcheck, k_operating},
        {"jobs", "Ask for work, see it, cancel it", setup_jobs, k_operating},
        {"schedules", "Work that comes again: list, change, run it now", setup_schedules, k_operating},
        {"serve", "Answer over HTTP as a monitor does, without collecting", setup_serve, k_operating},
        {"worker", "Do the work that was asked for, for ever", setup_worker, k_operating},
        {"backup", "Make backups, and see that they can be restored", setup_backup, k_operating},
        {"restore", "Put a backup in the place of the database", setup_restore, k_operating},
        {"doctor", "Find what is wrong and say what to do", setup_doctor, k_operating},
        {"settings", "Show and check what settings files say", setup_settings, k_operating},
        {"intel", "Look through stored articles for indicators", setup_intel, k_operating},
        {"inspect", "Show what cti sees in a feed, a page or a text", setup_inspect, k_operating},
        {"completion", "Write the completion of a shell", setup_completion, k_operating},
        {"version", "Show the version, the revision and the libraries", setup_version, k_operating},
        {"test", k_hidden, setup_test},
        {"__complete", k_hidden, setup_complete},
        {"__man", k_hidden, setup_man_pages},
    };
    return table;
}
}
