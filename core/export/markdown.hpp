#pragma once
#include <string>
#include <string_view>

// Text from outside within CommonMark with GitHub's tables: it stays text.
namespace cti::exporter {

// Every character that means something within a line.
std::string escape_markdown(std::string_view text);

// And at the beginning of one, where "- ", "+ " and "1. " are lists.
std::string markdown_paragraph(std::string_view text);

// A code span, fenced by more backticks than stand in the text. No link is made in one. GitHub ends a table's
// cell at "|" even there, so values stand in lists.
std::string markdown_code(std::string_view text);

// A reference within a link's address would be decoded, and a parenthesis would end it.
std::string markdown_link_target(std::string_view link);
}
