#pragma once
#include "core/monitor/routes.hpp"

#include <string>
#include <string_view>

namespace cti::monitor {

// The page for people: no script, one style sheet of our own; every text from outside is escaped.
std::string render_page(const State& state);
// The same as JSON.
std::string overview_json(const State& state);
// What the page's style-src allows.
std::string_view style_sheet();
}
