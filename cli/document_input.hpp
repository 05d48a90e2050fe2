#pragma once
#include "core/ops/fetch.hpp"

#include <string>

// What the subcommands of `inspect` share: a document from a file, standard input or an address.
namespace cti::cli {

struct Document {
    std::string bytes, url, content_type;
};
// What the options say about an address wins over what its server says. Throws Error where it cannot be read.
Document read_document(const std::string& file, const std::string& url, const std::string& content_type,
                       const ops::FetchOptions& fetch);
}
