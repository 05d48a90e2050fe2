#include "core/ops/sources/discover_feeds.hpp"

#include "core/base/plural.hpp"
#include "core/base/url.hpp"
#include "core/net/fault.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace cti::ops {
namespace {

// Where publishing systems put their feeds, for pages that announce none.
constexpr std::array k_usual_places{"feed",     "feed/",    "rss",       "rss.xml",
                                    "feed.xml", "atom.xml", "index.xml", "feeds/posts/default",
                                    "blog/feed"};
constexpr std::size_t k_max_feeds = 20; // A page may announce one for each of its comments.

bool is_feed(const feed::Feed& feed) { return !feed.format.empty() && feed.format != "html"; }

class Discovery {
public:
    Discovery(const std::atomic<int>* stop, const DiscoverOptions& options)
        : m_stop(stop), m_options(options) {}

    std::vector<FoundFeed> run(const std::string& url) {
        auto request = to_request(m_options.fetch, url);
        m_url = request.url, m_credentials = request.credentials;
        const auto answer = fetch_content(std::move(request), m_stop);
        auto page = feed::parse(answer.body, {net::document_url(answer), answer.content_type});
        if (is_feed(page)) return {{answer.url, std::move(page)}};
        note(log::Level::info, fmt::format("'{}' is a web page; it announces {}", m_url,
                                           count_of(std::ssize(page.feeds), "feed")));
        auto found = look_at(page.feeds, log::Level::warning);
        return found.empty() ? look_at(usual_places(answer.url), log::Level::info) : found;
    }

private:
    static std::vector<std::string> usual_places(const std::string& url) {
        std::vector<std::string> urls;
        for (const char* base : {"./", "/"}) {
            for (const char* place : k_usual_places) {
                auto candidate = resolve_url(resolve_url(url, base), place);
                if (std::ranges::find(urls, candidate) == urls.end()) urls.push_back(std::move(candidate));
            }
        }
        return urls;
    }

    // All at once, two at a time from a host. What is no feed is told at the level.
    std::vector<FoundFeed> look_at(std::vector<std::string> urls, log::Level level) {
        if (urls.size() > k_max_feeds)
            note(log::Level::notice,
                 fmt::format("only the first {} of {} are looked at", k_max_feeds, urls.size()));
        urls.resize(std::min(urls.size(), k_max_feeds));
        std::vector<FoundFeed> found(urls.size());
        net::Client client({});
        for (std::size_t i = 0; i < urls.size(); ++i) {
            auto request = to_request(m_options.fetch, urls[i]);
            if (is_same_origin(urls[i], m_url)) request.credentials = m_credentials;
            client.start(std::move(request), [&, i](const net::Response& answer) {
                if (auto feed = read(answer, urls[i], level); is_feed(feed))
                    found[i] = {urls[i], std::move(feed)};
            });
        }
        while (client.active() > 0) {
            if (const int number = m_stop == nullptr ? 0 : m_stop->load(); number != 0)
                throw Error{exit_code_of(number), "stopped while looking for feeds"};
            client.run_once(std::chrono::milliseconds{100});
        }
        std::erase_if(found, [](const FoundFeed& one) { return one.url.empty(); });
        return found;
    }

    feed::Feed read(const net::Response& answer, const std::string& url, log::Level level) const {
        if (const auto fault = net::find_fault(answer); !fault.empty()) {
            note(level, fmt::format("'{}': {}", url, fault));
            return {};
        }
        auto feed = feed::parse(answer.body, {net::document_url(answer), answer.content_type});
        if (!is_feed(feed)) note(level, fmt::format("'{}' is no feed", url));
        return feed;
    }

    void note(log::Level level, const std::string& message) const {
        if (m_options.on_note) m_options.on_note(level, message);
    }

    const std::atomic<int>* m_stop;
    const DiscoverOptions& m_options;
    std::string m_url; // without its login …
    net::Credentials m_credentials;
};
}

std::optional<Time> newest_of(const feed::Feed& feed) {
    std::optional<Time> newest;
    for (const auto& entry : feed.entries)
        if (const auto time = entry.published ? entry.published : entry.updated;
            time && (!newest || *newest < *time))
            newest = time;
    return newest;
}

std::vector<FoundFeed> discover_feeds(const std::atomic<int>* stop, const DiscoverOptions& options) {
    if (!is_address(options.url) && options.url.find("://") != options.url.npos)
        throw Error{ExitCode::usage,
                    fmt::format("'{}' is no http or https address", without_userinfo(options.url)),
                    "Write it like https://blog.example.org."};
    const auto url = is_address(options.url) ? options.url : "https://" + options.url;
    auto found = Discovery(stop, options).run(url);
    if (found.empty())
        throw Error{ExitCode::check, fmt::format("found no feed at '{}'", without_userinfo(url)),
                    "Where the page itself is the list of reports, add it without --rss-url."};
    return found;
}
}
