#include "core/collect/schedule.hpp"

#include "core/base/time.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::collect {
namespace {
using std::chrono::seconds;

std::string in_words(seconds duration) {
    return format_duration(std::chrono::duration_cast<std::chrono::microseconds>(duration));
}

void raise(NextCheck& next, const std::optional<seconds>& wanted, const char* who) {
    if (!wanted) return;
    const auto bounded = std::min(*wanted, k_max_wait);
    if (bounded <= next.in) return;
    next = {bounded, fmt::format("{} asks for {} between checks", who, in_words(bounded))};
}

// The backoff: check_frequency, twice, four times as long …
seconds after_failures(seconds base, int failures) {
    const auto ceiling = std::max(base, k_max_wait);
    auto wait = base;
    for (int i = 1; i < failures && wait < ceiling; ++i) wait *= 2;
    return std::min(wait, ceiling);
}

NextCheck after_failure(const ScheduleInput& input) {
    NextCheck next{after_failures(input.check_frequency, input.failures), {}};
    next.reason = input.failures == 1
                      ? input.error
                      : fmt::format("{} failures in a row, the last one: {}", input.failures, input.error);
    if (input.retry_after && std::min(*input.retry_after, k_max_wait) > next.in) {
        next.in = std::min(*input.retry_after, k_max_wait);
        next.reason = fmt::format("the server asks to wait {} ({})", in_words(next.in), input.error);
    }
    return next;
}
}

NextCheck schedule(const ScheduleInput& input) {
    NextCheck next{input.check_frequency, {}};
    if (input.failures > 0) {
        next = after_failure(input);
    } else {
        raise(next, input.feed_asks, "the feed");
        raise(next, input.fresh_for, "the server");
        raise(next, input.retry_after, "the server");
    }
    const double spread = 0.05 * std::clamp(input.jitter, 0.0, 1.0) * (next.reason.empty() ? -1 : 1);
    next.in += seconds{static_cast<long>(static_cast<double>(next.in.count()) * spread)};
    return next;
}
}
