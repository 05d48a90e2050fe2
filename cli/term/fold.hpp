#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Text in lines that fit into the cells of a terminal.
namespace cti::cli {

enum class Ink { plain, strong, faint, value, name };

// Text without control characters, and which parts of it are to be seen how.
class StyledText {
public:
    struct Run {
        std::size_t start, end; // bytes of the text
        Ink ink;
    };

    StyledText() = default;
    // `text` may hold anything: what would harm a terminal is made visible.
    explicit StyledText(std::string_view text, Ink ink = Ink::plain) { append(text, ink); }
    void append(std::string_view text, Ink ink = Ink::plain);

    void append(const StyledText& other);

    const std::string& text() const { return m_text; }
    StyledText part(std::size_t start, std::size_t end) const; // bytes
    // Each run begins and ends in it, as a pager draws lines by themselves.
    std::string render(bool color) const;

private:
    std::string m_text;
    std::vector<Run> m_runs; // in their order
};

// At blanks, and beside wide characters, as their scripts have no blanks. A word that is too long for a line
// is cut. At least one line, each of `width` cells at most, or of one character that is wider. Linear.
std::vector<StyledText> fold(const StyledText& text, std::size_t width);
// Blanks stay as they are: for what is preformatted.
std::vector<StyledText> fold_anywhere(const StyledText& text, std::size_t width);
}
