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
    if (forbidden == 0 && c1 == 0) return text;
    storage.reserve(text.size());
    bool dropped = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r') {
            if (i + 1 >= text.size() || text[i + 1] != '\n') storage += '\n';
        } else if (is_forbidden(text[i])) {
            dropped = true;
        } else if (c1 > 0 && text[i] == '\xC2' && i + 1 < text.size() &&
                   static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            append_utf8(storage, windows_1252(static_cast<unsigned char>(text[++i])));
        } else {
            storage += text[i];
        }
    }
    if (dropped) warnings.emplace_back("control characters were dropped");
    return storage;
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
    if (looks_like_page(start)) {
        read_page(text, options, feed);
    } else {
        feed.warnings.emplace_back("this is neither a feed nor a web page");
    }
    return feed;
}
}
