#include "core/collect/report.hpp"

#include "core/base/json.hpp"

namespace cti::collect {
namespace {
void write_result(JsonWriter& json, const CheckResult& result) {
    json.begin_object()
        .member("identifier", result.identifier)
        .member("method", name_of(result.method))
        .member("status", name_of(result.status));
    json.member("http_status", result.http_status == 0 ? std::nullopt : std::optional(result.http_status));
    json.member("entries", result.entries)
        .member("new", result.inserted)
        .member("duplicate", result.duplicate);
    json.member("near_duplicate", result.near_duplicate).member("updated", result.updated);
    json.key("filtered").begin_object();
    for (const auto& [reason, count] : result.filtered) json.member(reason.name(), count);
    json.end_object().member("error", result.error.empty() ? std::nullopt : std::optional(result.error));
    json.member("duration_ms", result.duration.count() / 1000).member("bytes", result.bytes);
    json.member("next_check", format_rfc3339(result.next_check)).end_object();
}
}

Totals add_up(const Report& report) {
    Totals totals;
    for (const auto& result : report.results) {
        ++totals.sources;
        totals.failed += result.status == CheckStatus::failed ? 1 : 0;
        totals.postponed += result.status == CheckStatus::postponed ? 1 : 0;
        totals.not_modified += result.status == CheckStatus::not_modified ? 1 : 0;
        totals.entries += result.entries, totals.inserted += result.inserted,
            totals.duplicate += result.duplicate;
        totals.near_duplicate += result.near_duplicate, totals.updated += result.updated,
            totals.bytes += result.bytes;
        for (const auto& [reason, count] : result.filtered)
            totals.filtered += count, totals.filtered_by_reason[reason] += count;
    }
    return totals;
}

std::string to_json(const Report& report) {
    const auto totals = add_up(report);
    std::string out;
    JsonWriter json(out, 2);
    json.begin_object()
        .member("started_at", format_rfc3339(report.started_at))
        .member("finished_at", format_rfc3339(report.finished_at));
    json.member("dry_run", report.dry_run).key("totals").begin_object();
    json.member("sources", totals.sources)
        .member("failed", totals.failed)
        .member("not_modified", totals.not_modified)
        .member("postponed", totals.postponed);
    json.member("entries", totals.entries)
        .member("new", totals.inserted)
        .member("duplicate", totals.duplicate);
    json.member("near_duplicate", totals.near_duplicate)
        .member("filtered", totals.filtered)
        .member("updated", totals.updated);
    json.member("pages", report.pages).member("pages_failed", report.pages_failed);
    json.member("bytes", totals.bytes).end_object().key("sources").begin_array();
    for (const auto& result : report.results) write_result(json, result);
    json.end_array().end_object();
    return out + '\n';
}
}
