#include "cli/backup_place.hpp"
#include "cli/database.hpp"
#include "cli/environment.hpp"
#include "cli/options/options.hpp"
#include "cli/term/output.hpp"
#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/export/formats.hpp"
#include "core/io/out.hpp"
#include "core/ops/list_articles.hpp"
#include "core/store/own/job_list.hpp"
#include "core/store/own/schedules.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <memory>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// Hidden `cti __complete KIND`: what a shell offers after TAB, one a line, with a tab before what is said of
// it. A key press must not wait: an answer that takes longer than k_patience is not given now, but kept for
// the next TAB. Nothing is ever said on stderr.
namespace cti::cli {
namespace {
namespace fs = std::filesystem;

constexpr timespec k_patience{0, 150'000'000}; // 150 ms
constexpr auto k_fresh = std::chrono::seconds{60};
constexpr unsigned k_max_seconds = 5; // The process that asks the database ends by then.

struct Offer {
    std::string word, note; // the note is only looked at
};
using Offers = std::vector<Offer>;

// A shell that inserts the whole line that it shows must not get anything that it could run.
std::string plain_note(std::string_view text) {
    constexpr std::size_t widest = 60;
    auto note = printable(text);
    for (char& c : note)
        if (c > 0 && !is_ascii_alpha(c) && !is_ascii_digit(c) &&
            std::string_view("-_.,:+").find(c) == std::string_view::npos)
            c = ' ';
    return cut_to_width(fold_space(note), widest);
}

// They become words of a shell: what could mean more to it is not offered.
std::string lines_of(const Offers& offers) {
    std::string out;
    for (const auto& [word, note] : offers)
        if (is_plain_name(word)) out += word + (note.empty() ? "" : '\t' + plain_note(note)) + '\n';
    return out;
}

Offers without_notes(const std::vector<std::string>& words) {
    Offers offers;
    for (const auto& word : words) offers.push_back({word, ""});
    return offers;
}

Offers source_identifiers(const Context& context, const PlaceOptions&) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    Offers offers;
    for (const auto& source : store::list_sources(tx, db::read_schema(tx)))
        offers.push_back({source.identifier, ""});
    return offers;
}

Offers newest_articles(const Context& context, const PlaceOptions&) {
    ops::ListOptions options;
    options.counts_indicators = false;
    options.selection.limit = 50;
    Offers offers;
    ops::list_articles(make_environment(context), options, [&](const ops::ListedArticle& listed) {
        offers.push_back({std::to_string(listed.article.id), listed.article.title});
    });
    return offers;
}

// Those that live first, then the newest that have ended.
Offers job_ids(const Context& context, const PlaceOptions&) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    Offers offers;
    for (const auto& job : store::list_jobs(tx, {}))
        offers.push_back({std::to_string(job.id), fmt::format("{} {}", job.kind, name_of(job.state))});
    return offers;
}

Offers schedule_names(const Context& context, const PlaceOptions&) {
    auto database = open_database(context);
    db::Transaction tx(database, db::Access::read_only);
    Offers offers;
    for (const auto& plan : store::list_plans(tx)) offers.push_back({plan.name, plan.kind});
    return offers;
}

Offers backup_names(const Context& context, const PlaceOptions& place) {
    Offers offers;
    for (const auto& stored : ops::open_place(make_environment(context), find_place(place))->list())
        offers.push_back({fs::path(stored.path).filename().string(), stored.name.label});
    std::ranges::reverse(offers); // the newest first
    return offers;
}

Offers export_formats(const Context&, const PlaceOptions&) {
    Offers offers;
    for (const auto& format : exporter::formats())
        offers.push_back({std::string(format.name), std::string(format.summary)});
    return offers;
}

Offers indicator_types(const Context&, const PlaceOptions&) {
    return without_notes(ops::indicator_type_names());
}

// One row for each KIND.
struct Kind {
    const char* name;
    bool may_wait; // for a database or a bucket
    Offers (*offers)(const Context&, const PlaceOptions& backups);
};
constexpr Kind k_kinds[] = {
    {"articles", true, newest_articles},
    {"sources", true, source_identifiers},
    {"jobs", true, job_ids},
    {"schedules", true, schedule_names},
    {"backups", true, backup_names},
    {"formats", false, export_formats},
    {"types", false, indicator_types},
};

// A file for each database; "" where there is no folder to be had.
std::string cache_file(const Kind& kind, const Context& context, const PlaceOptions& backups) {
    auto folder = environment("XDG_CACHE_HOME");
    if (folder.empty() && !environment("HOME").empty()) folder = environment("HOME") + "/.cache";
    if (folder.empty()) return {};
    std::error_code failed;
    fs::create_directories(folder + "/cti", failed);
    if (failed) return {};
    const auto key = find_database_url(context) + environment("PGHOST") + '\n' + environment("PGDATABASE") +
                     '\n' + backups.where + '\n' + backups.endpoint;
    return folder + "/cti/complete-" + kind.name + "-" + sha256_hex(key).substr(0, 16);
}

std::optional<std::string> read_fresh(const std::string& path) {
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0 || about.st_uid != ::geteuid()) return std::nullopt;
    const auto age =
        std::chrono::system_clock::now() - std::chrono::system_clock::from_time_t(about.st_mtime);
    if (age > k_fresh || age < -k_fresh) return std::nullopt;
    std::ifstream file(path);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

// In a process of its own, which lets go of the shell's pipe, so that the shell waits for us only.
[[noreturn]] void ask_and_keep(const Kind& kind, const Context& context, const PlaceOptions& backups,
                               const std::string& path) {
    ::setsid();
    const int nowhere = ::open("/dev/null", O_RDWR); // NOLINT: POSIX's open is variadic.
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, descriptor);
    std::signal(SIGALRM, SIG_DFL);
    ::alarm(k_max_seconds);
    try {
        io::Out out(path);
        if (out.write(lines_of(kind.offers(context, backups)))) out.close();
    } catch (const std::exception&) {
        std::_Exit(1); // The key press that nobody answers is the message.
    }
    std::_Exit(0);
}

void refresh(const Kind& kind, const Context& context, const PlaceOptions& backups, const std::string& path) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &child, nullptr);
    const auto pid = ::fork();
    if (pid == 0) ask_and_keep(kind, context, backups, path);
    if (pid > 0) ::sigtimedwait(&child, nullptr, &k_patience);
}

std::string answer(const Kind& kind, const Context& context, const PlaceOptions& backups) {
    if (!kind.may_wait) return lines_of(kind.offers(context, backups));
    const auto path = cache_file(kind, context, backups);
    if (path.empty()) return {};
    if (auto kept = read_fresh(path)) return *kept;
    refresh(kind, context, backups, path);
    return read_fresh(path).value_or("");
}
}

Action setup_complete(Options& app) {
    auto name = std::make_shared<std::string>();
    auto backups = std::make_shared<PlaceOptions>();
    app.add_option("KIND", *name, "articles, sources, jobs, schedules, backups, formats or types").required();
    add_place_options(app, *backups, "--dir", "Folder of the backups, or s3://BUCKET/PREFIX");
    return [name, backups](Context& context) {
        for (const auto& kind : k_kinds)
            if (*name == kind.name) print(answer(kind, context, *backups));
        return ExitCode::ok;
    };
}
}
