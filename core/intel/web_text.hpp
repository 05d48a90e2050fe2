#pragma once
#include <string>
#include <string_view>

// What the web service's cleaners make of a text that may hold simple HTML. They lose more than they should,
// but its third hash formula and its hunt score are computed from what they leave. cti stores none of it.
namespace cti::intel {

// 2025: tags leave nothing behind ("<p>a</p>b" is "ab"), white space is folded, the rest stays.
std::string web_text_2025(std::string_view content);

// 2026: a space between any two pieces of text, a line end after blocks; characters that do not print or
// stand outside the first plane are dropped, every other run of non-ASCII becomes a space. Pure ASCII comes
// out.
std::string web_text_2026(std::string_view content);
}
