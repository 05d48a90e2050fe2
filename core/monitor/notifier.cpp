#include "core/monitor/notifier.hpp"

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/monitor/events.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::monitor {
namespace {
using namespace std::chrono_literals;
constexpr auto k_lease = 60s; // above the time that a post may take
constexpr int k_max_attempts = 18;
constexpr auto k_jump = 5s; // a clock that is so far from where it was expected was set

NotifierSettings checked(NotifierSettings settings) {
    net::require_fit(settings.webhook);
    return settings;
}
}

std::optional<std::chrono::seconds> pause_after(int attempts) {
    if (attempts >= k_max_attempts) return std::nullopt;
    return std::min<std::chrono::seconds>(10s * (1 << std::min(attempts - 1, 12)), 3h);
}

std::optional<SteadyTime> ClockWatch::look(Time clock, SteadyTime steady) {
    if (m_last) {
        const auto expected = m_last->date_of(steady);
        if (clock - expected > k_jump || expected - clock > k_jump) m_set_at = steady;
    }
    m_last = Instant{clock, steady};
    return m_set_at;
}

Notifier::Notifier(NotifierSettings settings, const Observer& observer)
    : m_settings(checked(std::move(settings))), m_observer(observer), m_slot(m_settings.threads, "notifier"),
      m_thread(m_settings.every, [this] { look(); }) {}

void Notifier::look() {
    const ThreadSlot::Work work(m_slot, "notifications");
    const auto snapshot = m_observer.snapshot();
    try {
        if (!m_database && snapshot->database_error.empty() && snapshot->fast)
            m_database = m_settings.connect(), m_schema.reset();
        if (!m_database || !snapshot->fast) return;
        find_events(*snapshot->fast);
        deliver();
    } catch (const Error& error) {
        log::debug("the notifications wait: {}", error.what());
        m_database.reset();
    }
}

void Notifier::find_events(const FastStatus& fast) {
    // The server's clock: it wrote the times that are looked at.
    const auto steady = steady_time();
    const auto now = server_time_at(fast, steady);
    auto events = failing_sources(fast, m_settings.failures, now);
    // Where that clock was set, what it wrote before looks older or younger than it is.
    const auto set_at = m_server_clock.look(fast.server_time, fast.read_at);
    if (!set_at || steady - *set_at > m_settings.stale_after)
        std::ranges::move(stale_collection(fast, m_settings.stale_after, now), std::back_inserter(events));
    db::with_retry(*m_database, [&](db::Transaction& transaction) {
        if (!m_schema) m_schema = db::read_schema(transaction);
        auto found = events;
        std::ranges::move(recovered_sources(fast, store::event_keys(transaction, k_failing_prefix), now),
                          std::back_inserter(found));
        if (m_settings.min_score)
            std::ranges::move(
                high_scores(store::find_high_scores(transaction, *m_schema, *m_settings.min_score), now),
                std::back_inserter(found));
        store::add_events(transaction, found);
    });
}

void Notifier::deliver() {
    while (!m_thread.is_ending()) {
        m_slot.beat();
        std::optional<store::Delivery> delivery;
        db::with_retry(*m_database, [&](db::Transaction& transaction) {
            delivery = store::claim_delivery(transaction, k_lease);
        });
        if (!delivery) return;
        deliver(*delivery);
    }
}

void Notifier::deliver(const store::Delivery& delivery) {
    const auto& event = delivery.event;
    const auto error = net::post_event(m_settings.webhook, event.key, event.payload);
    const auto pause = error.empty() ? std::nullopt : pause_after(delivery.attempts);
    db::with_retry(*m_database, [&](db::Transaction& transaction) {
        if (error.empty())
            store::finish_delivery(transaction, event.key);
        else
            store::fail_delivery(transaction, event.key, error, pause);
    });
    if (error.empty())
        log::info("notified of {}", event.key);
    else
        log::warning("the webhook did not take {}: {}; {}", event.key, error,
                     pause ? fmt::format("again in {} s", pause->count()) : std::string("given up"));
}
}
