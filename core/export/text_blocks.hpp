#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

// How the text of an article is laid out, for people. It is stored as plain text without marks: blank lines
// stand between paragraphs, tabs between the cells of a table, and blanks in a row only in what was
// preformatted.
namespace cti::exporter {

struct TextBlock {
    enum class Kind {
        paragraph, // one line
        heading,   // one line, by its looks
        list,      // a line for each item; also lines of which nobody knows what they are
        table,     // a line for each row
        code,      // preformatted; empty lines may stand in it
    };
    Kind kind = Kind::paragraph;
    std::vector<std::string_view> lines; // parts of the text, without their ends
};

// Linear in the size of the text. Every line that is not blank stands in one block, in the order of the text.
std::vector<TextBlock> split_blocks(std::string_view text);

std::vector<std::string_view> split_cells(std::string_view row);

// The length of "- ", "• ", "12. " or "a) " at the beginning of an item, 0 where there is none.
std::size_t length_of_marker(std::string_view item);
}
