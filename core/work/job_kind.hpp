#pragma once
#include "core/backup/encryption.hpp"
#include "core/base/error.hpp"
#include "core/ops/analysis/model_endpoint.hpp"
#include "core/ops/backups/backup_notice.hpp"
#include "core/ops/collect_sources.hpp"
#include "core/ops/environment.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What a worker can do: one contract, a file for each kind, and a table. A kind turns the arguments of a job
// into the options of a use case.
namespace cti::work {

constexpr int k_max_priority = 1000;  // and as far below zero
constexpr long k_max_limit = 100'000; // new articles of a source that a job may ask for

// What a job of a kind can be told; on the command line "--name".
struct JobArgument {
    enum class Type { text, texts, number, flag };
    std::string_view name; // as in the JSON: "max_articles"; "--max-articles"
    Type type = Type::text;
    std::string_view type_name, help;
    bool is_required = false;
};

// The arguments of one job, which have passed check_arguments().
class Arguments {
public:
    explicit Arguments(std::string json) : m_json(std::move(json)) {}
    std::string text(std::string_view name, std::string otherwise = {}) const;
    std::vector<std::string> texts(std::string_view name) const;
    std::optional<long> number(std::string_view name) const;
    bool flag(std::string_view name) const;

private:
    std::string m_json;
};

// What is the same for all jobs of one worker.
struct WorkerTools {
    ops::CollectSettings collecting;
    // Where jobs may write exports, and backups; "": nowhere.
    std::string export_dir = {};
    ops::BackupPlace backups = {"", {}};
    std::optional<backup::Encryption> encryption = {}; // of backups
    std::string decrypt_key = {};                      // a file, for trials of those that are encrypted
    net::Webhook webhook = {};                         // who is told how backups went
    ops::ModelEndpoint model = {};                     // who is asked about articles
};

// What a job has while it runs.
struct JobContext {
    ops::Environment environment; // its stop: somebody cancelled the job, or the worker ends
    const WorkerTools& tools;
    std::function<void(const std::string&)> say; // a line of the job's own account
    // For an effect in the database: the job ends, done, in the very transaction that has the effect, so that
    // both are there or neither. Throws Error(locked) where the job is somebody else's by now: the
    // transaction must not be committed.
    std::function<void(db::Transaction&)> finish_in;
    bool is_last_try = true; // what fails now is not tried again
};

struct JobResult {
    ExitCode exit_code = ExitCode::ok; // what the command of the same name would end with
    std::string error;                 // one line; "" where it went well
    std::string json = "{}";           // an object, for scripts
};

// What a kind of job cannot be done without. A worker that has it not leaves such jobs to others.
enum class JobNeed { none, export_dir, backup_dir, model };
bool has_need(JobNeed need, const WorkerTools& tools);

struct JobKind {
    std::string_view name, summary;
    std::span<const JobArgument> arguments;
    // Throws Error(usage) where the arguments do not go together; null: they always do.
    void (*check)(const Arguments& arguments) = nullptr;
    // Throws Error: what may pass by itself (database, locked) is tried again, anything else is not.
    JobResult (*run)(const JobContext& context, const Arguments& arguments) = nullptr;
    int max_attempts = 5;
    JobNeed need = JobNeed::none;
};

std::span<const JobKind> job_kinds();
const JobKind* find_job_kind(std::string_view name, std::span<const JobKind> among = job_kinds());

// Why a job of this kind cannot have these arguments ("it has no argument 'sorce'"), or "".
std::string find_argument_fault(const JobKind& kind, const std::string& arguments_json);

// A row of the table; each in a file of its own.
extern const JobKind k_backfill_job, k_collect_job, k_export_job, k_housekeeping_job, k_backup_job,
    k_verify_job, k_prune_job, k_analyze_job;
}
