#include "core/base/text.hpp"
#include "core/feed/opml.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// What was read is valid UTF-8, and when it is written and read again, the same feeds are there.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto opml = cti::feed::parse_opml({reinterpret_cast<const char*>(data), size});
    for (const auto& outline : opml.outlines) {
        for (const auto* text : {&outline.title, &outline.feed_url, &outline.site_url})
            if (!cti::is_valid_utf8(*text)) std::abort();
    }
    if (opml.outlines.empty()) return 0;
    const auto again = cti::feed::parse_opml(cti::feed::write_opml(opml.title, opml.outlines));
    if (!again.error.empty() || !again.warnings.empty() || again.outlines.size() != opml.outlines.size())
        std::abort();
    return 0;
}
