#include "tests/fuzz/check_feed.hpp"

#include <cstdint>
#include <string_view>

// JSON Feed by its label. What is read must be the same when the label is missing: detection is by content.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const cti::feed::ParseOptions options{"https://example.org/feed.json",
                                          "application/feed+json; charset=utf-8", 1000};
    const auto labelled = cti::feed::parse(bytes, options);
    cti::fuzz::check(labelled, options);
    if (!labelled.format.starts_with("jsonfeed") || !cti::is_valid_utf8(bytes)) return 0;
    const auto found = cti::feed::parse(bytes, {options.url, "", options.max_entries});
    if (found.format != labelled.format || found.entries.size() != labelled.entries.size()) std::abort();
    return 0;
}
