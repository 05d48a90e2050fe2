#include "core/monitor/page_cache.hpp"

#include "core/monitor/page_sources.hpp"

#include <fmt/format.h>

namespace cti::monitor {
namespace {
constexpr std::chrono::seconds k_kept{1};

bool is_kept(const StatusRequest& request) {
    const auto path_class = class_of_path(request.path);
    if (path_class != "page" && path_class != "api" && path_class != "metrics") return false;
    // Whatever words clients make up, no more answers are kept than there are pages.
    return (request.format.empty() || request.format == "json") && is_source_filter(request.state);
}
}

Kept to_kept(Answer answer, SteadyTime until) {
    return {answer.code, std::move(answer.content_type),
            std::make_shared<const std::string>(std::move(answer.body)), std::move(answer.headers), until};
}

Kept PageCache::find(const StatusRequest& request, const std::function<State()>& state) {
    const auto now = steady_time();
    if (!is_kept(request)) return to_kept(answer(request, state()));
    const bool is_open = request.accept.find("openmetrics") != std::string::npos;
    const auto key = fmt::format("{} {} {} {}", request.path, request.format, request.state, is_open);
    if (const auto found = m_kept.find(key); found != m_kept.end() && now < found->second.until)
        return found->second;
    return m_kept[key] = to_kept(answer(request, state()), now + k_kept);
}
}
