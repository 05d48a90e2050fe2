#pragma once
#include "core/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Sitemaps and sitemap indexes (sitemaps.org 0.9, with Google's news extension) and plain lists of addresses.
namespace cti::page {

struct SitemapEntry {
    std::string url;
    std::optional<Time> modified; // lastmod, or the news extension's publication date
};

struct Sitemap {
    std::vector<SitemapEntry> pages, sitemaps; // in the file's order
    std::vector<std::string> warnings;
};

// `url` is the sitemap's own address, for relative ones, which the standard does not know but sites write.
// Tolerant of broken XML, entities and namespaces; at most 50,000 entries, the standard's limit. Never throws
// on bad input.
Sitemap read_sitemap(std::string_view bytes, std::string_view content_type, std::string_view url);

// Newest first, those without a date last, both otherwise in the file's order; without those that are older
// than `since`.
std::vector<SitemapEntry> newest_first(std::vector<SitemapEntry> entries, std::optional<Time> since);
}
