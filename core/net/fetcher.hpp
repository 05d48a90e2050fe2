#pragma once
#include "core/net/client.hpp"
#include "core/net/pace.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

// Fetches politely: the client with retries, a pace for each host, and robots.txt. Waiting requests hold no
// connection, so that a slow or forbidding host never keeps the others from being fetched.
namespace cti::net {

struct FetchRequest {
    Request request; // its total_timeout counts from the first attempt to the end of the last one
    HostRules rules;
    int max_attempts = 3;
    bool obey_robots = false;
};

// A robots.txt as it is kept for a day: the text (500 KiB at most) and the status it came with (below 500).
struct KeptRobots {
    std::string text;
    int status = 0;
};

struct FetcherSettings {
    ClientSettings client; // its max_connections_per_host is the ceiling of every HostRules::max_connections
    std::string robots_product = "cti";
    std::chrono::milliseconds backoff_base{500}, backoff_cap{10'000};
    std::uint64_t seed = 1;                        // of the jitter
    std::chrono::milliseconds longest_hold{5'000}; // what asks for a longer rest is answered at once
    std::chrono::seconds hold_after_429{60};       // where the answer has no Retry-After
    std::chrono::seconds robots_ttl{24 * 3600};    // in memory
    std::chrono::seconds robots_failure_ttl{600};  // of a host whose robots.txt could not be read

    // Where robots.txt is kept between runs. `host` is "https://example.com", with the port where it is not
    // the scheme's own. Called from submit() and run_once(). An expired one is for the hook not to find.
    std::function<std::optional<KeptRobots>(const std::string& host)> find_robots;
    std::function<void(const std::string& host, const std::string& text, int status)> keep_robots;
};

class Fetcher {
public:
    using Done = Client::Done;

    explicit Fetcher(FetcherSettings settings);
    ~Fetcher();
    Fetcher(const Fetcher&) = delete;
    Fetcher& operator=(const Fetcher&) = delete;

    // `done` is called from run_once(), exactly once, unless the fetcher goes away before. It may submit
    // more.
    void submit(FetchRequest request, Done done);
    // Moves all requests on, waiting at most `timeout` for something to happen.
    void run_once(std::chrono::milliseconds timeout);
    // Ends the waiting of run_once() in another thread. The only function that other threads may call.
    void wake();
    std::size_t active() const;  // under way, robots.txt included
    std::size_t waiting() const; // for their host, their next attempt or robots.txt
    // A host's hold from an earlier run.
    void hold(const std::string& host, std::chrono::milliseconds duration);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};
}
