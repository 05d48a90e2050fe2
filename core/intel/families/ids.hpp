#pragma once
#include "core/intel/scan.hpp"

namespace cti::intel {
// "2024-12345" at `year`, with "CVE" before it at `start`. Returns its end, or 0 where it is none.
std::size_t scan_cve_number(Scan& scan, std::size_t start, std::size_t year);
}
