#pragma once
#include <string>
#include <string_view>

namespace cti::intel {

// What the web service's cleaner of 2026 makes of a text, lower-cased and with its white space folded: tags
// and comments become spaces, scripts, styles and templates go, references are decoded, characters that do
// not print or stand outside the first plane go, and every other run of non-ASCII becomes a space. Only its
// third hash formula wants this.
std::string plain_ascii(std::string_view content);
}
