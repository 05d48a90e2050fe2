#include "core/base/text.hpp"
#include "core/export/formats.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// CSV there and back: what an RFC 4180 reader gets is what was written, cell for cell, whatever stands in it.
namespace {
using namespace cti;

// One row; `pos` moves to the next. Aborts where the text is no CSV.
std::vector<std::string> read_row(std::string_view text, std::size_t& pos) {
    std::vector<std::string> cells(1);
    while (pos < text.size() && text[pos] != '\r') {
        if (text[pos] == ',') {
            cells.emplace_back();
            ++pos;
        } else if (text[pos] == '"') {
            if (!cells.back().empty()) std::abort(); // A quote within a bare cell.
            for (++pos;; ++pos) {
                if (pos >= text.size()) std::abort(); // No end.
                if (text[pos] == '"' && text.substr(pos + 1, 1) != "\"") break;
                if (text[pos] == '"') ++pos;
                cells.back() += text[pos];
            }
            ++pos;
        } else {
            if (text[pos] == '\n') std::abort();
            cells.back() += text[pos++];
        }
    }
    if (text.substr(pos, 2) != "\r\n") std::abort();
    pos += 2;
    return cells;
}

std::string cleaned(const std::string& text) {
    return text.find('\0') == std::string::npos && is_valid_utf8(text) ? text : repair_utf8(text);
}

std::array<std::string, 4> split(std::string_view data) {
    std::array<std::string, 4> parts;
    for (auto& part : parts) {
        const auto end = std::min(data.find('\xFF'), data.size());
        part = data.substr(0, end);
        data.remove_prefix(std::min(end + 1, data.size()));
    }
    return parts;
}

void check(const StoredArticle& article, bool is_raw) {
    exporter::Options options;
    options.fields = {"title", "url", "summary", "content"};
    options.csv_raw = is_raw;
    const auto writer = exporter::make_writer(*exporter::find_format("csv"), options);
    std::string text;
    writer->begin(text);
    writer->article(text, article);
    writer->end(text);
    std::size_t pos = 0;
    if (read_row(text, pos) != options.fields) std::abort();
    auto cells = read_row(text, pos);
    if (pos != text.size() || cells.size() != options.fields.size()) std::abort();
    const std::array written{article.title, article.url, *article.summary, article.content};
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto wanted = cleaned(written.at(i));
        // The apostrophe keeps spreadsheets from running a cell.
        const bool is_formula =
            !wanted.empty() && std::string_view("=+-@\t\r").find(wanted[0]) != std::string_view::npos;
        if (cells[i] != (is_formula && !is_raw ? "'" + wanted : wanted)) std::abort();
    }
}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parts = split({reinterpret_cast<const char*>(data), size});
    StoredArticle article;
    article.title = parts[0], article.url = parts[1], article.summary = parts[2], article.content = parts[3];
    check(article, true);
    check(article, false);
    return 0;
}
