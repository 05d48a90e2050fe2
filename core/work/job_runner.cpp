#include "core/work/job_runner.hpp"

#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/telemetry/span.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <random>

namespace cti::work {
namespace {
using std::chrono::seconds;
// A newer program may be there by then that knows what this one does not.
constexpr seconds k_pause_of_unknown{60};

StopReason reason_of(const JobInHand& job) { return static_cast<StopReason>(job.stop.load()); }

store::JobEnd end_of(const store::JobClaim& claim, JobState state, const JobResult& result) {
    return {claim.id, claim.token, state, static_cast<int>(result.exit_code), result.error, result.json};
}

JobContext make_context(JobInHand& job, JobBoard& board, const WorkerTools& tools,
                        const ops::Environment& environment) {
    JobContext context{environment, tools, {}, {}, {}};
    context.is_last_try = job.claim.attempt >= job.claim.max_attempts;
    context.environment.stop = &job.stop;
    context.environment.on_warning = [&](const std::string& message, const std::string&) {
        board.say(job.claim.id, "warning: " + message);
    };
    context.environment.on_error = [&](const std::string& message) {
        board.say(job.claim.id, "error: " + message);
    };
    context.say = [&](const std::string& line) { board.say(job.claim.id, line); };
    context.finish_in = [&](db::Transaction& transaction) {
        const auto end = end_of(job.claim, JobState::done, {});
        if (store::finish_jobs(transaction, std::span(&end, 1)).empty())
            throw Error{ExitCode::locked, "the job is in the hands of another worker by now"};
        job.is_finished = true;
    };
    return context;
}

// What may pass by itself.
bool may_pass(const Error& error) {
    return error.code() == ExitCode::database || error.code() == ExitCode::locked;
}

std::string error_type_of(ExitCode code) { return fmt::format("exit_{}", static_cast<int>(code)); }

void end_failed(JobInHand& job, JobBoard& board, const Error& error) {
    const auto& claim = job.claim;
    JobResult result;
    result.exit_code = error.code(), result.error = error.what();
    if (!may_pass(error)) return board.end(job, end_of(claim, JobState::failed, result));
    if (claim.attempt >= claim.max_attempts) return board.end(job, end_of(claim, JobState::dead, result));
    board.end(job, PutBack{claim.id, claim.token, retry_pause(claim.attempt, draw()), error.what(), true});
}

// True where the job was told to stop, and its end is told with that.
bool end_stopped(JobInHand& job, JobBoard& board, JobResult result) {
    const auto& claim = job.claim;
    switch (reason_of(job)) {
    case StopReason::none: return false;
    case StopReason::lost: board.end(job); return true;
    case StopReason::draining:
        board.end(job, PutBack{claim.id, claim.token, seconds{0}, "its worker was stopped", false});
        return true;
    case StopReason::cancelled:
        result.exit_code = ExitCode::terminated, result.error = "cancelled";
        board.end(job, end_of(claim, JobState::cancelled, result));
        return true;
    }
    return false;
}

void end_well(JobInHand& job, JobBoard& board, const JobResult& result) {
    if (job.is_finished) return board.end(job);
    if (end_stopped(job, board, result)) return;
    const auto state = result.error.empty() ? JobState::done : JobState::failed;
    board.end(job, end_of(job.claim, state, result));
}

telemetry::Span begin_job_span(const store::JobClaim& claim) {
    telemetry::Span span("job " + claim.kind, telemetry::SpanKind::consumer);
    span.set("cti.job.id", claim.id);
    span.set("cti.job.kind", claim.kind);
    span.set("cti.job.attempt", claim.attempt);
    return span;
}

void run_known(JobInHand& job, JobBoard& board, const JobKind& kind, const WorkerTools& tools,
               const ops::Environment& environment) {
    auto span = begin_job_span(job.claim);
    const telemetry::Scope scope(span.context());
    try {
        const Arguments arguments(job.claim.arguments_json);
        if (kind.check != nullptr) kind.check(arguments);
        const auto result = kind.run(make_context(job, board, tools, environment), arguments);
        if (!result.error.empty()) span.fail(error_type_of(result.exit_code), result.error);
        end_well(job, board, result);
    } catch (const Error& error) {
        span.fail(error_type_of(error.code()), error.what());
        // Where its own transaction was not committed, the job is not finished.
        if (!end_stopped(job, board, {})) end_failed(job, board, error);
    } catch (const std::exception& error) {
        span.fail("_OTHER", error.what());
        end_failed(job, board, Error{ExitCode::failure, fmt::format("bug: {}", error.what())});
    }
}
}

double draw() {
    thread_local std::minstd_rand random{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(random);
}

std::chrono::seconds retry_pause(int attempt, double draw) {
    constexpr double k_first_s = 10, k_longest_s = 6 * 3600;
    const auto pause = std::min(k_longest_s, k_first_s * std::pow(2, std::clamp(attempt - 1, 0, 30)));
    return seconds{std::lround(pause * (0.8 + 0.4 * draw))};
}

void run_job(JobInHand& job, JobBoard& board, std::span<const JobKind> kinds, const WorkerTools& tools,
             const ops::Environment& environment) {
    const auto& claim = job.claim;
    const auto* const kind = find_job_kind(claim.kind, kinds);
    const auto fault = kind == nullptr ? fmt::format("there is no kind of job '{}'", printable(claim.kind))
                                       : find_argument_fault(*kind, claim.arguments_json);
    if (!fault.empty()) {
        const auto reason = fmt::format("this version of cti does not know how: {}", fault);
        return board.end(job, PutBack{claim.id, claim.token, k_pause_of_unknown, reason, false});
    }
    log::info("job {}: {} begins", claim.id, claim.kind);
    run_known(job, board, *kind, tools, environment);
}
}
