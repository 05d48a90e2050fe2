#pragma once
#include "core/base/clock.hpp"
#include "core/monitor/answer.hpp"
#include "core/monitor/job_requests.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Orders over HTTP: a job is asked for, or cancelled. Only for whoever knows the token. Pure.
namespace cti::monitor {

constexpr std::size_t k_max_order_bytes = 16 * 1024;

// What the head of a request says that may be an order.
struct OrderHead {
    std::string method, path, authorization, content_type, expect, transfer_encoding;
    std::vector<std::string> content_lengths; // as often as the header is there
};

class Control {
public:
    explicit Control(std::string_view token);

    // Why the order is not taken: somebody without the token, too many orders, a body that is not what it
    // should be. Nothing: its body may come.
    std::optional<Answer> refuse(const OrderHead& head, SteadyTime now);

private:
    bool has_token(std::string_view authorization) const;
    std::optional<Answer> refuse_for_rate(SteadyTime now);

    std::string m_hash; // of the token
    double m_left;      // orders that may come at once
    std::optional<SteadyTime> m_counted_at;
};

// Whether an order may have this method and path at all.
bool is_order(std::string_view method, std::string_view path);
// "GET, HEAD", and what orders take.
std::string allowed_methods(std::string_view path);

// POST: {"source", "query", "limit", "priority"}; client: its address, for people.
JobRequest read_scrape_order(std::string_view body, const std::string& client);
JobRequest read_cancel_order(std::string_view path); // DELETE
}
