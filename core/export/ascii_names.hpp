#pragma once
#include "core/export/formats.hpp"

// International names as they are on the wire, for what machines read: "bücher.example" is asked for, sent
// and logged as "xn--bcher-kva.example" (RFC 5891). Only names change; a path keeps what stands in it.
namespace cti::exporter {

// A host, the host of an address with or without scheme, that of a mailbox.
std::string ascii_host(std::string_view host);
std::string ascii_url(std::string_view url);

// The writer is given articles whose indicators' names are in ASCII. `original` stays as the article has it.
std::unique_ptr<Writer> with_ascii_names(std::unique_ptr<Writer> writer);
std::unique_ptr<FolderWriter> with_ascii_names(std::unique_ptr<FolderWriter> writer);
}
