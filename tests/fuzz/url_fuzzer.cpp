#include "core/base/url.hpp"

#include <cstdint>
#include <cstdlib>

// The first line is the base, the rest the reference. Resolving twice changes nothing more.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto end = text.find('\n');
    const auto base = text.substr(0, end);
    const auto reference = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    const auto url = cti::resolve_url(base, reference);
    if (cti::has_scheme(url) && cti::resolve_url(base, url) != url) std::abort();
    cti::url_refusal(url);
    return 0;
}
