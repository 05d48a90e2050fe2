#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/feed/feed.hpp"
#include "core/feed/formats.hpp"
#include "core/feed/markup.hpp"

#include <algorithm>

namespace cti::feed {
namespace {
// XML 1.0 forbids these; a carriage return is a line end before the parser sees it.
bool is_forbidden(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n') || byte == 0x7F;
}

// U+0080 to U+009F: what windows-1252 becomes when it is taken for ISO-8859-1 on the way.
std::size_t count_c1(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        count += static_cast<std::size_t>(static_cast<unsigned char>(text[i]) == 0xC2 &&
                                          static_cast<unsigned char>(text[i + 1]) < 0xA0);
    }
    return count;
}

// A view into the text itself where it is clean, as nearly all feeds are.
std::string_view without_controls(std::string_view text, std::string& storage,
                                  std::vector<std::string>& warnings) {
    // Counted, not searched: compilers turn this loop into vector instructions.
    const auto forbidden = std::ranges::count_if(text, is_forbidden);
    const auto c1 = count_c1(text);
    // U+FFFE and U+FFFF are no characters.
    const bool odd = text.find("\xEF\xBF\xBE") != text.npos || text.find("\xEF\xBF\xBF") != text.npos;
    if (forbidden == 0 && c1 == 0 && !odd) return text;
    storage.reserve(text.size());
    bool dropped = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r') {
            if (i + 1 >= text.size() || text[i + 1] != '\n') storage += '\n';
        } else if (is_forbidden(text[i])) {
            dropped = true;
        } else if (odd && (text.substr(i, 3) == "\xEF\xBF\xBE" || text.substr(i, 3) == "\xEF\xBF\xBF")) {
            dropped = true;
            i += 2;
        } else if (c1 > 0 && text[i] == '\xC2' && i + 1 < text.size() &&
                   static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            append_utf8(storage, windows_1252(static_cast<unsigned char>(text[++i])));
        } else {
            storage += text[i];
        }
    }
    if (c1 > 0)
        warnings.emplace_back("characters of windows-1252 that were taken for ISO-8859-1 were put right");
    if (dropped) warnings.emplace_back("control characters were dropped");
    return storage;
}

// What the transport should have unpacked, or a file that is no text at all.
std::string_view packed_with(std::string_view bytes) {
    static constexpr std::pair<std::string_view, std::string_view> marks[] = {{"\x1F\x8B", "gzip"},
                                                                              {"\x28\xB5\x2F\xFD", "zstd"},
                                                                              {"PK\x03\x04", "zip"},
                                                                              {"BZh", "bzip2"},
                                                                              {"\xFD"
                                                                               "7zXZ",
                                                                               "xz"},
                                                                              {"x\x9C", "zlib"},
                                                                              {"x\xDA", "zlib"},
                                                                              {"x\x01", "zlib"}};
    for (const auto& [mark, name] : marks) {
        if (bytes.starts_with(mark)) return name;
    }
    return {};
}

bool looks_like_page(std::string_view text) {
    const auto head = ascii_lower(text.substr(0, 4096));
    for (const std::string_view sign :
         {"<html", "<!doctype html", "<head", "<body", "<meta ", "<div", "<p>", "<link "}) {
        if (head.find(sign) != std::string::npos) return true;
    }
    return false;
}

void read_page(std::string_view text, const ParseOptions& options, Feed& feed) {
    auto page = read_web_page(text, options.url);
    feed.format = "html";
    feed.title = std::move(page.title);
    feed.feeds = std::move(page.feeds);
    std::string warning = "this is a web page, not a feed";
    if (!feed.feeds.empty()) warning += "; it announces " + join(feed.feeds, ", ");
    feed.warnings.push_back(std::move(warning));
}
}

Feed parse(std::string_view bytes, const ParseOptions& options) {
    Feed feed;
    if (const auto packing = packed_with(bytes); !packing.empty()) {
        feed.warnings.push_back("the bytes are still compressed with " + std::string(packing));
        return feed;
    }
    Decoded decoded;
    decode(bytes, options.content_type, decoded);
    feed.encoding = decoded.encoding;
    if (!decoded.warning.empty()) feed.warnings.push_back(decoded.warning);
    std::string storage;
    const auto text = without_controls(decoded.text, storage, feed.warnings);
    const auto start = trim(text);
    if (start.empty()) {
        feed.warnings.emplace_back("the document is empty");
        return feed;
    }
    if (start.front() == '{' && read_json_feed(start, options, feed)) return feed;
    if (read_xml_feed(text, options, feed)) return feed;
    if (const auto head = ascii_lower(start.substr(0, 1024)); head.find("<opml") != std::string::npos) {
        feed.warnings.emplace_back("this is an OPML list of feeds, not a feed");
    } else if (head.find("<urlset") != std::string::npos || head.find("<sitemapindex") != std::string::npos) {
        feed.warnings.emplace_back("this is a sitemap, not a feed");
    } else if (looks_like_page(start)) {
        read_page(text, options, feed);
    } else {
        feed.warnings.emplace_back("this is neither a feed nor a web page");
    }
    return feed;
}
}
