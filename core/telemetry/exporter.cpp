#include "core/telemetry/exporter.hpp"

#include "core/base/log.hpp"
#include "core/net/webhook.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

namespace cti::telemetry {
namespace {
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr std::size_t k_max_batch = 512, k_max_batch_bytes = 512 * 1024; // of one request
constexpr std::size_t k_max_queue = 2048, k_max_queue_bytes = 4'000'000; // beside the batch under way
constexpr int k_max_tries = 5;
constexpr milliseconds k_longest_pause = 30s;
constexpr milliseconds k_step = 20ms;    // how soon a request under way learns of the end
constexpr milliseconds k_moment = 100ms; // for a thread that has been told to give up

// OTLP/HTTP names these; the rest would be answered the same again.
bool may_pass_later(const net::Response& response) {
    const int status = response.status;
    if (status == 0) return response.failure != net::Failure::bad_url;
    return status == 429 || status == 502 || status == 503 || status == 504;
}

// A thread that is to hear of no signal: the main thread waits for them.
class NoSignals {
public:
    NoSignals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &m_before);
    }
    ~NoSignals() { pthread_sigmask(SIG_SETMASK, &m_before, nullptr); }
    NoSignals(const NoSignals&) = delete;
    NoSignals& operator=(const NoSignals&) = delete;

private:
    sigset_t m_before{};
};

struct Delivery {
    std::string fault; // "" it was taken
    bool may_pass = false;
    std::optional<milliseconds> retry_after;
    std::size_t rejected = 0;
};
}

struct Exporter::State {
    explicit State(ExporterSettings given) : settings(std::move(given)) {}

    void run();
    std::vector<SpanData> next_batch();
    void deliver(net::Client& client, std::vector<SpanData> batch);
    Delivery post(net::Client& client, std::span<const SpanData> batch);
    bool wait_for_retry(milliseconds pause, bool was_asked);
    void note_fault(const std::string& fault);
    void drop_queue();
    bool is_over() const { return is_closing && Clock::now() >= deadline; }

    const ExporterSettings settings;
    std::mutex mutex; // of all that follows
    std::condition_variable changed;
    std::deque<SpanData> queue;
    std::size_t queue_bytes = 0, under_way = 0;
    Tally tally;
    bool is_closing = false, is_gone = false, was_full = false, is_hopeless = false;
    Clock::time_point deadline{}; // where it is closing
};

Exporter::Exporter(ExporterSettings settings) : m_state(std::make_shared<State>(std::move(settings))) {}
Exporter::~Exporter() { stop(0ms); }

void Exporter::add(SpanData span) {
    auto& state = *m_state;
    const auto size = size_of(span);
    const std::lock_guard lock(state.mutex);
    if (state.is_closing || state.queue.size() >= k_max_queue ||
        state.queue_bytes + size > k_max_queue_bytes) {
        state.was_full = true;
        ++state.tally.dropped;
        return;
    }
    state.queue.push_back(std::move(span));
    state.queue_bytes += size;
    if (!m_thread.joinable()) {
        const NoSignals block;
        m_thread = std::thread([shared = m_state] { shared->run(); });
    }
    if (state.queue.size() == 1 || state.queue.size() == k_max_batch) state.changed.notify_all();
}

Exporter::Tally Exporter::stop(milliseconds longest) {
    auto& state = *m_state;
    std::unique_lock lock(state.mutex);
    if (state.deadline == Clock::time_point{}) state.deadline = Clock::now() + longest;
    state.is_closing = true;
    state.changed.notify_all();
    if (m_thread.joinable()) {
        const auto end = state.deadline + k_moment;
        if (!state.changed.wait_until(lock, end, [&] { return state.is_gone; })) m_thread.detach();
    }
    auto tally = state.tally;
    tally.dropped += state.queue.size() + state.under_way; // Of a thread that was left behind.
    if (tally.dropped > 0 && tally.fault.empty())
        tally.fault = state.was_full ? "more came than are sent at a time" : "no answer in time";
    lock.unlock();
    if (m_thread.joinable()) m_thread.join();
    return tally;
}

void Exporter::State::run() {
    try {
        net::Client client{net::ClientSettings{}};
        for (auto batch = next_batch(); !batch.empty(); batch = next_batch())
            deliver(client, std::move(batch));
    } catch (const std::exception& error) {
        const std::lock_guard lock(mutex);
        if (tally.fault.empty()) tally.fault = error.what();
        is_closing = true; // add() counts what still comes.
        drop_queue();
    }
    // After the client has gone, which may wait for a look-up of a name.
    const std::lock_guard lock(mutex);
    is_gone = true;
    changed.notify_all();
}

// Waits for one; empty: it is the end. What is not empty is under way until deliver() says otherwise.
std::vector<SpanData> Exporter::State::next_batch() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return is_closing || !queue.empty(); });
    changed.wait_for(lock, settings.delay, [&] { return is_closing || queue.size() >= k_max_batch; });
    if (is_over() || (is_closing && is_hopeless)) drop_queue();
    std::vector<SpanData> batch;
    for (std::size_t bytes = 0; !queue.empty() && batch.size() < k_max_batch;) {
        const auto size = size_of(queue.front());
        bytes += size;
        if (!batch.empty() && bytes > k_max_batch_bytes) break;
        queue_bytes -= size;
        batch.push_back(std::move(queue.front()));
        queue.pop_front();
    }
    under_way = batch.size();
    return batch;
}

// The caller holds the lock.
void Exporter::State::drop_queue() {
    tally.dropped += queue.size() + std::exchange(under_way, 0);
    queue.clear();
    queue_bytes = 0;
}

void Exporter::State::deliver(net::Client& client, std::vector<SpanData> batch) {
    Delivery result;
    for (int tries = 1;; ++tries) {
        result = post(client, batch);
        if (result.fault.empty()) break;
        note_fault(result.fault);
        auto pause = std::min<milliseconds>(settings.first_pause * (1 << (tries - 1)), k_longest_pause);
        if (result.retry_after) pause = std::clamp(*result.retry_after, pause, k_longest_pause);
        if (!result.may_pass || tries >= k_max_tries ||
            !wait_for_retry(pause, result.retry_after.has_value()))
            break;
    }
    const bool was_taken = result.fault.empty();
    if (result.rejected > 0) note_fault("the collector rejected some");
    const std::lock_guard lock(mutex);
    under_way = 0;
    is_hopeless = !was_taken;
    const auto lost = was_taken ? result.rejected : batch.size();
    tally.dropped += lost, tally.delivered += batch.size() - lost;
}

// False: not again. At the end nobody waits: a last try is made at once, unless the collector asked for a
// rest.
bool Exporter::State::wait_for_retry(milliseconds pause, bool was_asked) {
    std::unique_lock lock(mutex);
    if (is_closing) return false;
    changed.wait_for(lock, pause, [&] { return is_closing; });
    return !is_closing || (!was_asked && !is_over());
}

// Never longer than the end allows.
Delivery Exporter::State::post(net::Client& client, std::span<const SpanData> batch) {
    auto request = net::make_post(settings.url, write_traces(settings.resource, batch), "");
    request.user_agent = settings.user_agent;
    for (const auto& header : settings.headers) request.credentials.headers.push_back(header);
    std::optional<net::Response> answer;
    client.start(std::move(request), [&](net::Response response) { answer = std::move(response); });
    while (!answer) {
        client.run_once(k_step);
        const std::lock_guard lock(mutex);
        if (!answer && is_over()) return {"no answer in time", false, {}, 0};
    }
    Delivery delivery{net::post_fault(*answer), may_pass_later(*answer), answer->retry_after, 0};
    if (delivery.fault.empty()) delivery.rejected = count_rejected(answer->body, batch.size());
    return delivery;
}

// Once: at the end whoever stops it tells how many spans are missing.
void Exporter::State::note_fault(const std::string& fault) {
    const std::lock_guard lock(mutex);
    if (tally.fault.empty()) tally.fault = fault;
    if (is_closing || std::exchange(tally.was_told, true)) return;
    log::warning("the collector of traces does not take spans: {}", tally.fault);
}
}
