#include "core/monitor/routes.hpp"

#include "core/base/json.hpp"
#include "core/base/version.hpp"
#include "core/monitor/health.hpp"
#include "core/monitor/metrics.hpp"
#include "core/monitor/page.hpp"
#include "core/monitor/page_sources.hpp"
#include "core/monitor/stats_json.hpp"
#include "core/sources/source_json.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cti::monitor {
namespace {

constexpr const char* k_json = "application/json";

Answer plain(int code, std::string text) {
    return {code, "text/plain; charset=utf-8", std::move(text) + '\n'};
}

Answer error_json(int code, std::string_view message) {
    Answer out{code, k_json, {}};
    JsonWriter(out.body).begin_object().member("error", message).end_object();
    out.body += '\n';
    return out;
}

Answer livez(const StatusRequest&, const State& state) {
    const auto hurt = find_hurt(state.loop, state.threads, state.now.steady);
    return hurt.empty() ? plain(200, "ok") : plain(503, hurt);
}

Answer readyz(const StatusRequest&, const State& state) {
    const auto reason = unready_reason(*state.snapshot, state.loop, state.now.steady);
    return reason.empty() ? plain(200, "ok") : plain(503, reason);
}

// The schema was looked at once: what a container waits for before it is probed in earnest.
Answer startupz(const StatusRequest&, const State& state) {
    return state.snapshot->fast ? plain(200, "ok") : plain(503, "the database has not been read yet");
}

Answer health(const StatusRequest&, const State& state) {
    const auto verdict = assess_health(*state.snapshot, state.loop, state.threads, state.now.steady);
    return {verdict.level == Level::fail ? 503 : 200, k_json,
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
    if (!state.snapshot->fast) return error_json(503, "the database has not been read yet");
    std::vector<Source> rows;
    std::map<int, Time> planned;
    for (const auto& status : state.snapshot->fast->sources) {
        rows.push_back(status.source);
        if (status.next_check) planned.emplace(status.source.id, *status.next_check);
    }
    return {200, k_json, sources::sources_json(rows, planned)};
}

Answer stats(const StatusRequest&, const State& state) {
    if (!state.snapshot->slow || !state.snapshot->slow->stats)
        return error_json(503, "the articles have not been counted yet");
    return {200, k_json, stats_json(*state.snapshot->slow->stats)};
}

Answer build(const StatusRequest&, const State&) {
    Answer out{200, k_json, {}};
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
    if (request.format == "json") return {200, k_json, overview_json(state)};
    if (!request.format.empty() && request.format != "html")
        return plain(400, "the formats are html and json");
    if (!is_source_filter(request.source_filter)) return plain(400, "the states are " + source_filters());
    auto filtered = state;
    filtered.source_filter = request.source_filter;
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
    Route{"/version", "api", build},
    Route{"/", "page", page},
    Route{"/status", "page", page},
    Route{"/style.css", "page", style},
};
}

Answer answer(const StatusRequest& request, const State& state) {
    const auto* const route = std::ranges::find(k_routes, request.path, &Route::path);
    if (route == k_routes.end())
        return plain(404, "not found; see /, /health, /livez, /readyz, /metrics, /api/sources, /api/stats");
    return route->handle(request, state);
}

std::string_view class_of_path(std::string_view path) {
    const auto* const route = std::ranges::find(k_routes, path, &Route::path);
    return route == k_routes.end() ? "other" : route->path_class;
}
}
