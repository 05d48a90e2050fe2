#include "core/store/own/job_totals.hpp"

#include "core/store/sql.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {

// Our own words, but another program may have written the row.
constexpr const char* k_kind = "left(regexp_replace(kind, '[^a-z0-9_]', '_', 'g'), 40)";

std::string wait_bounds() {
    std::string list;
    for (const auto bound : k_job_wait_bounds) list += fmt::format("{}{}", list.empty() ? "" : ",", bound);
    return "'{" + list + "}'::float8[]";
}

// A job whose last try never began has no bucket; neither has one of before migration 0016.
std::string grouped(const std::string& relation) {
    return fmt::format(R"sql(
        SELECT {0}, state, width_bucket(waited, {1}), count(*), sum(retries), sum(lease_expirations), coalesce(sum(waited), 0)::float8
        FROM (SELECT *, CASE WHEN started_at >= run_at THEN extract(epoch FROM started_at - run_at)::float8 END AS waited FROM {2}) AS ended
        GROUP BY 1, 2, 3)sql",
                       k_kind, wait_bounds(), relation);
}

void add(Counters& counters, const std::string& name, const std::string& labels, double by) {
    if (by > 0) counters[{name, labels}] += by;
}

std::string of_kind(std::string_view kind) { return fmt::format("kind=\"{}\"", kind); }

std::string wait_bucket(std::size_t bucket) {
    return bucket < k_job_wait_bounds.size() ? fmt::format("le=\"{}\"", k_job_wait_bounds[bucket])
                                             : "le=\"+Inf\"";
}

long add_groups(Counters& counters, const pqxx::result& rows) {
    long all = 0;
    for (const auto& row : rows) {
        const auto kind = of_kind(view(row[0]));
        const auto count = number<long>(row[3]);
        all += count;
        add(counters, "cti_jobs_finished_total", fmt::format("{},result=\"{}\"", kind, view(row[1])),
            static_cast<double>(count));
        add(counters, "cti_job_retries_total", kind, number<double>(row[4]));
        add(counters, "cti_job_lease_expirations_total", kind, number<double>(row[5]));
        const auto bucket = maybe_number<long>(row[2]);
        if (!bucket) continue;
        add(counters, "cti_job_wait_seconds_bucket", wait_bucket(static_cast<std::size_t>(*bucket)),
            static_cast<double>(count));
        add(counters, "cti_job_wait_seconds_sum", "", number<double>(row[6]));
    }
    return all;
}

void add_living(db::Transaction& transaction, Counters& counters) {
    for (const auto& row : run(transaction, fmt::format(R"sql(
        SELECT {}, sum(retries), sum(lease_expirations) FROM cti.jobs WHERE retries + lease_expirations > 0 GROUP BY 1)sql",
                                                        k_kind))) {
        add(counters, "cti_job_retries_total", of_kind(view(row[0])), number<double>(row[1]));
        add(counters, "cti_job_lease_expirations_total", of_kind(view(row[0])), number<double>(row[2]));
    }
}
}

Counters read_job_totals(db::Transaction& transaction) {
    Counters counters;
    for (const auto& [key, value] : read_counters(transaction))
        if (key.first.starts_with("cti_job")) counters[key] = value;
    add_groups(counters, run(transaction, grouped("cti.finished_jobs")));
    add_living(transaction, counters);
    return counters;
}

long count_removed_jobs(db::Transaction& transaction, const std::string& removal, const db::Params& params) {
    Counters counters;
    const auto removed = add_groups(counters, run(transaction, removal + grouped("gone"), params));
    add_counters(transaction, counters);
    return removed;
}
}
