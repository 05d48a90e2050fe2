#include "core/intel/extract.hpp"

#include <cstdint>
#include <cstdlib>

// Offsets point into the text, in order; a value is never empty; a defanged text gives what was read a second
// time.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const cti::intel::Extractor extractor;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto found = extractor.extract(text, {"blog.example", 1000, true});
    std::size_t last = 0;
    for (const auto& indicator : found.indicators) {
        if (indicator.start < last || indicator.end <= indicator.start || indicator.end > size ||
            indicator.value.empty())
            std::abort();
        last = indicator.start;
        const auto sentence = cti::intel::sentence_around(text, indicator.start, indicator.end);
        if (sentence.size() > 1200) std::abort();
    }
    for (const auto& [start, end, reason] : found.rejected)
        if (start > end || end > size || reason.empty()) std::abort();
    return 0;
}
