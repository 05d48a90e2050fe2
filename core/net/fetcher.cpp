#include "core/net/fetcher.hpp"

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/base/url.hpp"
#include "core/net/gate.hpp"
#include "core/net/robots.hpp"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cti::net {
namespace {
using Clock = std::chrono::steady_clock;
using Moment = Clock::time_point;
using std::chrono::milliseconds;
constexpr std::size_t k_longest_robots = 500 * 1024;
// Of all robots.txt in memory together; as rules they take up to four times as much.
constexpr std::size_t k_most_robots = 4 * 1024 * 1024;

// One request from submit() to its answer.
struct Job {
    FetchRequest asked;
    Client::Done done;
    Request next; // what is sent next: the request itself, or where a redirect to another host led
    std::string host;
    milliseconds crawl_delay{0};
    int attempts = 0;
    std::optional<Moment> deadline; // from the first attempt on
    std::chrono::microseconds spent{0};
};
using JobPtr = std::shared_ptr<Job>; // shared only because std::function wants to be copied

struct RobotsEntry {
    enum class State { unknown, asked, known };
    State state = State::unknown;
    Robots rules;
    std::string unreadable; // why nothing may be asked, where the file could not be read
    std::size_t bytes = 0;
    Moment expires{};
    std::vector<JobPtr> waiting;
};

std::string path_of(std::string_view url) {
    const auto parts = split_url(url);
    std::string path = parts.path.empty() ? "/" : std::string(parts.path);
    if (parts.has_query) (path += '?') += parts.query;
    return path;
}

std::uint64_t scramble(std::uint64_t x) { // splitmix64
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ x >> 27) * 0x94D049BB133111EBULL;
    return x ^ x >> 31;
}
}

std::string host_of(std::string_view url) {
    auto host = ascii_lower(split_url(url).host);
    while (host.ends_with('.')) host.pop_back();
    return host;
}

std::string origin_of(std::string_view url) {
    const auto parts = split_url(url);
    const bool secure = iequals(parts.scheme, "https");
    const int port = port_of(url);
    auto origin = fmt::format("{}://{}", secure ? "https" : "http", host_of(url));
    return port == (secure ? 443 : 80) ? origin : fmt::format("{}:{}", origin, port);
}

bool may_pass(const Response& response) {
    switch (response.failure) {
    case Failure::resolve:
    case Failure::connect:
    case Failure::timeout:
    case Failure::transfer: return true;
    case Failure::none: return response.status >= 500 && response.status != 501 && response.status != 505;
    default: return false;
    }
}

milliseconds backoff(int attempt, milliseconds base, milliseconds cap, std::uint64_t draw) {
    const int doublings = std::clamp(attempt - 2, 0, 30);
    const auto whole = std::min(cap.count(), base.count() << doublings);
    const auto half = whole / 2;
    return milliseconds{whole - half +
                        static_cast<milliseconds::rep>(draw % static_cast<std::uint64_t>(half + 1))};
}

struct Fetcher::Impl {
    explicit Impl(FetcherSettings given) : settings(std::move(given)), client(settings.client) {}

    void accept(FetchRequest request, Client::Done done);
    void admit(const JobPtr& job);
    void enqueue(const JobPtr& job);
    void schedule(const std::string& host);
    void answer(const JobPtr& job, Response response);
    void answer_held(const JobPtr& job, Moment until);
    void flush_held(const std::string& host);

    void ask_robots(const JobPtr& job);
    void find_robots(const std::string& origin, RobotsEntry& entry, const JobPtr& job);
    void take_robots(const std::string& origin, const Response& response);
    void settle(RobotsEntry& entry, Robots rules, std::size_t bytes, std::chrono::seconds ttl);
    void decide(const JobPtr& job, const RobotsEntry& entry);
    void forget_robots();

    void start_ready();
    void start(const JobPtr& job);
    void finish(const JobPtr& job, Response response);
    bool go_on_elsewhere(const JobPtr& job, const Response& response);
    void hold_if_asked(const JobPtr& job, const Response& response);
    bool try_again(const JobPtr& job, const Response& response);
    void requeue_due();
    bool deliver();
    milliseconds until_next(milliseconds longest) const;

    HostRules rules_of(const Job& job) const;

    FetcherSettings settings;
    Client client;
    Pace pace;
    std::unordered_map<std::string, std::deque<JobPtr>> queues; // by host
    std::set<std::pair<Moment, std::string>> ready;   // hosts with a queue, by when they may be asked
    std::unordered_map<std::string, Moment> ready_of; // the same the other way round
    std::multimap<Moment, JobPtr> retries;
    std::unordered_map<std::string, RobotsEntry> robots; // by origin
    std::size_t robots_bytes = 0;
    std::vector<std::pair<JobPtr, Response>> answers; // without a request; for the next run_once()
    std::size_t jobs = 0, active = 0;
    std::uint64_t draws = 0;
};

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
    job->next = job->asked.request;
    job->next.stop_at_other_hosts = true;
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

void Fetcher::Impl::ask_robots(const JobPtr& job) {
    const auto origin = origin_of(job->next.url);
    auto& entry = robots[origin];
    if (entry.state == RobotsEntry::State::known && Clock::now() >= entry.expires)
        entry.state = RobotsEntry::State::unknown;
    if (entry.state == RobotsEntry::State::unknown) find_robots(origin, entry, job);
    if (entry.state == RobotsEntry::State::known) return decide(job, entry);
    entry.waiting.push_back(job);
}

void Fetcher::Impl::find_robots(const std::string& origin, RobotsEntry& entry, const JobPtr& job) {
    if (const auto kept = settings.find_robots ? settings.find_robots(origin) : std::nullopt; kept) {
        return settle(entry, Robots::parse(kept->text), kept->text.size(), settings.robots_ttl);
    }
    entry.state = RobotsEntry::State::asked;
    FetchRequest request = job->asked;
    request.obey_robots = false;
    request.request.url = origin + "/robots.txt";
    request.request.accept = "*/*";
    request.request.is_html_unexpected = false;
    request.request.headers.clear();
    request.request.limits.max_bytes = k_longest_robots;
    request.request.cut_at_limit = true;
    accept(std::move(request), [this, origin](const Response& response) { take_robots(origin, response); });
}

// RFC 9309 section 2.3.1: what is not there forbids nothing, what cannot be read forbids everything.
void Fetcher::Impl::take_robots(const std::string& origin, const Response& response) {
    auto& entry = robots[origin];
    const auto waiting = std::exchange(entry.waiting, {});
    if (response.failure == Failure::held) { // The host has not been asked; neither will it be for these.
        entry.state = RobotsEntry::State::unknown;
        for (const auto& job : waiting) answer(job, response);
        return;
    }
    const bool answered =
        response.failure == Failure::none && response.status >= 200 && response.status < 500;
    const bool there = answered && response.status < 300;
    const auto ttl = answered && response.status != 429 ? settings.robots_ttl : settings.robots_failure_ttl;
    if (there) {
        settle(entry, Robots::parse(response.body), response.body.size(), ttl);
    } else if (answered || response.failure == Failure::redirects) {
        settle(entry, Robots::allow_all(), 0, ttl);
    } else {
        settle(entry, Robots::disallow_all(), 0, ttl);
        entry.unreadable = response.error.empty() ? fmt::format("HTTP {}", response.status) : response.error;
    }
    if (answered && response.status != 429 && settings.keep_robots)
        settings.keep_robots(origin, there ? response.body : "", response.status);
    for (const auto& job : waiting) decide(job, entry);
    forget_robots();
}

void Fetcher::Impl::settle(RobotsEntry& entry, Robots rules, std::size_t bytes, std::chrono::seconds ttl) {
    robots_bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    entry.unreadable.clear();
    entry.rules = std::move(rules);
    entry.state = RobotsEntry::State::known;
    entry.expires = Clock::now() + ttl;
}

void Fetcher::Impl::decide(const JobPtr& job, const RobotsEntry& entry) {
    const auto path = path_of(job->next.url);
    if (entry.rules.allows(settings.robots_product, path)) {
        job->crawl_delay = entry.rules.crawl_delay(settings.robots_product).value_or(milliseconds{0});
        return enqueue(job);
    }
    Response response;
    response.failure = Failure::robots;
    response.error = entry.unreadable.empty()
                         ? fmt::format("robots.txt of {} forbids {} for {}", job->host,
                                       printable(head_code_points(path, 200)), settings.robots_product)
                         : fmt::format("robots.txt of {} cannot be read, so nothing is asked of it: {}",
                                       job->host, entry.unreadable);
    answer(job, std::move(response));
}

void Fetcher::Impl::forget_robots() {
    for (auto it = robots.begin();
         it != robots.end() && (robots_bytes > k_most_robots || robots.size() > 10'000);) {
        if (it->second.state != RobotsEntry::State::known) {
            ++it;
            continue;
        }
        robots_bytes -= it->second.bytes;
        it = robots.erase(it);
    }
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
    job->next.headers.clear(); // It is another host.
    job->next.chain = {response.redirects, response.permanent_url == response.next_url,
                       response.permanent_url};
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
    if (!hopeful || job->attempts >= job->asked.max_attempts) return false;
    auto wait = backoff(job->attempts + 1, settings.backoff_base, settings.backoff_cap,
                        scramble(settings.seed + draws++));
    if (response.failure == Failure::none && response.retry_after) {
        if (*response.retry_after > settings.longest_hold) return false;
        wait = std::max<milliseconds>(wait, *response.retry_after);
    }
    const auto when = Clock::now() + wait;
    if (when >= *job->deadline) return false;
    job->next = job->asked.request; // From the start: the redirects may be other ones by then.
    job->next.stop_at_other_hosts = true;
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
