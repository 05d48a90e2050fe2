#include "core/work/job_json.hpp"

#include "core/base/time.hpp"

namespace cti::work {
namespace {

void write_worker(JsonWriter& json, const store::Worker& worker) {
    json.begin_object().member("name", worker.name).member("version", worker.version);
    json.member("kinds", worker.kinds).member("concurrency", worker.concurrency);
    json.member("draining", worker.is_draining).member("started_at", format_rfc3339(worker.started_at));
    json.member("heartbeat_at", format_rfc3339(worker.heartbeat_at)).key("jobs").begin_array();
    for (const auto id : worker.jobs) json.value(id);
    json.end_array().end_object();
}
}

void write_job(JsonWriter& json, const Job& job) {
    json.member("id", job.id).member("kind", job.kind).member("state", name_of(job.state));
    json.member("priority", job.priority).key("arguments").raw(job.arguments_json);
    json.member_or_null("unique_key", job.unique_key).member("run_at", format_rfc3339(job.run_at));
    json.member("attempts", job.attempts).member("max_attempts", job.max_attempts);
    json.member_or_null("wait_reason", job.wait_reason).member_or_null("worker", job.worker);
    json.member("lease_until", format_rfc3339(job.lease_until));
    json.member("cancel_requested", job.cancel_requested).member_or_null("created_by", job.created_by);
    json.member("created_at", format_rfc3339(job.created_at));
    json.member("started_at", format_rfc3339(job.started_at));
    json.member("finished_at", format_rfc3339(job.finished_at));
    json.key("exit_code");
    if (is_finished(job.state))
        json.value(job.exit_code);
    else
        json.null();
    json.member_or_null("error", job.error).key("result").raw(job.result_json);
}

std::string to_json(const std::vector<Job>& jobs) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const auto& job : jobs) {
        json.begin_object();
        write_job(json, job);
        json.end_object();
    }
    json.end_array();
    out += '\n';
    return out;
}

std::string to_json(const Job& job, const std::vector<store::JobLine>& lines) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    write_job(json, job);
    json.key("lines").begin_array();
    for (const auto& line : lines)
        json.begin_object().member("at", format_rfc3339(line.said_at)).member("line", line.line).end_object();
    json.end_array().end_object();
    out += '\n';
    return out;
}

std::string to_json(const store::JobCounts& counts, const std::vector<store::Worker>& workers) {
    std::string out, kind;
    JsonWriter json(out);
    json.begin_object().key("jobs").begin_object();
    for (const auto& [key, count] : counts.by_kind) {
        if (key.first != kind) {
            if (!kind.empty()) json.end_object();
            kind = key.first;
            json.key(kind).begin_object();
        }
        json.member(name_of(key.second), count);
    }
    if (!kind.empty()) json.end_object();
    json.end_object().member("oldest_ready_seconds", counts.oldest_ready_s);
    json.key("workers").begin_array();
    for (const auto& worker : workers) write_worker(json, worker);
    json.end_array().end_object();
    out += '\n';
    return out;
}
}
