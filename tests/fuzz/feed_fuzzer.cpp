#include "tests/fuzz/check_feed.hpp"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const cti::feed::ParseOptions options{"https://example.org/feed", "", 1000};
    cti::fuzz::check(cti::feed::parse({reinterpret_cast<const char*>(data), size}, options), options);
    return 0;
}
