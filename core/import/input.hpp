#pragma once
#include "core/import/reader.hpp"

#include <string>

namespace cti::importer {

// The bytes of a file one by one, and the line that they stand in.
class Input {
public:
    static constexpr int k_end = -1;

    explicit Input(Bytes bytes) : m_bytes(std::move(bytes)) {}

    int peek() { return m_rest.empty() && !fill() ? k_end : static_cast<unsigned char>(m_rest.front()); }
    int get() {
        const int byte = peek();
        if (byte == k_end) return k_end;
        m_rest.remove_prefix(1);
        if (byte == '\n') ++m_line;
        return byte;
    }
    long line() const { return m_line; } // of the next byte, from 1

    void skip_byte_order_mark();
    void skip_space();
    // All up to the next line end, which is taken and left out. False: the line has more than `max_bytes`,
    // and all of it is passed over.
    bool read_line(std::string& line, std::size_t max_bytes);

private:
    bool fill();

    Bytes m_bytes;
    std::string_view m_rest;
    bool m_is_ended = false;
    long m_line = 1;
};

// Each begins with the first record. The input outlives none of them: it moves in.
std::unique_ptr<Reader> make_ndjson_reader(Input input, const ReadOptions& options);
std::unique_ptr<Reader> make_json_reader(Input input, const ReadOptions& options);
std::unique_ptr<Reader> make_csv_reader(Input input, const ReadOptions& options);
}
