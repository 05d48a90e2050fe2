#include "core/import/reader.hpp"

#include "core/import/input.hpp"

namespace cti::importer {
namespace {

Format find_format(int first) {
    switch (first) {
    case Input::k_end:
    case '{': return Format::ndjson;
    case '[': return Format::json;
    default: return Format::csv;
    }
}
}

std::unique_ptr<Reader> make_reader(Bytes bytes, const ReadOptions& options) {
    Input input(std::move(bytes));
    input.skip_byte_order_mark();
    input.skip_space();
    const auto format = options.format == Format::by_content ? find_format(input.peek()) : options.format;
    if (format == Format::csv) return make_csv_reader(std::move(input), options);
    if (format == Format::json) return make_json_reader(std::move(input), options);
    return make_ndjson_reader(std::move(input), options);
}
}
