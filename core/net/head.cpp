#include "core/net/head.hpp"

#include "core/base/text.hpp"
#include "core/net/challenge.hpp"

#include <algorithm>
#include <vector>

namespace cti::net {
namespace {
constexpr std::size_t k_max_marks = 8 * 1024;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// What is no number is left to libcurl to complain about.
std::size_t parse_length(std::string_view value) {
    std::size_t length = 0;
    for (const char c : trim(value)) {
        if (!is_ascii_digit(c)) return 0;
        length = std::min<std::size_t>(length * 10 + static_cast<std::size_t>(c - '0'), std::size_t{1} << 50);
    }
    return length;
}

// Of "gzip, identity" the one name that packs.
std::vector<std::string_view> packing_names(std::string_view value) {
    std::vector<std::string_view> names;
    for (const auto part : split(value, ',')) {
        const auto name = trim(part);
        const bool is_packing = !name.empty() && !iequals(name, "identity") && !iequals(name, "none") &&
                                !iequals(name, "chunked");
        if (is_packing) names.push_back(name);
    }
    return names;
}

void accept_encoding(Head& head, std::string_view name, std::string_view value) {
    const bool is_of_content = iequals(name, "content-encoding");
    if (!is_of_content && !iequals(name, "transfer-encoding")) return;
    const auto names = packing_names(value);
    head.encodings += static_cast<int>(names.size());
    if (is_of_content && !names.empty()) head.coding = header_value(ascii_lower(names.front()));
    if (!is_of_content && ascii_lower(value).find("chunked") != std::string::npos) head.chunked = true;
}
}

std::string header_value(std::string_view value, std::size_t most) {
    value = trim(value);
    return value.size() > most || std::ranges::any_of(value, is_control) ? std::string() : std::string(value);
}

void accept_header(Head& head, std::string_view name, std::string_view value) {
    struct Field {
        std::string_view name;
        std::string Head::*member;
    };
    static constexpr Field fields[] = {
        {"content-type", &Head::content_type},
        {"content-location", &Head::content_location},
        {"etag", &Head::etag},
        {"last-modified", &Head::last_modified},
        {"retry-after", &Head::retry_after},
        {"date", &Head::date},
        {"expires", &Head::expires},
        {"age", &Head::age},
    };
    for (const auto& field : fields) {
        if (iequals(name, field.name)) head.*field.member = header_value(value);
    }
    if (iequals(name, "content-length")) head.content_length = parse_length(value);
    if (iequals(name, "location")) head.location = header_value(value, 8000);
    if (iequals(name, "cache-control") && head.cache_control.size() < 4000) {
        (head.cache_control += head.cache_control.empty() ? "" : ",") += header_value(value);
    }
    if (is_challenge_mark(name) && head.marks.size() < k_max_marks) {
        head.marks += ascii_lower(name) + ": " + ascii_lower(header_value(value.substr(0, 500))) + '\n';
    }
    accept_encoding(head, name, value);
}

bool is_packed_by_zlib(const Head& head) {
    return head.coding == "gzip" || head.coding == "x-gzip" || head.coding == "deflate";
}

bool is_packed_otherwise(const Head& head) { return head.coding == "br" || head.coding == "zstd"; }

int status_of(std::string_view line) {
    const auto space = line.find(' ');
    if (space == std::string_view::npos || line.size() < space + 4) return 0;
    int status = 0;
    for (const char c : line.substr(space + 1, 3))
        status = is_ascii_digit(c) ? status * 10 + (c - '0') : status;
    return status;
}

bool is_redirect(const Head& head) {
    const int s = head.status;
    return (s == 301 || s == 302 || s == 303 || s == 307 || s == 308) && !head.location.empty();
}
}
