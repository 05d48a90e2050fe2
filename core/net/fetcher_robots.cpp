#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/net/fetcher_impl.hpp"
#include "core/net/gate.hpp"

#include <fmt/format.h>

// robots.txt: found, asked for, kept, and obeyed.
namespace cti::net {
namespace {
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
constexpr std::size_t k_max_robots_bytes = 500 * 1024;
// Of all robots.txt in memory together; as rules they take up to four times as much.
constexpr std::size_t k_max_stored_bytes = 4 * 1024 * 1024;

std::string path_of(std::string_view url) {
    const auto parts = split_url(url);
    std::string path = parts.path.empty() ? "/" : std::string(parts.path);
    if (parts.has_query) (path += '?') += parts.query;
    return path;
}
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
    drop_what_is_private(request.request);
    request.request.method = "GET";
    request.request.redirects = Redirects::follow;
    request.request.url = origin + "/robots.txt";
    request.request.accept = "*/*";
    request.request.is_html_unexpected = false;
    request.request.limits.max_bytes = k_max_robots_bytes;
    request.request.cut_at_limit = true;
    accept(std::move(request), [this, origin](const Response& response) { accept_robots(origin, response); });
}

// RFC 9309 section 2.3.1: what is not there forbids nothing, what cannot be read forbids everything.
void Fetcher::Impl::accept_robots(const std::string& origin, const Response& response) {
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
         it != robots.end() && (robots_bytes > k_max_stored_bytes || robots.size() > 10'000);) {
        if (it->second.state != RobotsEntry::State::known) {
            ++it;
            continue;
        }
        robots_bytes -= it->second.bytes;
        it = robots.erase(it);
    }
}
}
