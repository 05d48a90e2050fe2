#pragma once
#include "core/base/thread_board.hpp"
#include "core/monitor/observer.hpp"
#include "core/net/webhook.hpp"
#include "core/store/own/notifications.hpp"

#include <functional>
#include <optional>
#include <string>

// Posts events to a webhook, in a thread of its own. An event is a row; each delivery is leased, so of any
// number of replicas one posts it. What the receiver did not take is posted again with the same id, with
// growing pauses, for about a day.
namespace cti::monitor {

struct NotifierSettings {
    net::Webhook webhook;
    int failures = 5; // in a row, until a source is worth a message
    std::optional<double> min_score;
    std::chrono::seconds stale_after{3 * 10'800};
    std::chrono::milliseconds every{10'000};
    std::function<db::Database()> connect;
    ThreadBoard* threads = nullptr; // where it says what it does
};

// Whether a clock was set, from pairs of what it and the steady clock said.
class ClockWatch {
public:
    // When it was set last, as far as was seen; nothing: never.
    std::optional<SteadyTime> look(Time clock, SteadyTime steady);

private:
    std::optional<Instant> m_last;
    std::optional<SteadyTime> m_set_at;
};

class Notifier {
public:
    // Throws Error(usage) where the address is refused; the message does not hold it, as it may be a secret.
    Notifier(NotifierSettings settings, const Observer& observer);

private:
    void look();
    void find_events(const FastStatus& fast);
    void deliver();
    void deliver(const store::Delivery& delivery);

    NotifierSettings m_settings;
    const Observer& m_observer;
    std::optional<db::Database> m_database; // of the thread alone
    std::optional<db::Schema> m_schema;
    ClockWatch m_server_clock;
    ThreadSlot m_slot;
    Periodic m_thread; // Last: it uses all of the above.
};

// How long to wait after that many failed attempts: 10 s, 20 s, 40 s … at most three hours. Nothing: given
// up.
std::optional<std::chrono::seconds> pause_after(int attempts);
}
