#include "core/net/fetcher.hpp"
#include "core/net/gate.hpp"
#include "core/net/retry.hpp"
#include "loopback_server.hpp"

#include <doctest/doctest.h>
#include <map>
#include <thread>
#include <vector>

using namespace cti::net;
using namespace cti::net::test;
using namespace std::chrono_literals;

namespace {
FetchRequest asked(const std::string& url) {
    FetchRequest request;
    request.request.url = url;
    request.request.allow_private = true;
    return request;
}

FetcherSettings quick() {
    FetcherSettings settings;
    settings.backoff_base = 2ms, settings.backoff_cap = 4ms;
    return settings;
}

// The answers of all, in the order of the requests.
std::vector<Response> fetch_all(Fetcher& fetcher, const std::vector<FetchRequest>& requests) {
    std::vector<Response> out(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
        fetcher.submit(requests[i], [&out, i](Response response) { out[i] = std::move(response); });
    }
    while (fetcher.active() + fetcher.waiting() > 0) fetcher.run_once(100ms);
    return out;
}

Response fetch_one(Fetcher& fetcher, const FetchRequest& request) {
    return fetch_all(fetcher, {request}).front();
}
}

TEST_CASE("backoff: doubles up to its cap, the second half at random, the same for the same draw") {
    for (std::uint64_t draw = 0; draw < 100; ++draw) {
        CHECK(backoff(2, 500ms, 10s, draw) >= 250ms);
        CHECK(backoff(2, 500ms, 10s, draw) <= 500ms);
        CHECK(backoff(4, 500ms, 10s, draw) >= 1000ms);
        CHECK(backoff(4, 500ms, 10s, draw) <= 2000ms);
        CHECK(backoff(99, 500ms, 10s, draw) <= 10s);
        CHECK(backoff(99, 500ms, 10s, draw) >= 5s);
    }
    CHECK(backoff(3, 500ms, 10s, 17) == backoff(3, 500ms, 10s, 17));
    CHECK(backoff(3, 500ms, 10s, 17) != backoff(3, 500ms, 10s, 18));
    CHECK(backoff(2, 0ms, 0ms, 5) == 0ms);
}

TEST_CASE("Fetcher: what may pass is tried again until it does") {
    std::atomic<int> count{0};
    const LoopbackServer server([&](const Hit&) { return ++count < 3 ? reply(503) : reply(200, "ok"); });
    Fetcher fetcher(quick());
    const auto response = fetch_one(fetcher, asked(server.url("/")));
    CHECK(response.body == "ok");
    CHECK(response.attempts == 3);
}

TEST_CASE("Fetcher: it gives up after the last attempt, and says how many there were") {
    const LoopbackServer server(
        [](const Hit&) { return raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"); });
    Fetcher fetcher(quick());
    const auto response = fetch_one(fetcher, asked(server.url("/")));
    CHECK(response.failure == Failure::transfer);
    CHECK(response.error == "the connection ended before the body was complete (3 attempts)");
    CHECK(server.hits().size() == 3);
}

TEST_CASE("Fetcher: what will not pass is asked once") {
    for (const int status : {400, 401, 403, 404, 410, 501}) {
        CAPTURE(status);
        const LoopbackServer server([&](const Hit&) { return reply(status); });
        Fetcher fetcher(quick());
        CHECK(fetch_one(fetcher, asked(server.url("/"))).status == status);
        CHECK(server.hits().size() == 1);
    }
    const LoopbackServer large([](const Hit&) { return reply(200, std::string(5000, 'x')); });
    auto request = asked(large.url("/"));
    request.request.limits.max_bytes = 100;
    Fetcher fetcher(quick());
    CHECK(fetch_one(fetcher, request).failure == Failure::too_large);
    CHECK(large.hits().size() == 1);
    CHECK(fetch_one(fetcher, asked("ftp://example.com/")).failure == Failure::bad_url);
    request.request.allow_private = false;
    CHECK(fetch_one(fetcher, request).failure == Failure::refused_address);
    CHECK(large.hits().size() == 1);
}

TEST_CASE("Fetcher: the total time counts for all attempts together") {
    const LoopbackServer server([](const Hit&) { return reply(500); });
    auto settings = quick();
    settings.backoff_base = 1s, settings.backoff_cap = 1s;
    Fetcher fetcher(settings);
    auto request = asked(server.url("/"));
    request.request.limits.total_timeout = 300ms;
    CHECK(fetch_one(fetcher, request).attempts == 1); // The second would begin too late.
}

TEST_CASE("Fetcher: a host that asks for a rest gets it, and the others go on") {
    const LoopbackServer busy([](const Hit&) { return reply(429, "", "Retry-After: 60\r\n"); });
    const LoopbackServer other([](const Hit&) { return reply(200, "ok"); }, "127.0.0.2");
    Fetcher fetcher(quick());
    const auto first = fetch_one(fetcher, asked(busy.url("/1")));
    CHECK(first.status == 429);
    CHECK(first.retry_after == 60s);
    const auto both = fetch_all(fetcher, {asked(busy.url("/2")), asked(other.url("/"))});
    CHECK(both[0].failure == Failure::held);
    CHECK(both[0].error.starts_with("the host asked to wait until 20"));
    CHECK(both[0].retry_after.value_or(0s) >= 58s);
    CHECK(both[1].body == "ok");
    CHECK(busy.hits().size() == 1);
}

TEST_CASE("Fetcher: what waits for a host when it asks for a rest is not sent any more") {
    const LoopbackServer busy([](const Hit&) { return reply(503, "", "Retry-After: 60\r\n"); });
    Fetcher fetcher(quick());
    std::vector<FetchRequest> requests(5, asked(busy.url("/")));
    for (auto& request : requests) request.rules.max_connections = 1;
    const auto answers = fetch_all(fetcher, requests);
    CHECK(answers[0].status == 503);
    for (std::size_t i = 1; i < answers.size(); ++i) CHECK(answers[i].failure == Failure::held);
    CHECK(busy.hits().size() == 1);
}

TEST_CASE("Fetcher: a rest of no length is a second attempt") {
    std::atomic<int> count{0};
    const LoopbackServer server(
        [&](const Hit&) { return ++count < 2 ? reply(429, "", "Retry-After: 0\r\n") : reply(200, "ok"); });
    Fetcher fetcher(quick());
    CHECK(fetch_one(fetcher, asked(server.url("/"))).attempts == 2);
}

TEST_CASE("Fetcher: a host never has more than its connections") {
    const LoopbackServer server([](const Hit&) {
        auto what = reply(200, "ok");
        what.together = true;
        return what;
    });
    Fetcher fetcher(quick());
    for (const auto& response : fetch_all(fetcher, std::vector(8, asked(server.url("/")))))
        CHECK(response.body == "ok");
    CHECK(server.most_at_once() == 2);
}

TEST_CASE("Fetcher: the delay of a host lies between its requests") {
    const LoopbackServer server([](const Hit&) { return reply(200, "ok"); });
    Fetcher fetcher(quick());
    auto request = asked(server.url("/"));
    request.rules.min_delay = 40ms;
    fetch_all(fetcher, std::vector(4, request));
    const auto hits = server.hits();
    REQUIRE(hits.size() == 4);
    CHECK(hits[3].at - hits[0].at >= 100ms); // three delays, less what the first needed to connect
}

TEST_CASE("Fetcher: a host that is silent holds only its own connections") {
    const LoopbackServer silent([](const Hit&) { return raw("", Reply::End::silence); });
    const LoopbackServer other([](const Hit&) { return reply(200, "ok"); }, "127.0.0.2");
    auto settings = quick();
    settings.client.max_connections = 3;
    Fetcher fetcher(settings);
    int stuck = 0, done = 0;
    for (int i = 0; i < 10; ++i) fetcher.submit(asked(silent.url("/")), [&](const Response&) { ++stuck; });
    for (int i = 0; i < 10; ++i) fetcher.submit(asked(other.url("/")), [&](const Response&) { ++done; });
    while (done < 10) fetcher.run_once(100ms);
    CHECK(stuck == 0);
    CHECK(fetcher.active() == 2);
    CHECK(fetcher.waiting() == 8);
}

TEST_CASE("Fetcher: a redirect to another host waits for that host's turn and keeps its history") {
    const LoopbackServer target([](const Hit& hit) { return reply(200, hit.target); }, "127.0.0.2");
    const LoopbackServer first(
        [&](const Hit&) { return reply(301, "", "Location: " + target.url("/new") + "\r\n"); });
    Fetcher fetcher(quick());
    const auto response = fetch_one(fetcher, asked(first.url("/old")));
    CHECK(response.body == "/new");
    CHECK(response.permanent_url == target.url("/new"));
    CHECK(response.redirects == 1);
    CHECK(response.attempts == 1);
    fetcher.hold("127.0.0.2", 60s);
    CHECK(fetch_one(fetcher, asked(first.url("/old"))).failure == Failure::held);
    CHECK(target.hits().size() == 1);
}

TEST_CASE("Fetcher: redirects from host to host in a circle end") {
    std::string back;
    const LoopbackServer one([&](const Hit&) { return reply(302, "", "Location: " + back + "\r\n"); });
    const LoopbackServer two([&](const Hit&) { return reply(302, "", "Location: " + one.url("/") + "\r\n"); },
                             "127.0.0.2");
    back = two.url("/");
    Fetcher fetcher(quick());
    CHECK(fetch_one(fetcher, asked(one.url("/"))).error == "redirected more than 5 times");
    CHECK(one.hits().size() + two.hits().size() == 6);
}

namespace {
// A server with this robots.txt; everything else is there.
LoopbackServer::Handler with_robots(const Reply& robots) {
    return [robots](const Hit& hit) { return hit.target == "/robots.txt" ? robots : reply(200, "page"); };
}
FetchRequest page(const std::string& url) {
    auto request = asked(url);
    request.obey_robots = true;
    return request;
}
}

TEST_CASE("Fetcher: robots.txt is asked once for all pages of a host and obeyed") {
    const LoopbackServer server(with_robots(reply(200, "User-agent: cti\nDisallow: /private\n")));
    Fetcher fetcher(quick());
    const auto answers = fetch_all(
        fetcher, {page(server.url("/a")), page(server.url("/private/x?y")), page(server.url("/b"))});
    CHECK(answers[0].body == "page");
    CHECK(answers[1].failure == Failure::robots);
    CHECK(answers[1].error == "robots.txt of 127.0.0.1 forbids /private/x?y for cti");
    CHECK(answers[2].body == "page");
    CHECK(fetch_one(fetcher, page(server.url("/c"))).body == "page");
    CHECK(server.hits_of("/robots.txt") == 1);
    CHECK(server.hits_of("/private/x?y") == 0);
    CHECK(fetch_one(fetcher, asked(server.url("/private"))).body == "page"); // not asked to obey
}

TEST_CASE("Fetcher: no robots.txt forbids nothing, one that fails forbids everything") {
    for (const int status : {404, 403, 401, 410}) {
        CAPTURE(status);
        const LoopbackServer server(with_robots(reply(status)));
        Fetcher fetcher(quick());
        CHECK(fetch_one(fetcher, page(server.url("/a"))).body == "page");
    }
    const LoopbackServer server(with_robots(reply(500)));
    Fetcher fetcher(quick());
    const auto refused = fetch_one(fetcher, page(server.url("/a")));
    CHECK(refused.failure == Failure::robots);
    CHECK(refused.error == "robots.txt of 127.0.0.1 cannot be read, so nothing is asked of it: HTTP 500");
    CHECK(server.hits_of("/a") == 0);
    const auto nobody = fetch_one(fetcher, page("http://127.0.0.1:9/"));
    CHECK(nobody.failure == Failure::robots);
    CHECK(nobody.error.find("cannot connect") != std::string::npos);
}

TEST_CASE("Fetcher: a robots.txt of any length is read as far as it has to be") {
    const LoopbackServer server(
        with_robots(reply(200, "User-agent: *\nDisallow: /a\n" + std::string(900 * 1024, '\n'))));
    Fetcher fetcher(quick());
    CHECK(fetch_one(fetcher, page(server.url("/a"))).failure == Failure::robots);
    CHECK(fetch_one(fetcher, page(server.url("/b"))).body == "page");
}

TEST_CASE("Fetcher: Crawl-delay joins the rules of the host") {
    const LoopbackServer server(with_robots(reply(200, "User-agent: *\nCrawl-delay: 0.04\n")));
    Fetcher fetcher(quick());
    fetch_all(fetcher, std::vector(3, page(server.url("/a"))));
    const auto hits = server.hits();
    REQUIRE(hits.size() == 4);
    CHECK(hits[3].at - hits[0].at >= 100ms);
}

TEST_CASE("Fetcher: a robots.txt that is kept elsewhere is not asked for, and a new one is handed over") {
    const LoopbackServer server(with_robots(reply(200, "User-agent: *\nDisallow: /a\n")));
    std::map<std::string, KeptRobots> kept;
    auto settings = quick();
    settings.find_robots = [&](const std::string& host) {
        const auto it = kept.find(host);
        return it == kept.end() ? std::nullopt : std::optional(it->second);
    };
    settings.keep_robots = [&](const std::string& host, const std::string& text, int status) {
        kept[host] = {text, status};
    };
    for (int run = 0; run < 2; ++run) {
        Fetcher fetcher(settings);
        CHECK(fetch_one(fetcher, page(server.url("/a"))).failure == Failure::robots);
    }
    CHECK(server.hits_of("/robots.txt") == 1);
    REQUIRE(kept.size() == 1);
    CHECK(kept.begin()->first == server.url(""));
    CHECK(kept.begin()->second.status == 200);
}

TEST_CASE("Fetcher: a host that asks for a rest at its robots.txt is asked for nothing else") {
    const LoopbackServer server(with_robots(reply(429, "", "Retry-After: 60\r\n")));
    Fetcher fetcher(quick());
    for (const auto& response : fetch_all(fetcher, {page(server.url("/a")), page(server.url("/b"))}))
        CHECK(response.failure == Failure::held);
    CHECK(fetch_one(fetcher, page(server.url("/c"))).failure == Failure::held);
    CHECK(server.hits().size() == 1);
}

TEST_CASE("Fetcher: the answer may ask for more") {
    const LoopbackServer server([](const Hit& hit) { return reply(200, hit.target); });
    Fetcher fetcher(quick());
    std::string last;
    std::function<void(int)> ask = [&](int left) {
        fetcher.submit(asked(server.url("/" + std::to_string(left))), [&, left](const Response& response) {
            last = response.body;
            if (left > 0) ask(left - 1);
        });
    };
    ask(5);
    while (fetcher.active() + fetcher.waiting() > 0) fetcher.run_once(100ms);
    CHECK(last == "/0");
}

TEST_CASE("Fetcher: wake ends the waiting from another thread") {
    Fetcher fetcher(quick());
    const auto start = std::chrono::steady_clock::now();
    std::thread other([&] { fetcher.wake(); });
    fetcher.run_once(60s);
    other.join();
    CHECK(std::chrono::steady_clock::now() - start < 30s);
}

TEST_CASE("host_of: lower case, without port and closing dot") {
    CHECK(host_of("https://WWW.Example.com.:8443/x") == "www.example.com");
    CHECK(host_of("http://[::1]:80/") == "[::1]");
}
