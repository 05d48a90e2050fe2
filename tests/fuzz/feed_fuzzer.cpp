#include "core/base/text.hpp"
#include "core/feed/feed.hpp"

#include <cstdint>
#include <cstdlib>

// Whatever comes in: no crash, and what comes out is valid UTF-8 that the database will take.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto feed = cti::feed::parse(bytes, {"https://example.org/feed", "", 1000});
    for (const auto& entry : feed.entries) {
        if (!cti::is_valid_utf8(entry.title) || !cti::is_valid_utf8(entry.content) ||
            !cti::is_valid_utf8(entry.summary))
            std::abort();
    }
    return 0;
}
