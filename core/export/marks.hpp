#pragma once
#include "core/model/indicator.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace cti::exporter {

// Where an indicator stands in a text.
struct Mark {
    std::size_t start = 0, end = 0; // bytes
    const Finding* finding = nullptr;
};

// All places of the findings that nothing speaks against, in the order of the text; none overlaps another. A
// finding knows its first place only; the others are looked for, as it is written there and as it is meant.
// Also where the text has changed since. Linear in the size of the text.
std::vector<Mark> find_marks(std::string_view text, const std::vector<Finding>& findings);

// A text's lines, or cells of them, cut where a mark begins or ends.
class MarkedText {
public:
    struct Piece {
        std::string text;                 // defanged where it is of a mark
        const Finding* finding = nullptr; // nothing for what stands between
    };
    MarkedText(std::string_view text, const std::vector<Finding>& findings)
        : m_text(text), m_marks(find_marks(text, findings)) {}

    // `part` is one of the text's own, or empty. To be asked for in the order of the text.
    std::vector<Piece> cut(std::string_view part);

private:
    std::string_view m_text;
    std::vector<Mark> m_marks;
    std::size_t m_next = 0; // the first mark that does not end before the last part
};
}
