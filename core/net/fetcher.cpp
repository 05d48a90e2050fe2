#include "core/base/time.hpp"
#include "core/net/fetcher_impl.hpp"
#include "core/net/gate.hpp"
#include "core/net/retry.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

namespace cti::net {
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {
// Another host has a pace and a robots.txt of its own, so a redirect comes back before it is asked.
Request first_request(const Job& job) {
    auto request = job.asked.request;
    if (request.redirects == Redirects::follow) request.redirects = Redirects::stop_at_other_hosts;
    return request;
}
}

HostRules Fetcher::Impl::rules_of(const Job& job) const {
    auto rules = job.asked.rules;
    rules.min_delay = std::max(rules.min_delay, job.crawl_delay);
    rules.max_connections = std::min(rules.max_connections, settings.client.max_connections_per_host);
    return rules;
}

void Fetcher::Impl::accept(FetchRequest request, Client::Done done) {
    auto job = std::make_shared<Job>();
    job->asked = std::move(request);
    job->done = std::move(done);
    job->next = first_request(*job);
    ++jobs;
    admit(job);
}

// Everything passes here before it waits for its host, also what comes from another one.
void Fetcher::Impl::admit(const JobPtr& job) {
    if (auto refusal = find_refusal(job->next.url, job->next.allow_private, false); !refusal.reason.empty()) {
        Response response;
        response.failure = refusal.failure, response.error = std::move(refusal.reason);
        return answer(job, std::move(response));
    }
    job->host = host_of(job->next.url);
    if (job->asked.obey_robots) return ask_robots(job);
    enqueue(job);
}

void Fetcher::Impl::enqueue(const JobPtr& job) {
    const auto now = Clock::now();
    if (const auto until = pace.held_until(job->host, now); until && *until > now + settings.longest_hold) {
        return answer_held(job, *until);
    }
    queues[job->host].push_back(job);
    schedule(job->host);
}

// Puts the host where it belongs in the order of waiting hosts.
void Fetcher::Impl::schedule(const std::string& host) {
    if (const auto it = ready_of.find(host); it != ready_of.end()) {
        ready.erase({it->second, host});
        ready_of.erase(it);
    }
    const auto queue = queues.find(host);
    if (queue == queues.end()) return;
    const auto when = pace.ready_at(host, rules_of(*queue->second.front()), Clock::now());
    if (when == Moment::max()) return; // The end of a request brings it back.
    ready.emplace(when, host);
    ready_of.emplace(host, when);
}

void Fetcher::Impl::answer(const JobPtr& job, Response response) {
    response.url = job->next.url;
    response.attempts = job->attempts;
    response.duration = job->spent;
    answers.emplace_back(job, std::move(response));
}

void Fetcher::Impl::answer_held(const JobPtr& job, Moment until) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(until - Clock::now());
    Response response;
    response.failure = Failure::held;
    response.error = "the host asked to wait until " + format_rfc3339(current_time() + left);
    response.retry_after = left;
    answer(job, std::move(response));
}

void Fetcher::Impl::flush_held(const std::string& host) {
    const auto now = Clock::now();
    const auto until = pace.held_until(host, now);
    const auto queue = queues.find(host);
    if (!until || *until <= now + settings.longest_hold || queue == queues.end()) return;
    for (const auto& job : queue->second) answer_held(job, *until);
    queues.erase(queue);
}

void Fetcher::Impl::start_ready() {
    const auto now = Clock::now();
    const auto most = static_cast<std::size_t>(std::max(1, settings.client.max_connections));
    while (active < most && !ready.empty() && ready.begin()->first <= now) {
        const auto host = ready.begin()->second;
        auto& queue = queues.at(host);
        const auto job = queue.front();
        queue.pop_front();
        if (queue.empty()) queues.erase(host);
        start(job);
        schedule(host);
    }
}

void Fetcher::Impl::start(const JobPtr& job) {
    const auto now = Clock::now();
    if (!job->deadline) job->deadline = now + job->asked.request.limits.total_timeout;
    if (job->next.chain.hops == 0) ++job->attempts;
    auto request = job->next;
    request.time_left = std::chrono::duration_cast<milliseconds>(*job->deadline - now);
    pace.begin(job->host, now);
    ++active;
    client.start(std::move(request), [this, job](Response response) { finish(job, std::move(response)); });
}

void Fetcher::Impl::finish(const JobPtr& job, Response response) {
    --active;
    pace.end(job->host, Clock::now());
    job->spent += response.duration;
    hold_if_asked(job, response);
    schedule(job->host);
    if (go_on_elsewhere(job, response) || try_again(job, response)) return;
    response.attempts = job->attempts;
    response.duration = job->spent;
    if (response.failure != Failure::none && job->attempts > 1)
        response.error += fmt::format(" ({} attempts)", job->attempts);
    --jobs;
    job->done(std::move(response));
}

bool Fetcher::Impl::go_on_elsewhere(const JobPtr& job, const Response& response) {
    if (response.next_url.empty()) return false;
    job->next.url = response.next_url;
    drop_what_is_private(job->next);                          // It is another host.
    if (job->next.method != "HEAD") job->next.method = "GET"; // The client goes nowhere else with others.
    job->next.chain = {response.redirects, response.permanent_url == response.next_url,
                       response.permanent_url, response.cookies};
    admit(job);
    return true;
}

void Fetcher::Impl::hold_if_asked(const JobPtr& job, const Response& response) {
    if (response.failure != Failure::none || (response.status != 429 && response.status != 503)) return;
    if (!response.retry_after && response.status != 429) return;
    pace.hold(job->host, Clock::now() + response.retry_after.value_or(settings.hold_after_429));
    flush_held(job->host);
}

// A 429 is asked again only when the host says itself that it will do in a moment.
bool Fetcher::Impl::try_again(const JobPtr& job, const Response& response) {
    const bool soon =
        response.status == 429 && response.retry_after && *response.retry_after <= settings.longest_hold;
    const bool hopeful = may_pass(response) || (response.failure == Failure::none && soon);
    if (!hopeful || !may_repeat(job->asked.request.method, response) ||
        job->attempts >= job->asked.max_attempts)
        return false;
    auto wait = backoff(job->attempts + 1, settings.backoff_base, settings.backoff_cap,
                        scramble(settings.seed + draws++));
    if (response.failure == Failure::none && response.retry_after) {
        if (*response.retry_after > settings.longest_hold) return false;
        wait = std::max<milliseconds>(wait, *response.retry_after);
    }
    const auto when = Clock::now() + wait;
    if (when >= *job->deadline) return false;
    job->next = first_request(*job); // From the start: the redirects may be other ones by then.
    retries.emplace(when, job);
    return true;
}

void Fetcher::Impl::requeue_due() {
    while (!retries.empty() && retries.begin()->first <= Clock::now()) {
        const auto job = retries.begin()->second;
        retries.erase(retries.begin());
        admit(job);
    }
}

bool Fetcher::Impl::deliver() {
    auto batch = std::exchange(answers, {});
    for (auto& [job, response] : batch) {
        --jobs;
        job->done(std::move(response));
    }
    return !batch.empty();
}

milliseconds Fetcher::Impl::until_next(milliseconds longest) const {
    const auto now = Clock::now();
    Moment next = now + longest;
    const bool free = active < static_cast<std::size_t>(std::max(1, settings.client.max_connections));
    if (free && !ready.empty()) next = std::min(next, ready.begin()->first);
    if (!retries.empty()) next = std::min(next, retries.begin()->first);
    return std::clamp(std::chrono::ceil<milliseconds>(next - now), milliseconds{0}, longest);
}

Fetcher::Fetcher(FetcherSettings settings) : m_impl(std::make_unique<Impl>(std::move(settings))) {}
Fetcher::~Fetcher() = default;

void Fetcher::submit(FetchRequest request, Done done) { m_impl->accept(std::move(request), std::move(done)); }

void Fetcher::run_once(milliseconds timeout) {
    const bool delivered = m_impl->deliver();
    m_impl->requeue_due();
    m_impl->start_ready();
    const bool more = delivered || !m_impl->answers.empty();
    m_impl->client.run_once(more ? milliseconds{0} : m_impl->until_next(timeout));
    m_impl->start_ready();
}

void Fetcher::wake() { m_impl->client.wake(); }
std::size_t Fetcher::active() const { return m_impl->active; }
std::size_t Fetcher::waiting() const { return m_impl->jobs - m_impl->active; }

void Fetcher::hold(const std::string& host, milliseconds duration) {
    m_impl->pace.hold(host, Clock::now() + duration);
    m_impl->flush_held(host);
    m_impl->schedule(host);
}
}
