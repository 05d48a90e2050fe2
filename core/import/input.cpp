#include "core/import/input.hpp"

namespace cti::importer {

bool Input::fill() {
    if (!m_is_ended) m_rest = m_bytes();
    m_is_ended = m_rest.empty();
    return !m_is_ended;
}

// Spreadsheets begin UTF-8 with it. Whatever else begins so is text in no format that is read here.
void Input::skip_byte_order_mark() {
    for (const char byte : std::string_view("\xEF\xBB\xBF"))
        if (peek() == static_cast<unsigned char>(byte)) get();
}

void Input::skip_space() {
    for (int byte = peek(); byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; byte = peek()) get();
}

bool Input::read_line(std::string& line, std::size_t max_bytes) {
    line.clear();
    bool fits = true;
    while (peek() != k_end) {
        const auto end = m_rest.find('\n');
        const auto piece = m_rest.substr(0, end);
        fits = fits && line.size() + piece.size() <= max_bytes;
        if (fits) line += piece;
        m_rest.remove_prefix(piece.size());
        if (end == std::string_view::npos) continue;
        get();
        break;
    }
    if (!fits) line.clear();
    return fits;
}
}
