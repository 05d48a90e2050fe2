#pragma once
#include "core/net/fetcher.hpp"
#include "core/net/robots.hpp"

#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

// What a Fetcher consists of; for fetcher.cpp and fetcher_robots.cpp alone.
namespace cti::net {

using Moment = std::chrono::steady_clock::time_point;

// One request from submit() to its answer.
struct Job {
    FetchRequest asked;
    Client::Done done;
    Request next; // what is sent next: the request itself, or where a redirect to another host led
    std::string host;
    std::chrono::milliseconds crawl_delay{0};
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
    void accept_robots(const std::string& origin, const Response& response);
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
    std::chrono::milliseconds until_next(std::chrono::milliseconds longest) const;

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

}
