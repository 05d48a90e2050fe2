#include "core/base/text.hpp"
#include "core/page/listing.hpp"
#include "core/page/page.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// Whatever the bytes are: all text is valid UTF-8 without NUL, which the database would refuse, and listings
// hold web addresses.
namespace {
void check(const std::string& text) {
    if (!cti::is_valid_utf8(text) || text.find('\0') != std::string::npos) std::abort();
}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    cti::page::PageOptions options;
    options.url = "https://example.org/2026/11/17/a-page";
    options.explain = true;
    const auto page = cti::page::extract(bytes, options);
    for (const auto* text : {&page.text, &page.title.value, &page.canonical_url.value, &page.language.value,
                             &page.site_name.value, &page.description.value})
        check(*text);
    for (const auto& name : page.authors) check(name);
    for (const auto& reason : page.reasons) check(reason);
    if (page.published) check(page.published->written);
    const auto listing = cti::page::read_listing(bytes, {"https://example.org/", "", "", ""});
    for (const auto& url : listing.posts) check(url);
    return 0;
}
