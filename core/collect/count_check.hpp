#pragma once
#include "core/model.hpp"
#include "core/net/client.hpp"
#include "core/store/own/counters.hpp"
#include "core/store/record.hpp"

namespace cti::collect {

// What one check adds to the counters that the monitor shows. Names and labels are those of
// core/monitor/metrics.
store::Counters count_check(const net::Response& response, const CheckResult& result,
                            const store::CheckRecord& record, const store::Recorded& recorded);

// Upper bounds of the histogram of fetch durations, in seconds; the last one is +Inf.
inline constexpr std::array k_duration_bounds{0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0};
}
