#include "core/monitor/control.hpp"

#include "core/base/hash.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <charconv>

namespace cti::monitor {
namespace {
constexpr std::string_view k_scrape = "/jobs/scrape", k_jobs = "/jobs/";
constexpr double k_max_burst = 60, k_orders_per_second = 1;

Answer with_header(Answer answer, const char* name, const char* value) {
    answer.headers.emplace_back(name, value);
    return answer;
}

bool is_json(std::string_view content_type) {
    return iequals(trim(content_type.substr(0, content_type.find(';'))), k_json_type);
}

// Of a body whose length is not known beforehand, or is told twice, nobody can say where the next request
// begins.
std::optional<Answer> find_length_fault(const OrderHead& head) {
    if (!head.transfer_encoding.empty() || head.content_lengths.empty())
        return error_answer(411, "the body needs a Content-Length");
    std::size_t length = 0;
    const auto& text = head.content_lengths.front();
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (head.content_lengths.size() > 1 || end != text.data() + text.size() ||
        fault == std::errc::invalid_argument)
        return error_answer(400, "Content-Length is no length");
    if (fault != std::errc() || length > k_max_order_bytes)
        return error_answer(413, "the body is longer than 16 KiB");
    return std::nullopt;
}

std::optional<Answer> find_body_fault(const OrderHead& head) {
    if (!head.expect.empty()) return error_answer(417, "send the body at once, without Expect");
    if (head.method != "POST") {
        const bool has_none =
            head.transfer_encoding.empty() &&
            std::ranges::all_of(head.content_lengths, [](const auto& each) { return each == "0"; });
        return has_none ? std::nullopt : std::optional(error_answer(413, "this request has no body"));
    }
    if (auto fault = find_length_fault(head)) return fault;
    if (!is_json(head.content_type)) return error_answer(415, "the body is to be application/json");
    return std::nullopt;
}
}

Control::Control(std::string_view token) : m_hash(sha256_hex(token)), m_left(k_max_burst) {}

// Hashes have one length, so that the token's does not show either.
bool Control::has_token(std::string_view authorization) const {
    constexpr std::string_view k_scheme = "Bearer ";
    const bool is_bearer = istarts_with(authorization, k_scheme);
    const auto given = is_bearer ? trim(authorization.substr(k_scheme.size())) : std::string_view();
    return are_equal_in_constant_time(sha256_hex(given), m_hash) && is_bearer;
}

std::optional<Answer> Control::refuse_for_rate(SteadyTime now) {
    if (m_counted_at)
        m_left =
            std::min(k_max_burst, m_left + k_orders_per_second *
                                               std::chrono::duration<double>(now - *m_counted_at).count());
    m_counted_at = now;
    if (m_left < 1)
        return with_header(error_answer(429, "too many orders: 60 at once, then one a second"), "Retry-After",
                           "1");
    m_left -= 1;
    return std::nullopt;
}

std::optional<Answer> Control::refuse(const OrderHead& head, SteadyTime now) {
    if (!has_token(head.authorization))
        return with_header(error_answer(401, "this needs the token: Authorization: Bearer …"),
                           "WWW-Authenticate", "Bearer");
    if (auto refusal = refuse_for_rate(now)) return refusal;
    return find_body_fault(head);
}

bool is_order(std::string_view method, std::string_view path) {
    if (method == "POST") return path == k_scrape;
    return method == "DELETE" && path.starts_with(k_jobs) && path.size() > k_jobs.size() && path != k_scrape;
}

std::string allowed_methods(std::string_view path) {
    if (path == k_scrape) return "POST";
    return is_order("DELETE", path) ? "GET, HEAD, DELETE" : "GET, HEAD";
}

JobRequest read_cancel_order(std::string_view path) {
    const auto id = find_job_id(path);
    if (!id) return error_answer(404, "a job has a number: /jobs/1");
    JobQuery query;
    query.what = JobQuery::What::cancel;
    query.id = *id;
    return query;
}
}
