#include "core/collect/collect.hpp"

#include "core/collect/process.hpp"
#include "core/store/sources.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace cti::collect {
namespace {
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// The thread behind the network: it takes what was fetched, in order, and hands the results back.
class Storer {
public:
    Storer(store::Database& database, const store::Schema& schema, Time now, bool dry_run, std::function<void()> wake)
        : m_database(database), m_schema(schema), m_now(now), m_dry_run(dry_run), m_wake(std::move(wake)), m_thread([this] { run(); }) {}
    ~Storer() { close(); }
    Storer(const Storer&) = delete;
    Storer& operator=(const Storer&) = delete;

    void push(std::size_t index, Fetched fetched) {
        const std::lock_guard lock(m_mutex);
        m_waiting.emplace_back(index, std::move(fetched));
        ++m_in_hand;
        m_changed.notify_one();
    }

    // The finished ones; throws what ended the thread.
    std::vector<std::pair<std::size_t, CheckResult>> take_finished() {
        const std::lock_guard lock(m_mutex);
        if (m_failure) std::rethrow_exception(std::exchange(m_failure, nullptr));
        m_in_hand -= m_finished.size();
        return std::exchange(m_finished, {});
    }
    std::size_t in_hand() {
        const std::lock_guard lock(m_mutex);
        return m_in_hand;
    }
    void close() {
        {
            const std::lock_guard lock(m_mutex);
            m_closed = true;
            m_changed.notify_one();
        }
        if (m_thread.joinable()) m_thread.join();
    }

private:
    void run() {
        try {
            for (std::unique_lock lock(m_mutex);;) {
                m_changed.wait(lock, [this] { return m_closed || !m_waiting.empty(); });
                if (m_waiting.empty()) return;
                auto [index, fetched] = std::move(m_waiting.front());
                m_waiting.pop_front();
                lock.unlock();
                auto result = process(m_database, m_schema, fetched, m_now, m_dry_run);
                lock.lock();
                m_finished.emplace_back(index, std::move(result));
                m_wake();
            }
        } catch (...) { // Handed to the calling thread, which throws it again.
            const std::lock_guard lock(m_mutex);
            m_failure = std::current_exception();
            m_wake();
        }
    }

    store::Database& m_database;
    const store::Schema& m_schema;
    Time m_now;
    bool m_dry_run;
    std::function<void()> m_wake;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<std::pair<std::size_t, Fetched>> m_waiting;
    std::vector<std::pair<std::size_t, CheckResult>> m_finished;
    std::size_t m_in_hand = 0;
    bool m_closed = false;
    std::exception_ptr m_failure;
    std::thread m_thread; // Last: it uses all of the above.
};

class Run {
public:
    Run(store::Database& database, const store::Schema& schema, const Options& options, Time now)
        : m_options(options), m_client({.max_connections = options.jobs, .max_connections_per_host = 2, .proxy = {}}),
          m_storer(database, schema, now, options.dry_run, [this] { m_client.wake(); }), m_validators(read_validators(database)) {
        if (options.max_time) m_deadline = Clock::now() + *options.max_time;
    }

    Report operator()() {
        std::map<std::size_t, CheckResult> results;
        while (true) {
            start_more();
            if (m_client.active() == 0 && m_storer.in_hand() == 0) break;
            if (must_end_now() && m_storer.in_hand() == 0) break; // Requests under way are dropped: they are asked again next time.
            m_client.run_once(100ms);
            for (auto& [index, result] : m_storer.take_finished()) {
                m_inserted += result.inserted;
                if (m_options.on_result) m_options.on_result(result);
                results.emplace(index, std::move(result));
            }
            if (m_options.on_progress) m_options.on_progress(progress(results.size()));
        }
        Report report;
        for (auto& [index, result] : results) report.results.push_back(std::move(result));
        report.not_begun = m_options.sources.size() - report.results.size();
        return report;
    }

private:
    static std::map<int, Validators> read_validators(store::Database& database) {
        store::Transaction tx(database, store::Access::read_only);
        return store::find_all_validators(tx);
    }

    bool stop_asked() const { return m_options.stop != nullptr && m_options.stop->load() != 0; }
    bool must_end_now() const { return stop_asked() || (m_deadline && Clock::now() >= *m_deadline); }

    void start_more() {
        const auto jobs = static_cast<std::size_t>(m_options.jobs);
        // What waits to be stored counts too: memory stays bounded when the database is the slower side.
        while (!must_end_now() && m_next < m_options.sources.size() && m_client.active() + m_storer.in_hand() < jobs) start(m_next++);
    }

    void start(std::size_t index) {
        const auto& source = m_options.sources[index];
        net::Request request;
        request.url = *source.rss_url;
        if (const auto it = m_validators.find(source.id); it != m_validators.end()) request.validators = it->second;
        request.user_agent = m_options.user_agent;
        request.limits = m_options.limits;
        request.allow_private = m_options.allow_private;
        m_under_way.push_back(index);
        m_client.start(std::move(request), [this, index](net::Response response) {
            std::erase(m_under_way, index);
            m_storer.push(index, {m_options.sources[index], std::move(response)});
        });
    }

    Progress progress(std::size_t done) const {
        return {done, m_options.sources.size(), m_inserted, m_under_way.empty() ? "" : m_options.sources[m_under_way.front()].identifier};
    }

    const Options& m_options;
    net::Client m_client;
    Storer m_storer;
    std::map<int, Validators> m_validators;
    std::optional<Clock::time_point> m_deadline;
    std::size_t m_next = 0;
    long m_inserted = 0;
    std::vector<std::size_t> m_under_way; // oldest first
};
}

Report collect(store::Database& database, const store::Schema& schema, const Options& options, Time now) {
    Report report = Run(database, schema, options, now)();
    report.started_at = now;
    report.finished_at = current_time();
    report.dry_run = options.dry_run;
    return report;
}
}
