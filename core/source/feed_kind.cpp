#include "core/base/hash.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/net/fault.hpp"
#include "core/source/fallback.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

// Feeds: RSS, Atom, RDF, JSON Feed. The cursor holds the validators and the hash of the last body that was
// read to its end.
namespace cti::source {
namespace {

constexpr const char* k_no_entries = "the feed holds no entries";

// Changes with the rules by which entries are read: a body that was read by older rules is read again.
constexpr std::string_view k_rules = "2";
// A longer validator is left out, as half of it would be a lie.
constexpr std::size_t k_max_validator = 1000;

constexpr const char* k_accept =
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "text/html;q=0.8, */*;q=0.5";

struct Cursor {
    std::string url, etag, last_modified, body_hash; // of that address alone
    bool is_empty = false;                           // the body holds no entries
};

std::string text_of(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Whatever stands there: what is no cursor of a feed is an empty one.
Cursor read_cursor(std::string_view text) {
    if (is_nested_deeper(text, 2)) return {};
    const auto object = nlohmann::json::parse(text, nullptr, false);
    if (!object.is_object()) return {};
    return {text_of(object, "url"), text_of(object, "etag"), text_of(object, "last_modified"),
            text_of(object, "body_hash"), object.contains("is_empty")};
}

std::string write_cursor(const Cursor& cursor) {
    const auto fitting = [](const std::string& text) {
        return text.size() <= k_max_validator ? text : std::string();
    };
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("url", cursor.url).member("etag", fitting(cursor.etag));
    json.member("last_modified", fitting(cursor.last_modified)).member("body_hash", cursor.body_hash);
    if (cursor.is_empty) json.member("is_empty", true);
    json.end_object();
    return out;
}

std::string not_a_feed(const feed::Feed& feed, std::string_view body) {
    constexpr std::ptrdiff_t max_feeds = 3;
    if (trim(body).empty()) return "the answer is empty";
    if (feed.format != "html") return "the answer is not a feed in any known format";
    std::string text = "this is a web page, not a feed";
    const std::vector<std::string> some(feed.feeds.begin(),
                                        feed.feeds.begin() + std::min(max_feeds, std::ssize(feed.feeds)));
    return some.empty() ? text : text + "; it announces " + join(some, ", ");
}

// Reads the feed; returns why there is nothing to read, or "".
std::string read_feed(const net::Response& response, feed::Feed& feed) {
    if (auto fault = net::find_fault(response); !fault.empty()) return fault;
    feed = feed::parse(response.body,
                       {.url = net::document_url(response), .content_type = response.content_type});
    return feed.format.empty() || feed.format == "html" ? not_a_feed(feed, response.body) : std::string();
}

class FeedReader : public Reader {
public:
    explicit FeedReader(const Input& input)
        : m_url(*input.source.rss_url), m_before(read_cursor(input.cursor)) {
        if (m_before.url != m_url) m_before = {};
    }

    std::vector<Ask> begin() override {
        auto request = make_feed_request(m_url);
        if (!m_before.etag.empty()) request.headers.push_back("If-None-Match: " + m_before.etag);
        if (!m_before.last_modified.empty())
            request.headers.push_back("If-Modified-Since: " + m_before.last_modified);
        return {{std::move(request), false}};
    }

    std::vector<Ask> accept_answer(const Ask&, const net::Response& response) override {
        const bool has_answer = response.error.empty();
        m_found.is_gone = response.status == 410;
        std::string hash;
        if (has_answer && response.status == 200)
            hash = fmt::format("{}:{}", k_rules, sha256_hex(response.body));
        // A server that knows no conditional requests sends the same body again.
        m_found.is_unchanged =
            has_answer && (response.status == 304 || (!hash.empty() && hash == m_before.body_hash));
        if (!m_found.is_unchanged) m_found.fault = read_feed(response, m_found.feed);
        m_found.silence = find_silence(response);
        if (!m_found.fault.empty()) return {};
        if (!m_found.silence.empty() && !(m_found.is_unchanged && m_before.is_empty))
            m_found.feed.warnings.push_back(m_found.silence);
        // A 304 from there says as much: its validators came with a body that was read.
        m_found.moved_to = response.permanent_url;
        if (response.status == 200 && !m_found.feed.truncated)
            m_found.cursor = write_cursor(
                {m_url, response.etag, response.last_modified, hash, m_found.silence == k_no_entries});
        return {};
    }

    Found finish() override { return std::move(m_found); }

private:
    // Answers after which nothing is to be expected of the next one either.
    std::string find_silence(const net::Response& response) const {
        const int status = response.status;
        if (status == 304 && m_before.etag.empty() && m_before.last_modified.empty())
            return "the server says \"not modified\" without having been asked whether";
        if (m_found.is_unchanged) return m_before.is_empty ? k_no_entries : "";
        if (m_found.fault.empty()) return m_found.feed.entries.empty() ? k_no_entries : "";
        const bool is_other = status == 200 && net::find_fault(response).empty();
        return status == 404 || status == 410 || is_other ? m_found.fault : std::string();
    }

    std::string m_url;
    Cursor m_before;
    Found m_found;
};

bool has_feed_address(const Source& source) { return source.rss_url && !source.rss_url->empty(); }
}

net::Request make_feed_request(std::string url) {
    net::Request request;
    request.url = std::move(url);
    request.accept = k_accept;
    request.is_html_unexpected = true;
    return request;
}

std::string find_feed_fault(const net::Response& response) {
    feed::Feed feed;
    return read_feed(response, feed);
}

constinit const Kind k_feed_kind{
    .name = "feed",
    .is_implied = has_feed_address,
    .first_address = [](const Source& source) { return source.rss_url.value_or(""); },
    .make_reader = [](const Input& input) -> std::unique_ptr<Reader> {
        if (!has_feed_address(input.source)) return nullptr;
        return make_reader_with_fallback(
            input,
            [](const Input& inner) -> std::unique_ptr<Reader> { return std::make_unique<FeedReader>(inner); },
            k_web_kind);
    },
    .method_2025 = CheckMethod::rss,
    .method_2026 = CheckMethod::rss,
    .extraction_method = "rss",
    .describe_cursor = [](std::string_view text) -> std::vector<std::pair<std::string, std::string>> {
        const auto state = read_fallback_state(text);
        const auto cursor = read_cursor(state.cursor);
        return {{"etag", cursor.etag},
                {"last_modified", cursor.last_modified},
                {"fallback", describe_fallback(state)}};
    },
};
}
