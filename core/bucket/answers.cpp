#include "core/bucket/answers.hpp"

#include "core/base/error.hpp"
#include "core/base/html.hpp"
#include "core/base/text.hpp"

#include <charconv>
#include <fmt/format.h>
#include <optional>

namespace cti::bucket {
namespace {

// What stands between <name> and </name>, and `rest` goes behind it. No element of S3 holds one of its own
// name.
std::optional<std::string_view> next_element(std::string_view& rest, std::string_view name) {
    const auto open = fmt::format("<{}", name), close = fmt::format("</{}>", name);
    for (auto at = rest.find(open); at != rest.npos; at = rest.find(open, at + 1)) {
        const auto end = rest.find('>', at);
        const char after = at + open.size() < rest.size() ? rest[at + open.size()] : '\0';
        if (end == rest.npos || (after != '>' && after != ' ')) continue;
        const auto closing = rest.find(close, end);
        if (closing == rest.npos) return std::nullopt;
        const auto inside = rest.substr(end + 1, closing - end - 1);
        rest.remove_prefix(closing + close.size());
        return inside;
    }
    return std::nullopt;
}

[[noreturn]] void refuse(std::string_view what) {
    throw Error{ExitCode::failure,
                fmt::format("the bucket's server answered with {} that cannot be read", what),
                "See that the endpoint is one of S3."};
}

Time time_in(std::string_view xml, std::string_view name) {
    const auto time = parse_time_argument(text_of(xml, name), Time());
    if (!time) refuse("a time");
    return *time;
}

Object read_object(std::string_view xml) {
    Object object{text_of(xml, "Key"), 0, time_in(xml, "LastModified"), without_quotes(text_of(xml, "ETag"))};
    const auto size = text_of(xml, "Size");
    const auto read = std::from_chars(size.data(), size.data() + size.size(), object.size);
    if (read.ec != std::errc() || read.ptr != size.data() + size.size() || object.size < 0) refuse("a size");
    return object;
}
}

std::string text_of(std::string_view xml, std::string_view name) {
    const auto inside = next_element(xml, name);
    return inside ? decode_entities(trim(*inside)) : std::string();
}

std::string without_quotes(std::string_view etag) {
    if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"'))
        etag = etag.substr(1, etag.size() - 2);
    return std::string(etag);
}

Listing parse_listing(std::string_view xml) {
    const auto whole = next_element(xml, "ListBucketResult");
    if (!whole) refuse("a list");
    Listing listing;
    auto rest = *whole;
    while (const auto entry = next_element(rest, "Contents")) listing.objects.push_back(read_object(*entry));
    if (text_of(*whole, "IsTruncated") == "true") listing.next = text_of(*whole, "NextContinuationToken");
    return listing;
}

UploadListing parse_uploads(std::string_view xml) {
    const auto whole = next_element(xml, "ListMultipartUploadsResult");
    if (!whole) refuse("a list");
    UploadListing listing;
    auto rest = *whole;
    while (const auto entry = next_element(rest, "Upload"))
        listing.uploads.push_back(
            {text_of(*entry, "Key"), text_of(*entry, "UploadId"), time_in(*entry, "Initiated")});
    if (text_of(*whole, "IsTruncated") == "true") {
        listing.next_key = text_of(*whole, "NextKeyMarker");
        listing.next_id = text_of(*whole, "NextUploadIdMarker");
    }
    return listing;
}

Fault parse_fault(std::string_view xml) {
    const auto inside = next_element(xml, "Error");
    if (!inside) return {};
    return {text_of(*inside, "Code"), text_of(*inside, "Message"), text_of(*inside, "Region")};
}
}
