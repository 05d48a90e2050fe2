#pragma once
#include "core/base/clock.hpp"
#include "core/monitor/routes.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cti::monitor {

// An answer whose body lives as long as its slowest reader.
struct Kept {
    int code = 0;
    std::string content_type;
    std::shared_ptr<const std::string> body;
    std::vector<std::pair<std::string, std::string>> headers;
    SteadyTime until;
};
Kept to_kept(Answer answer, SteadyTime until = {});

// Probes are made anew each time; what takes longer to render is kept for a moment, so that a thousand
// clients cost one rendering.
class PageCache {
public:
    Kept find(const StatusRequest& request, const std::function<State()>& state);

private:
    std::map<std::string, Kept> m_kept;
};
}
