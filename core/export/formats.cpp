#include "core/export/formats.hpp"

#include "core/export/writers.hpp"

#include <algorithm>

namespace cti::exporter {
namespace {
constexpr Format k_formats[] = {
    {"json", "one JSON array, newest article first", make_json},
    {"ndjson", "one JSON object a line", make_ndjson},
    {"csv", "RFC 4180 with a header line, for spreadsheets", make_csv},
};
}

std::span<const Format> formats() { return k_formats; }

std::unique_ptr<Writer> make_writer(std::string_view format, const Options& options) {
    const auto* it = std::ranges::find(k_formats, format, &Format::name);
    return it == std::end(k_formats) ? nullptr : it->make(options);
}
}
