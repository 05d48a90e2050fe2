#pragma once
#include "core/intel/scan.hpp"

namespace cti::intel {
// The hashes in [start, end) of an address or a path. A file that is named by one is of it, so such a hash
// gets no verdict.
void add_hashes(Scan& scan, std::size_t start, std::size_t end, Verdict verdict);
}
