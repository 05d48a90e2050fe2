#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/import/reader.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// An export that comes in, in pieces of two sizes: the same articles and the same faults; lines never run
// back; what is taken for an article has all that the tables ask for.
namespace {
using namespace cti::importer;

std::vector<Record> read_all(std::string_view text, std::size_t piece) {
    ReadOptions options;
    options.max_record_bytes = 4096;
    std::vector<Record> records;
    try {
        const auto reader = make_reader(
            [&] {
                const auto next = text.substr(0, piece);
                text.remove_prefix(next.size());
                return next;
            },
            options);
        while (auto record = reader->next()) records.push_back(std::move(*record));
    } catch (const cti::Error&) {
        return {};
    }
    return records;
}

bool is_fit(const Record& record) {
    const auto& article = record.article;
    const auto is_text = [](const std::string& text) {
        return cti::is_valid_utf8(text) && text.find('\0') == std::string::npos;
    };
    return !article.url.empty() && !article.title.empty() && !article.content.empty() &&
           is_text(article.url) && is_text(article.title) && is_text(article.content) &&
           is_text(article.summary.value_or(""));
}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto records = read_all(text, size + 1), again = read_all(text, 1);
    if (records.size() != again.size()) std::abort();
    long line = 1;
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i].line != again[i].line || records[i].fault != again[i].fault) std::abort();
        if (records[i].line < line) std::abort();
        line = records[i].line;
        if (records[i].fault.empty() && !is_fit(records[i])) std::abort();
    }
    return 0;
}
