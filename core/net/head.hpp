#pragma once
#include <cstddef>
#include <string>
#include <string_view>

// The head of an answer, line by line.
namespace cti::net {

constexpr std::size_t k_max_head_bytes = 256 * 1024; // with those of 100 and 103 before it

// What the headers of one answer say.
struct Head {
    std::string content_type, content_location, etag, last_modified, location;
    std::string retry_after, date, cache_control, expires, age;
    std::string marks; // see challenge.hpp
    std::size_t bytes = 0;
    std::size_t content_length = 0; // 0: not said
    int encodings = 0;              // layers of compression
    std::string coding;             // Content-Encoding, in lower case; "" where it says nothing
    int status = 0;
    bool chunked = false;
    bool open = false;     // between the status line and the empty line: what comes later is a trailer
    bool complete = false; // of the final answer, not of a 100 or 103
};

bool is_redirect(const Head& head);
bool is_packed_by_zlib(const Head& head);   // gzip, deflate
bool is_packed_otherwise(const Head& head); // br, zstd: servers send them unasked at times

// "HTTP/1.1 200 OK", "HTTP/2 200"
int status_of(std::string_view line);

void accept_header(Head& head, std::string_view name, std::string_view value);

// A value that another server will see again or that is stored: bounded, and without control characters. Else
// "".
std::string header_value(std::string_view value, std::size_t most = 1000);
}
