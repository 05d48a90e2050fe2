#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

#include <cstdint>
#include <cstdlib>

// The first line is the Content-Type. Whatever comes out is valid UTF-8.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto end = text.find('\n');
    cti::Decoded decoded;
    cti::decode(end == std::string_view::npos ? text : text.substr(end + 1), text.substr(0, end), decoded);
    if (!cti::is_valid_utf8(decoded.text)) std::abort();
    return 0;
}
