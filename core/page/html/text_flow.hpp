#pragma once
#include <cstddef>
#include <string>
#include <string_view>

// How elements become lines of plain text: shared by the fragments of feeds and by whole pages.
namespace cti::page {

// How an element shapes the text around it. What is not in the table is inline: it leaves no trace.
enum class Kind : unsigned char {
    inlined,
    line,      // starts and ends a line
    paragraph, // a blank line around it, or a line end inside a list or table
    list,
    item,
    table,
    row,
    cell,
    pre,
    line_break,
    image,
    raw,     // dropped with all to its end tag, in which tags are no tags
    dropped, // dropped with all its children
    empty,   // has no end tag and no text
};

Kind kind_of(std::string_view element); // whatever the case of the name
bool has_no_end_tag(Kind kind, std::string_view name);

// What separates the text that comes next from the text before; the stronger of two wins.
enum class Gap { none, space, cell, line, paragraph };

// The text as it grows. Gaps are only noted and written when text follows, so none piles up.
class TextFlow {
public:
    enum class Input {
        markup, // references are decoded
        text,   // '&' stands for itself
    };
    explicit TextFlow(std::size_t size_hint, Input input = Input::markup)
        : m_decodes(input == Input::markup) {
        m_out.reserve(size_hint);
    }

    // A run without tags.
    void append(std::string_view text);
    void open(Kind kind);
    void close(Kind kind);
    void add_image(std::string_view alt);
    std::string finish();

private:
    void append_flowing(std::string_view text);
    void append_preformatted(std::string_view text);
    void append_decoded(std::string_view text, std::size_t& pos);
    void break_text(Gap gap);
    void start_row();
    void start_cell();
    void write_gap();
    void trim_end();
    Gap block_gap() const { return m_lists > 0 || m_tables > 0 ? Gap::line : Gap::paragraph; }

    std::string m_out, m_decoded, m_alts;
    bool m_decodes;
    Gap m_gap = Gap::none;
    int m_pres = 0, m_lists = 0, m_tables = 0; // open elements
    int m_cells_in_row = 0;
    std::size_t m_tabs = 0;       // to be written before the next text
    bool m_at_cell_start = false; // A block that only wraps the text of a cell does not break the row.
    bool m_row_has_text = false;
};

}
