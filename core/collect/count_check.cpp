#include "core/collect/count_check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace cti::collect {
namespace {

FetchResult result_of(net::Failure failure) {
    switch (failure) {
    case net::Failure::bad_url:
    case net::Failure::refused_address:
    case net::Failure::held:
    case net::Failure::robots: return FetchResult::refused;
    case net::Failure::resolve: return FetchResult::dns;
    case net::Failure::connect:
    case net::Failure::transfer: return FetchResult::connection;
    case net::Failure::tls: return FetchResult::tls;
    case net::Failure::timeout: return FetchResult::timeout;
    case net::Failure::too_large: return FetchResult::too_large;
    case net::Failure::none:
    case net::Failure::redirects: return FetchResult::http_error;
    case net::Failure::encoding: return FetchResult::parse_error;
    }
    return FetchResult::http_error;
}

FetchResult result_of(const net::Response& response, const CheckResult& result) {
    if (result.status == CheckStatus::ok) return FetchResult::fresh;
    if (result.status == CheckStatus::not_modified) return FetchResult::not_modified;
    const bool answered =
        response.failure == net::Failure::none && response.status >= 200 && response.status < 300;
    return answered ? FetchResult::parse_error : result_of(response.failure);
}

void count_answer(store::Counters& counters, const net::Response& response) {
    if (response.status > 0)
        store::count(counters, "cti_http_responses_total", "code",
                     response.status == 429 ? "429" : fmt::format("{}xx", response.status / 100));
    if (response.failure == net::Failure::refused_address) store::count(counters, "cti_ssrf_refused_total");
    if (response.failure == net::Failure::tls) store::count(counters, "cti_tls_failures_total");
    if (response.failure == net::Failure::too_large)
        store::count(counters, "cti_limits_hit_total", "limit", "size");
    if (response.failure == net::Failure::timeout)
        store::count(counters, "cti_limits_hit_total", "limit", "time");
    if (response.failure == net::Failure::redirects)
        store::count(counters, "cti_limits_hit_total", "limit", "redirects");
}

// Each fetch in one bucket; who shows them adds them up.
void count_duration(store::Counters& counters, std::chrono::microseconds duration) {
    const auto seconds = static_cast<double>(duration.count()) / 1e6;
    const auto* const bound = std::ranges::lower_bound(k_duration_bounds, seconds);
    store::count(counters, "cti_fetch_duration_seconds_bucket", "le",
                 bound == k_duration_bounds.end() ? "+Inf" : fmt::format("{}", *bound));
    store::count(counters, "cti_fetch_duration_seconds_sum", {}, {}, seconds);
}
}

store::Counters count_check(const net::Response& response, const CheckResult& result,
                            const store::CheckRecord& record, const store::Recorded& recorded) {
    store::Counters counters;
    store::count(counters, "cti_fetches_total", "result", name_of(result_of(response, result)));
    count_answer(counters, response);
    count_duration(counters, response.duration);
    store::count(counters, "cti_fetched_bytes_total", {}, {}, static_cast<double>(response.received));
    store::count(counters, "cti_decoded_bytes_total", {}, {}, static_cast<double>(result.bytes));
    const auto refused = static_cast<double>(recorded.refused.size());
    const auto offered = static_cast<double>(record.articles.size() + record.updates.size());
    const auto filtered = std::accumulate(result.filtered.begin(), result.filtered.end(), 0,
                                          [](int sum, const auto& reason) { return sum + reason.second; });
    const auto count = [&](ArticleResult what, double by) {
        store::count(counters, "cti_articles_total", "result", name_of(what), by);
    };
    count(ArticleResult::inserted, recorded.count);
    count(ArticleResult::updated, recorded.updated);
    count(ArticleResult::duplicate,
          result.duplicate + offered - refused - recorded.deleted - recorded.count - recorded.updated);
    count(ArticleResult::filtered, filtered + recorded.deleted);
    count(ArticleResult::invalid, refused);
    return counters;
}
}
