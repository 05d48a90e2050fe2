#include "cli/commands/sources.hpp"
#include "cli/fetching.hpp"
#include "cli/options.hpp"
#include "cli/signals.hpp"
#include "cli/term/output.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/url.hpp"
#include "core/feed/feed.hpp"
#include "core/net/fault.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>
#include <utility>

namespace cti::cli {
namespace {

struct DiscoverCommand {
    std::string url, format = "table";
    FetchOptions fetch;
};

struct FoundFeed {
    std::string url;
    feed::Feed feed;
};

// Where publishing systems put their feeds, for pages that announce none.
constexpr std::array k_usual_places{"feed",     "feed/",    "rss",       "rss.xml",
                                    "feed.xml", "atom.xml", "index.xml", "feeds/posts/default",
                                    "blog/feed"};
constexpr std::size_t k_most_feeds = 20; // A page may announce one for each of its comments.

bool is_feed(const feed::Feed& feed) { return !feed.format.empty() && feed.format != "html"; }

class Discovery {
public:
    explicit Discovery(const FetchOptions& options) : m_options(options) {}

    std::vector<FoundFeed> run(const std::string& url) {
        const auto answer = fetch_content(to_request(m_options, url));
        auto page = feed::parse(answer.body, {net::document_url(answer), answer.content_type});
        if (is_feed(page)) return {{answer.url, std::move(page)}};
        log::info("'{}' is a web page; it announces {}", url, count_of(std::ssize(page.feeds), "feed"));
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
        if (urls.size() > k_most_feeds)
            log::notice("only the first {} of {} are looked at", k_most_feeds, urls.size());
        urls.resize(std::min(urls.size(), k_most_feeds));
        std::vector<FoundFeed> found(urls.size());
        net::Client client({});
        for (std::size_t i = 0; i < urls.size(); ++i)
            client.start(to_request(m_options, urls[i]), [&, i](const net::Response& answer) {
                if (auto feed = read(answer, urls[i], level); is_feed(feed))
                    found[i] = {urls[i], std::move(feed)};
            });
        while (client.active() > 0) {
            if (stop_signal() != 0)
                throw Error{stopped_or(ExitCode::failure), "stopped while looking for feeds"};
            client.run_once(std::chrono::milliseconds{100});
        }
        std::erase_if(found, [](const FoundFeed& one) { return one.url.empty(); });
        return found;
    }

    static feed::Feed read(const net::Response& answer, const std::string& url, log::Level level) {
        if (const auto fault = net::find_fault(answer); !fault.empty()) {
            log::write(level, fmt::format("'{}': {}", url, fault));
            return {};
        }
        auto feed = feed::parse(answer.body, {net::document_url(answer), answer.content_type});
        if (!is_feed(feed)) log::write(level, fmt::format("'{}' is no feed", url));
        return feed;
    }

    const FetchOptions& m_options;
};

std::optional<Time> newest_of(const feed::Feed& feed) {
    std::optional<Time> newest;
    for (const auto& entry : feed.entries)
        if (const auto time = entry.published ? entry.published : entry.updated;
            time && (!newest || *newest < *time))
            newest = time;
    return newest;
}

std::string to_json(const std::vector<FoundFeed>& found) {
    std::string out;
    JsonWriter json(out, 2);
    json.begin_array();
    for (const auto& [url, feed] : found) {
        const auto newest = newest_of(feed);
        json.begin_object().member("url", url).member("format", feed.format).member("title", feed.title);
        json.member("entries", feed.entries.size());
        json.member("newest", format_rfc3339(newest)).end_object();
    }
    json.end_array();
    return out + '\n';
}

std::string to_table(const std::vector<FoundFeed>& found, const Context& context) {
    Table table({"URL", "FORMAT", "TITLE", "ENTRIES", "NEWEST"});
    for (const auto& [url, feed] : found) {
        const auto newest = newest_of(feed);
        table.add({url, feed.format, feed.title, std::to_string(feed.entries.size()),
                   newest ? format_rfc3339(*newest) : ""});
    }
    return table.render(context);
}

ExitCode run_discover(const Context& context, const DiscoverCommand& command) {
    if (!is_address(command.url) && command.url.find("://") != command.url.npos)
        throw Error{ExitCode::usage, fmt::format("'{}' is no http or https address", command.url)};
    const auto url = is_address(command.url) ? command.url : "https://" + command.url;
    const auto found = Discovery(command.fetch).run(url);
    if (found.empty())
        throw Error{ExitCode::check, fmt::format("found no feed at '{}'", url),
                    "Where the page itself is the list of reports, add it without --rss-url."};
    print(command.format == "json" ? to_json(found) : to_table(found, context));
    return ExitCode::ok;
}
}

Action setup_sources_discover(Options& app) {
    auto command = std::make_shared<DiscoverCommand>();
    app.footer(R"(Examples:
  cti sources discover https://blog.example.org/
  cti sources discover https://blog.example.org/ --format json | jq .

Looks at the feeds that the page announces, best first, and where it announces
none, at the usual places. Each feed listed was fetched and read. No database
is needed. The exit status is 8 where there is no feed.)");
    app.add_option("URL", command->url, "Address of a web page or a feed; https:// where it has no scheme")
        .required();
    app.add_option("--format", command->format, "table or json")
        .one_of({"table", "json"})
        .type_name("FORMAT")
        .capture_default_str()
        .group("Output");
    add_fetch_options(app, command->fetch);
    return [command](Context& context) { return run_discover(context, *command); };
}
}
