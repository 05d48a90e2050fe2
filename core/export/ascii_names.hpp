#pragma once
#include "core/export/formats.hpp"

// International names and addresses as they are on the wire, for what machines read: "bücher.example/ä" is
// asked for, sent and logged as "xn--bcher-kva.example/%C3%A4" (RFC 5891, RFC 3987). What is ASCII stays.
namespace cti::exporter {

// A host; an address with or without scheme, all of it in ASCII.
std::string ascii_host(std::string_view host);
std::string ascii_url(std::string_view written);

// The writer is given articles whose indicators' names are in ASCII. `original` stays as the article has it.
std::unique_ptr<Writer> with_ascii_names(std::unique_ptr<Writer> writer);
std::unique_ptr<FolderWriter> with_ascii_names(std::unique_ptr<FolderWriter> writer);
}
