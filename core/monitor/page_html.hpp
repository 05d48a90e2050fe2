#pragma once
#include "core/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>

// What all parts of the page for people are made of.
namespace cti::monitor {

// Control characters made visible, then escaped: fit for text and attributes.
std::string safe_html(std::string_view text, std::size_t max_characters = 300);
// "3 h ago", with the moment itself beside it for machines; a dash for none.
std::string time_html(const std::optional<Time>& time, Time now);
// A link around `html`, which is markup already; `html` alone where the address is neither http nor https.
std::string link_html(std::string_view url, const std::string& html);
}
