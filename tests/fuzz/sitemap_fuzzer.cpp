#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/page/sitemap.hpp"
#include "core/page/wp_json.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

// Sitemaps, and the posts of WordPress: what is handed on are web addresses.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto map = cti::page::read_sitemap(bytes, "", "https://example.org/sitemap.xml");
    for (const auto* list : {&map.pages, &map.sitemaps}) {
        for (const auto& entry : *list) {
            if (!cti::is_http_url(entry.url) || !cti::is_valid_utf8(entry.url)) std::abort();
        }
    }
    const auto sorted = cti::page::newest_first(map.pages, std::nullopt);
    if (sorted.size() != map.pages.size()) std::abort();
    for (const auto& post : cti::page::read_wp_json(bytes, {}).posts) {
        if (!cti::is_http_url(post.url) || !cti::is_valid_utf8(post.title)) std::abort();
    }
    return 0;
}
