#include "core/page/metadata.hpp"

namespace cti::page {
FoundDates find_dates(const Facts& /*facts*/) { return {}; }
}
