#pragma once
#include "core/collect/process.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

// The threads behind the network: everything that asks the database. They claim sources, renew their leases, and record what was
// fetched, so that no server on the other side can hold up the database, nor the database the network. Two of them, each with a
// connection of its own: while one waits for PostgreSQL to write, the other parses and cleans.
namespace cti::collect {

struct KeeperSettings {
    bool dry_run = false;
    std::shared_ptr<const Intelligence> intelligence; // none: texts are not looked through
    std::chrono::seconds lease_ttl{120};
    std::function<void()> wake; // called in the thread of the keeper when there is something to take
};

struct Claimed {
    std::vector<store::Claim> claims;
    std::map<std::string, std::chrono::seconds> holds; // host: still to wait
};

class Keeper {
public:
    Keeper(store::Database& database, const store::Schema& schema, KeeperSettings settings);
    ~Keeper(); // Finishes what was handed over.
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    void claim(store::ClaimOptions options);
    void record(Fetched fetched);
    // The source is as due as before.
    void give_back(const store::Claim& claim);
    void finish(); // Waits until all that was handed over is done; throws what ended the thread.

    struct News {
        std::vector<Claimed> claimed;
        std::vector<Outcome> outcomes;
    };
    News take_news(); // Throws what ended the thread.
    std::size_t to_record(); // handed over and not yet in the news

private:
    struct GiveBack {
        int source_id = 0;
        std::string token;
    };
    using Job = std::variant<store::ClaimOptions, Fetched, GiveBack>;

    void hand_over(Job job);
    void close();
    void run(store::Database& database);
    void work(store::Database& database);
    void do_job(store::Database& database, store::ClaimOptions& options);
    void do_job(store::Database& database, Fetched& fetched);
    void do_job(store::Database& database, GiveBack& lease);
    void renew_when_due(store::Database& database);
    void forget(int source_id);

    const store::Schema& m_schema;
    KeeperSettings m_settings;
    store::Database m_second;

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Job> m_jobs;
    News m_news;
    std::map<int, std::string> m_held; // source id: token
    std::chrono::steady_clock::time_point m_renewed{};
    std::size_t m_to_record = 0;
    bool m_closed = false;
    std::exception_ptr m_failure;
    std::array<std::thread, 2> m_threads; // Last: they use all of the above.
};
}
