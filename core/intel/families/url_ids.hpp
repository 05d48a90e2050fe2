#pragma once
#include "core/intel/scan.hpp"

namespace cti::intel {

// What the address of a known site says: techniques at attack.mitre.org, hashes at services that analyse
// files, CVE numbers anywhere, names at t.me. `path` begins after the host and ends where the address does.
void add_ids_of_url(Scan& scan, std::size_t start, std::size_t end, std::string_view host,
                    std::string_view path);
}
