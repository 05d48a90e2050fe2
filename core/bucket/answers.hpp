#pragma once
#include "core/base/time.hpp"

#include <string>
#include <string_view>
#include <vector>

// What an S3 server answers: XML of a few elements, without attributes that count.
namespace cti::bucket {

struct Object {
    std::string key;
    long size = 0;
    Time modified;
    std::string etag; // without its quotation marks
};
struct Listing {
    std::vector<Object> objects;
    std::string next; // where the rest begins; "": there is none
};
struct Upload { // that was begun in parts, and not ended
    std::string key, id;
    Time begun;
};
struct UploadListing {
    std::vector<Upload> uploads;
    std::string next_key, next_id; // "": there is no more
};
struct Fault {
    std::string code, message, region; // "SlowDown"; "": the answer says none
};

// Throws Error(failure) where it is no such answer.
Listing parse_listing(std::string_view xml);
UploadListing parse_uploads(std::string_view xml);
Fault parse_fault(std::string_view xml);
// The text of the first element of this name, "" where there is none.
std::string text_of(std::string_view xml, std::string_view name);
std::string without_quotes(std::string_view etag);
}
