#include "core/net/robots.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// robots.txt: whatever it says, a delay is none below zero, and of two products that it does not name both
// get the same answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto robots = cti::net::Robots::parse(text);
    for (const std::string_view product : {"cti", "zz-one", "zz-two"})
        if (const auto delay = robots.crawl_delay(product); delay && delay->count() < 0) std::abort();
    for (const std::string_view path : {"/", "/a/b.html?x=1", "/%7euser", ""}) {
        if (text.find("zz-") == text.npos && robots.allows("zz-one", path) != robots.allows("zz-two", path))
            std::abort();
    }
    robots.allows("cti", text);
    return 0;
}
