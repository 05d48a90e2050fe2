#pragma once
#include "core/collect/check.hpp"
#include "core/net/fetcher.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

// The threads behind the network: everything that asks the database. They claim sources, renew their leases, read and record what was
// fetched, so that no server on the other side can hold up the database, nor the database the network. Two of them, each with a
// connection of its own: while one waits for PostgreSQL to write, the other parses and cleans. When there is nothing else to do they
// bring what was written into the index of `search`.
namespace cti::collect {

using CheckPtr = std::shared_ptr<Check>;

// What came back for one document of a check.
struct Fetched {
    CheckPtr check;
    Wanted wanted;
    net::Response response;
};

struct KeeperSettings {
    bool dry_run = false; // hosts' robots.txt are not kept
    const std::atomic<int>* stop = nullptr; // not 0: what is not yet in the index of `search` is left to the next run
    std::chrono::seconds lease_ttl{120};
    std::function<void()> wake; // called in the thread of the keeper when there is something to take
};

// A document was read and leads to others.
struct Asked {
    CheckPtr check;
    std::vector<Wanted> wanted;
    std::map<std::string, net::KeptRobots> robots; // by origin: what is kept of the hosts that are to be asked
};

struct Claimed {
    std::vector<store::Claim> claims;
    std::map<std::string, std::chrono::seconds> holds;  // host: still to wait
    std::map<std::string, net::KeptRobots> robots;      // by origin: of sources without a feed
};

class Keeper {
public:
    Keeper(store::Database& database, const store::Schema& schema, KeeperSettings settings);
    ~Keeper(); // Finishes what was handed over.
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    void claim(store::ClaimOptions options);
    // Hands over a document, and with the last one that is open the whole check, which is then recorded.
    void take(Fetched fetched);
    void cut_short(CheckPtr check); // See Check::cut_short(); it is recorded.
    void keep_robots(std::string origin, std::string text, int status);
    // The source is as due as before.
    void give_back(const store::Claim& claim);
    void finish(); // Waits until all that was handed over is done; throws what ended the thread.

    struct News {
        std::vector<Claimed> claimed;
        std::vector<Asked> asked;
        std::vector<std::pair<CheckPtr, Outcome>> outcomes;
        std::vector<CheckPtr> read; // one for each document that was handed over
        std::size_t cut = 0;        // checks that were cut short
    };
    News take_news(); // Throws what ended the thread.
    std::size_t to_do(); // documents and checks that were handed over and are not yet done, or not yet taken as news

private:
    struct GiveBack {
        int source_id = 0;
        std::string token;
    };
    struct CutShort {
        CheckPtr check;
    };
    struct Robots {
        std::string origin, text;
        int status = 0;
    };
    using Job = std::variant<store::ClaimOptions, Fetched, CutShort, GiveBack, Robots>;

    void hand_over(Job job);
    void close();
    void run(store::Database& database);
    void work(store::Database& database);
    void do_job(store::Database& database, store::ClaimOptions& options);
    void do_job(store::Database& database, Fetched& fetched);
    void do_job(store::Database& database, CutShort& cut);
    void do_job(store::Database& database, GiveBack& lease);
    void do_job(store::Database& database, Robots& robots);
    Outcome record(store::Database& database, Check& check);
    std::map<std::string, net::KeptRobots> find_robots(store::Database& database, const std::vector<std::string>& urls);
    void index_words(store::Database& database, const std::vector<int>& articles) const;
    std::vector<int> take_unindexed();
    void renew_when_due(store::Database& database);
    void forget(int source_id);

    const store::Schema& m_schema;
    KeeperSettings m_settings;
    store::Database m_second;

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Job> m_jobs;
    std::vector<int> m_unindexed; // articles
    News m_news;
    std::map<int, std::string> m_held; // source id: token
    std::chrono::steady_clock::time_point m_renewed{};
    std::size_t m_to_do = 0;
    bool m_closed = false;
    std::exception_ptr m_failure;
    std::array<std::thread, 2> m_threads; // Last: they use all of the above.
};
}
