#include "core/monitor/routes.hpp"

#include "core/base/json.hpp"
#include "core/base/version.hpp"
#include "core/monitor/health.hpp"
#include "core/monitor/metrics.hpp"
#include "core/monitor/page.hpp"
#include "core/monitor/page_sources.hpp"
#include "core/monitor/stats_json.hpp"
#include "core/sources/source_json.hpp"
#include "core/work/job_json.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cti::monitor {
namespace {

Answer livez(const StatusRequest&, const State& state) {
    const auto hurt = find_hurt(state.loop, state.threads, state.now.steady);
    return hurt.empty() ? plain_answer(200, "ok") : plain_answer(503, hurt);
}

Answer readyz(const StatusRequest&, const State& state) {
    const auto reason = unready_reason(*state.snapshot, state.loop, state.now.steady);
    return reason.empty() ? plain_answer(200, "ok") : plain_answer(503, reason);
}

// The schema was looked at once: what a container waits for before it is probed in earnest.
Answer startupz(const StatusRequest&, const State& state) {
    return state.snapshot->fast ? plain_answer(200, "ok")
                                : plain_answer(503, "the database has not been read yet");
}

Answer health(const StatusRequest&, const State& state) {
    const auto verdict = assess_health(*state.snapshot, state.loop, state.threads, state.now.steady);
    return {verdict.level == Level::fail ? 503 : 200, k_json_type,
            health_json(verdict, *state.snapshot, state.loop, state.now)};
}

Answer metrics(const StatusRequest& request, const State& state) {
    const bool open = request.accept.find("application/openmetrics-text") != std::string::npos;
    const auto process = read_process();
    Answer out;
    out.content_type = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                            : "text/plain; version=0.0.4; charset=utf-8";
    out.body = render_metrics(
        {*state.snapshot, state.now, &state.loop, &state.server, &process, state.max_sources, &state.threads},
        open ? Exposition::open_metrics : Exposition::prometheus);
    return out;
}

Answer sources_list(const StatusRequest&, const State& state) {
    if (!state.snapshot->fast) return error_answer(503, "the database has not been read yet");
    std::vector<Source> rows;
    std::map<int, Time> planned;
    for (const auto& status : state.snapshot->fast->sources) {
        rows.push_back(status.source);
        if (status.next_check) planned.emplace(status.source.id, *status.next_check);
    }
    return {200, k_json_type, sources::sources_json(rows, planned)};
}

Answer stats(const StatusRequest&, const State& state) {
    if (!state.snapshot->slow || !state.snapshot->slow->stats)
        return error_answer(503, "the articles have not been counted yet");
    return {200, k_json_type, stats_json(*state.snapshot->slow->stats)};
}

Answer jobs_status(const StatusRequest&, const State& state) {
    if (!state.snapshot->jobs) return error_answer(503, "the jobs have not been counted yet");
    return {200, k_json_type, work::to_json(state.snapshot->jobs->counts, state.snapshot->jobs->workers)};
}

Answer build(const StatusRequest&, const State&) {
    Answer out{200, k_json_type};
    JsonWriter(out.body, 2)
        .begin_object()
        .member("version", version())
        .member("revision", revision())
        .member("libraries", library_versions())
        .end_object();
    out.body += '\n';
    return out;
}

Answer page(const StatusRequest& request, const State& state) {
    if (request.format == "json") return {200, k_json_type, overview_json(state)};
    if (!request.format.empty() && request.format != "html")
        return plain_answer(400, "the formats are html and json");
    if (!is_source_filter(request.state)) return plain_answer(400, "the states are " + source_filters());
    auto filtered = state;
    filtered.source_filter = request.state;
    return {200, "text/html; charset=utf-8", render_page(filtered)};
}

Answer style(const StatusRequest&, const State&) {
    return {200, "text/css; charset=utf-8", std::string(style_sheet())};
}

struct Route {
    std::string_view path, path_class;
    Answer (*handle)(const StatusRequest&, const State&);
};
constexpr std::array k_routes{
    Route{"/livez", "livez", livez},
    Route{"/liveness", "livez", livez},
    Route{"/healthz", "livez", livez},
    Route{"/readyz", "readyz", readyz},
    Route{"/readiness", "readyz", readyz},
    Route{"/healthcheck", "readyz", readyz},
    Route{"/startupz", "startupz", startupz},
    Route{"/health", "health", health},
    Route{"/api/health", "health", health},
    Route{"/metrics", "metrics", metrics},
    Route{"/api/sources", "api", sources_list},
    Route{"/api/stats", "api", stats},
    Route{"/jobs/status", "jobs", jobs_status},
    Route{"/version", "api", build},
    Route{"/", "page", page},
    Route{"/status", "page", page},
    Route{"/style.css", "page", style},
};

const Route* find_route(std::string_view path) {
    const auto* const route = std::ranges::find(k_routes, path, &Route::path);
    return route == k_routes.end() ? nullptr : route;
}
}

std::string plain_path(std::string_view path) {
    constexpr std::string_view k_first_version = "/api/v1/", k_latest = "/api/", k_jobs = "/api/jobs/";
    const auto plain = path.starts_with(k_first_version)
                           ? std::string(k_latest) + std::string(path.substr(k_first_version.size()))
                           : std::string(path);
    return plain.starts_with(k_jobs) ? plain.substr(k_latest.size() - 1) : plain;
}

Answer answer(const StatusRequest& request, const State& state) {
    const auto* const route = find_route(request.path);
    if (route == nullptr)
        return plain_answer(404,
                            "not found; see /, /health, /livez, /readyz, /metrics, /api/sources, /api/stats");
    return route->handle(request, state);
}

std::string_view class_of_path(std::string_view path) {
    if (const auto* const route = find_route(path); route != nullptr) return route->path_class;
    return path.starts_with("/jobs/") ? "jobs" : "other";
}
}
