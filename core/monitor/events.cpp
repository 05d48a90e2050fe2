#include "core/monitor/events.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/net/webhook.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace cti::monitor {
namespace {

store::Event make(std::string key, std::string_view kind, std::string_view text, Time now,
                  const std::function<void(JsonWriter&)>& more) {
    store::Event event{std::move(key), {}};
    JsonWriter json(event.payload);
    json.begin_object()
        .member("event", kind)
        .member("id", event.key)
        .member("text", text)
        .member("time", format_rfc3339(now));
    more(json);
    json.end_object();
    return event;
}

// "12/1763…": which source, and since when: its last success.
std::string episode_of(const Source& source) {
    return fmt::format("{}/{}", source.id,
                       source.last_success ? source.last_success->time_since_epoch().count() : 0);
}

void write_source(JsonWriter& json, const Source& source) {
    json.member("source", source.identifier).member("name", source.name);
    json.member("last_success", format_rfc3339(source.last_success));
}
}

std::vector<store::Event> failing_sources(const FastStatus& fast, int failures, Time now) {
    std::vector<store::Event> events;
    for (const auto& status : fast.sources) {
        const auto& source = status.source;
        if (!source.active || source.consecutive_failures < failures) continue;
        const auto text = fmt::format("cti: source '{}' has failed {} times in a row: {}",
                                      net::chat_text(source.identifier), source.consecutive_failures,
                                      net::chat_text(status.last_error));
        events.push_back(
            make(k_failing_prefix + episode_of(source), "source_failing", text, now, [&](JsonWriter& json) {
                write_source(json, source);
                json.member("consecutive_failures", source.consecutive_failures)
                    .member("error", status.last_error);
            }));
    }
    return events;
}

std::vector<store::Event> recovered_sources(const FastStatus& fast,
                                            const std::vector<std::string>& failing_keys, Time now) {
    std::vector<store::Event> events;
    for (const auto& key : failing_keys) {
        const auto episode = key.substr(std::string_view(k_failing_prefix).size());
        const auto id = episode.substr(0, episode.find('/'));
        const auto found = std::ranges::find_if(
            fast.sources, [&](const SourceStatus& status) { return std::to_string(status.source.id) == id; });
        if (found == fast.sources.end() || found->source.consecutive_failures > 0 ||
            episode_of(found->source) == episode)
            continue;
        const auto text =
            fmt::format("cti: source '{}' is read again", net::chat_text(found->source.identifier));
        events.push_back(make("source_recovered/" + episode, "source_recovered", text, now,
                              [&](JsonWriter& json) { write_source(json, found->source); }));
    }
    return events;
}

std::vector<store::Event> stale_collection(const FastStatus& fast, std::chrono::seconds patience, Time now) {
    const auto collect = std::ranges::find(fast.schedules, "collect", &store::ScheduleRow::name);
    if (collect == fast.schedules.end() || !collect->last_success_at ||
        now - *collect->last_success_at < patience)
        return {};
    const auto last = *collect->last_success_at;
    const auto text = fmt::format("cti: nothing was collected for {}", format_duration(now - last));
    return {make(fmt::format("collection_stale/{}", last.time_since_epoch().count()), "collection_stale",
                 text, now, [&](JsonWriter& json) { json.member("last_success", format_rfc3339(last)); })};
}

std::vector<store::Event> high_scores(const std::vector<store::ScoredArticle>& articles, Time now) {
    std::vector<store::Event> events;
    for (const auto& article : articles) {
        const auto text = fmt::format("cti: {} (score {:.1f}, {})", net::chat_text(article.title),
                                      article.score, net::chat_text(article.source));
        events.push_back(make(fmt::format("article_score/{}", article.id), "article_score", text, now,
                              [&](JsonWriter& json) {
                                  json.member("article_id", article.id)
                                      .member("source", article.source)
                                      .member("title", article.title)
                                      .member("url", article.url)
                                      .member("score", article.score);
                              }));
    }
    return events;
}
}
