#include "core/net/client.hpp"
#include "loopback_server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <memory>
#include <optional>

using namespace cti::net;
using namespace cti::net::test;
using namespace std::chrono_literals;

namespace {
Request asked(const std::string& url) {
    Request request;
    request.url = url;
    request.user_agent = "test/1";
    request.allow_private = true;
    request.proxy = ""; // The environment of the tests has none for loopback.
    return request;
}

Response ask(Client& client, Request request) {
    std::optional<Response> response;
    client.start(std::move(request), [&](Response answer) { response = std::move(answer); });
    while (!response) client.run_once(200ms);
    return *std::move(response);
}

// What one answer becomes.
Response answer_to(const Reply& what, const Limits& limits = {}) {
    const LoopbackServer server([&](const Hit&) { return what; });
    auto request = asked(server.url("/feed.xml"));
    request.limits = limits;
    return fetch(request);
}

Reply redirect(int status, const std::string& to) {
    return reply(status, "moved", "Location: " + to + "\r\n");
}
}

TEST_CASE(
    "fetch: an address on loopback is refused where private ones are not allowed, before a byte is sent") {
    Request request;
    for (const auto* url :
         {"http://127.0.0.1:9/feed.xml", "http://[::ffff:127.0.0.1]:9/", "http://0x7f000001:9/"}) {
        CAPTURE(url);
        request.url = url;
        CHECK(fetch(request).failure == Failure::refused_address);
    }
    request.url = "http://127.0.0.1/";
    CHECK(fetch(request).error == "refused to connect to 127.0.0.1: loopback");
}

TEST_CASE("fetch: nobody listens, and the answer says so") {
    const auto response = fetch(asked("http://127.0.0.1:9/feed.xml"));
    CHECK(response.failure == Failure::connect);
    CHECK(response.error.starts_with("cannot connect: "));
}

TEST_CASE("fetch: an address that is refused costs no connection") {
    Request request;
    request.url = "file:///etc/passwd";
    CHECK(fetch(request).failure == Failure::bad_url);
    CHECK(fetch(request).error == "refused the address: the scheme is neither http nor https");
}

TEST_CASE(
    "fetch: a name that leads to a private address is refused, on a new connection and on one that is used again") {
    std::unique_ptr<LoopbackServer> server;
    for (const int port :
         {8008, 8081, 8088, 8888, 8000, 8443}) { // A usual one, so that only the address is at fault.
        try {
            server = std::make_unique<LoopbackServer>([](const Hit&) { return reply(200, "ok"); },
                                                      "127.0.0.1", port);
            break;
        } catch (const std::runtime_error& e) {
            MESSAGE(port, ": ", e.what());
        }
    }
    REQUIRE(server);
    Client client({});
    auto request = asked(fmt::format("http://localhost:{}/", server->port()));
    request.allow_private = false;
    const auto refused = ask(client, request);
    CHECK(refused.failure == Failure::refused_address);
    CHECK(refused.error.ends_with(": loopback"));
    CHECK(server->hits().empty());
    request.allow_private = true;
    CHECK(ask(client, request).body == "ok");
    request.allow_private = false; // The connection is still open.
    CHECK(ask(client, request).error.ends_with(": loopback"));
    CHECK(server->hits().size() == 1);
}

TEST_CASE("fetch: through a proxy the proxy's own address is not at fault, but local targets are refused") {
    const LoopbackServer proxy([](const Hit& hit) {
        if (hit.target == "http://one.example/feed") return reply(200, "ok");
        if (hit.target == "http://one.example/meta") return redirect(302, "http://169.254.169.254/latest/");
        return redirect(302, "http://localhost/");
    });
    Request request = asked("http://one.example/feed");
    request.allow_private = false;
    request.proxy = proxy.url("");
    CHECK(fetch(request).body == "ok");
    request.url = "http://one.example/meta";
    CHECK(fetch(request).failure == Failure::refused_address);
    CHECK(fetch(request).error == "refused the redirect to http://169.254.169.254/latest/: link-local");
    request.url = "http://one.example/local";
    CHECK(fetch(request).error == "refused the redirect to http://localhost/: a local name");
    request.url = "http://localhost/";
    CHECK(fetch(request).error == "refused to connect to localhost: a local name");
}

TEST_CASE("fetch: the permanent address is where the redirects led as long as all were permanent") {
    const LoopbackServer server([](const Hit& hit) {
        if (hit.target == "/a") return redirect(301, "/b");
        if (hit.target == "/b") return redirect(308, "c#part");
        if (hit.target == "/m") return redirect(301, "/t");
        if (hit.target == "/t") return redirect(302, "/a");
        return reply(200, hit.target);
    });
    Client client({});
    const auto permanent = ask(client, asked(server.url("/a")));
    CHECK(permanent.body == "/c");
    CHECK(permanent.url == server.url("/c"));
    CHECK(permanent.permanent_url == server.url("/c"));
    CHECK(permanent.redirects == 2);
    CHECK(ask(client, asked(server.url("/t"))).permanent_url == "");
    const auto mixed = ask(client, asked(server.url("/m")));
    CHECK(mixed.permanent_url == server.url("/t"));
    CHECK(mixed.redirects == 4);
    CHECK(ask(client, asked(server.url("/c"))).permanent_url == "");
}

TEST_CASE("fetch: a redirect that leads nowhere good is refused with its target and the reason") {
    std::string target;
    const LoopbackServer server([&](const Hit&) { return redirect(302, target); });
    struct Case {
        std::string_view target, error;
    };
    const Case cases[] = {
        {"file:///etc/passwd",
         "refused the redirect to file:///etc/passwd: the scheme is neither http nor https"},
        {"http://u:p@a.example/",
         "refused the redirect to http://u:p@a.example/: the address holds credentials"},
        {"javascript:alert(1)",
         "refused the redirect to javascript:alert(1): the scheme is neither http nor https"},
        {"http:///", "refused the redirect to http:///: the address names no host"},
    };
    for (const auto& c : cases) {
        target = c.target;
        const auto response = fetch(asked(server.url("/")));
        CHECK(response.failure == Failure::redirects);
        CHECK(response.error == c.error);
    }
    target = "/again";
    CHECK(fetch(asked(server.url("/"))).error == "redirected more than 5 times");
    CHECK(server.hits_of("/again") == 5);
}

TEST_CASE("fetch: a redirect to another host comes back where the request stops at other hosts") {
    const LoopbackServer server([](const Hit&) { return redirect(301, "http://127.0.0.2:9/x"); });
    auto request = asked(server.url("/"));
    request.redirects = Redirects::stop_at_other_hosts;
    const auto response = fetch(request);
    CHECK(response.failure == Failure::none);
    CHECK(response.next_url == "http://127.0.0.2:9/x");
    CHECK(response.permanent_url == "http://127.0.0.2:9/x");
    CHECK(response.redirects == 1);
}

TEST_CASE("fetch: a compressed body is decoded, one layer of it") {
    const auto zipped = gzip_stored("<rss/>");
    CHECK(answer_to(reply(200, zipped, "Content-Encoding: gzip\r\n")).body == "<rss/>");
    for (const auto* headers :
         {"Content-Encoding: gzip, gzip\r\n", "Content-Encoding: gzip\r\nContent-Encoding: br\r\n",
          "Content-Encoding: deflate\r\nTransfer-Encoding: gzip\r\n"}) {
        CAPTURE(headers);
        const auto response = answer_to(reply(200, zipped, headers));
        CHECK(response.failure == Failure::encoding);
        // libcurl 8 tries, where 7.88 leaves it to us.
        const bool refused_by_curl = response.error == "the body is not encoded as its Content-Encoding says";
        CHECK((refused_by_curl || response.error == "more than one layer of Content-Encoding"));
    }
    CHECK(answer_to(reply(200, "plain", "Content-Encoding: gzip\r\n")).failure == Failure::encoding);
    CHECK(answer_to(reply(200, "<?xml version=\"1.0\"?><rss>", "Content-Encoding: br\r\n")).failure ==
          Failure::encoding);
    CHECK(answer_to(reply(200, "plain", "Content-Encoding: identity\r\n")).body == "plain");
}

TEST_CASE("fetch: a bomb is stopped by its size or by its ratio, whichever is seen first") {
    const auto bomb = reply(200, gzip_bomb(32), "Content-Encoding: gzip\r\n");
    const auto by_size = answer_to(bomb);
    CHECK(by_size.failure == Failure::too_large);
    // libcurl 8 hands over smaller pieces than 7.88, so the ratio is seen before the size.
    CHECK((by_size.error == "more than 10 MiB" || by_size.error == "compressed more than 200:1"));
    CHECK(by_size.body.empty());
    Limits strict;
    strict.max_ratio = 100;
    CHECK(answer_to(bomb, strict).error == "compressed more than 100:1");
    auto chunked = bomb;
    const auto body = gzip_bomb(32);
    chunked.bytes = fmt::format(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        body.size(), body);
    CHECK(answer_to(chunked, strict).error == "compressed more than 100:1");
    const auto small = reply(200, gzip_bomb(1), "Content-Encoding: gzip\r\n");
    CHECK(answer_to(small, strict).error != "compressed more than 100:1");
}

TEST_CASE("fetch: a body above the limit is refused by its announcement, or cut where that is asked for") {
    Limits limits;
    limits.max_bytes = 1024 * 1024;
    CHECK(answer_to(raw("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), limits).error ==
          "more than 1 MiB");
    limits.max_bytes = 4096;
    const LoopbackServer server([](const Hit&) { return reply(200, std::string(9999, 'x')); });
    auto request = asked(server.url("/"));
    request.limits = limits;
    request.cut_at_limit = true;
    const auto cut = fetch(request);
    CHECK(cut.failure == Failure::none);
    CHECK(cut.body.size() == 4096);
}

TEST_CASE("fetch: a connection that ends too early is a failure with its reason") {
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf";
    CHECK(answer_to(raw(head)).error == "the connection ended before the body was complete");
    const auto reset = answer_to(raw(head, Reply::End::reset));
    CHECK(reset.failure == Failure::transfer);
    CHECK(reset.error.find("the connection ") == 0);
    CHECK(answer_to(raw("")).error == "the connection ended without an answer");
    CHECK(answer_to(raw("SSH-2.0-OpenSSH\r\n")).error == "the answer is not HTTP");
    CHECK(answer_to(raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nlonger")).body == "lo");
}

TEST_CASE("fetch: an endless head is stopped") {
    std::string lines = "HTTP/1.1 200 OK\r\n";
    while (lines.size() < 300 * 1024) lines += "X-More: and more\r\n";
    // libcurl 8 counts all of the head, 7.88 leaves that to us.
    const auto is_told = [](const Response& response) {
        return response.failure == Failure::too_large &&
               (response.error == "the head of the answer is longer than 256 KiB" ||
                response.error == "a header of the answer is too long");
    };
    CHECK(is_told(answer_to(raw(lines))));
    const auto one =
        answer_to(raw("HTTP/1.1 200 OK\r\nX-Long: " + std::string(200 * 1024, 'x') + "\r\n\r\n"));
    CHECK(one.failure == Failure::too_large);
    std::string hints;
    while (hints.size() < 300 * 1024) hints += "HTTP/1.1 103 Early\r\nLink: <x>\r\n\r\n";
    CHECK(is_told(answer_to(raw(hints))));
}

TEST_CASE("fetch: silence before the head, in the body and all along has a limit each") {
    Limits limits;
    limits.first_byte_timeout = 60ms;
    CHECK(answer_to(raw("", Reply::End::silence), limits).error == "timed out: no answer within 60 ms");
    CHECK(answer_to(raw("HTTP/1.1 200 OK\r\nX-Half", Reply::End::silence), limits).error ==
          "timed out: no answer within 60 ms");
    limits = {};
    limits.stall_timeout = 60ms;
    const auto stalled =
        answer_to(raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Reply::End::silence), limits);
    CHECK(stalled.failure == Failure::timeout);
    CHECK(stalled.error == "the answer stalled: less than 100 bytes a second for 60 ms");
    limits = {};
    limits.total_timeout = 60ms;
    const auto late =
        answer_to(raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Reply::End::silence), limits);
    CHECK(late.error == "timed out: not complete after 60 ms");
}

TEST_CASE("fetch: of an error and of a 304 only the status counts, whatever the body is") {
    CHECK(answer_to(raw("HTTP/1.1 404 Not Found\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain"))
              .status == 404);
    const auto big = answer_to(reply(503, std::string(200'000, 'x')));
    CHECK(big.failure == Failure::none);
    CHECK(big.status == 503);
    CHECK(big.body.size() == 64 * 1024);
    const auto unchanged =
        answer_to(raw("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"));
    CHECK(unchanged.failure == Failure::none);
    CHECK(unchanged.status == 304);
    CHECK(unchanged.body == "");
}

TEST_CASE("fetch: what the server says about the next time is read") {
    const auto busy = answer_to(reply(429, "", "Retry-After: 120\r\n"));
    CHECK(busy.retry_after == 120s);
    const auto dated = answer_to(reply(
        503, "", "Date: Thu, 19 Nov 2026 12:00:00 GMT\r\nRetry-After: Thu, 19 Nov 2026 12:00:30 GMT\r\n"));
    CHECK(dated.retry_after == 30s);
    const auto fresh =
        answer_to(reply(200, "x", "Cache-Control: public\r\nCache-Control: max-age=600\r\nETag: \"1\"\r\n"));
    CHECK(fresh.fresh_for == 600s);
    CHECK(fresh.retry_after == std::nullopt);
    CHECK(fresh.etag == "\"1\"");
}

TEST_CASE("fetch: a bot wall is named") {
    const auto wall =
        answer_to(reply(403, "<html>", "CF-Mitigated: challenge\r\nContent-Type: text/html\r\n"));
    CHECK(wall.challenge == "Cloudflare");
    const LoopbackServer server(
        [](const Hit&) { return reply(200, "<!DOCTYPE html><script>window._cf_chl_opt={}</script>"); });
    auto request = asked(server.url("/feed.xml"));
    CHECK(fetch(request).challenge == "");
    request.is_html_unexpected = true;
    CHECK(fetch(request).challenge == "Cloudflare");
    CHECK(answer_to(reply(403, "<html>no")).challenge == "");
}

TEST_CASE(
    "fetch: headers go to the host that was asked, along its redirects, and control characters nowhere") {
    const LoopbackServer server(
        [](const Hit& hit) { return hit.target == "/old" ? redirect(301, "/new") : reply(304); });
    const auto is_sent = [&](std::string_view what) {
        return server.hits().back().head.find(what) != std::string::npos;
    };
    auto request = asked(server.url("/old"));
    request.headers = {"If-None-Match: \"e\"", "If-Modified-Since: Thu, 19 Nov 2026 12:00:00 GMT"};
    CHECK(fetch(request).status == 304);
    CHECK(is_sent("If-None-Match: \"e\"\r\n"));
    CHECK(is_sent("If-Modified-Since: Thu, 19 Nov 2026 12:00:00 GMT\r\n"));
    CHECK(is_sent("User-Agent: test/1\r\n"));
    CHECK(is_sent("Accept: */*\r\n"));
    request.headers = {"If-None-Match: \"e\"\r\nX-Injected: 1"};
    CHECK(fetch(request).status == 304);
    CHECK_FALSE(is_sent("X-Injected"));
    // Another host: "localhost" is another name for the same server.
    auto other_name = server.url("/there");
    other_name.replace(other_name.find("127.0.0.1"), 9, "localhost");
    const LoopbackServer first([&](const Hit&) { return redirect(302, other_name); });
    auto elsewhere = asked(first.url("/"));
    elsewhere.headers = {"Authorization: Bearer key"};
    CHECK(fetch(elsewhere).status == 304);
    CHECK(first.hits().back().head.find("Bearer key") != std::string::npos);
    CHECK_FALSE(is_sent("Bearer key"));
    request.user_agent = "a\r\nX-Injected: 1";
    CHECK(fetch(request).error == "refused the request: the user agent holds control characters");
}

TEST_CASE("fetch: text from the server comes without control characters into the reason") {
    const auto response = answer_to(raw("HTTP/1.1 302 Found\r\nLocation: gopher://\x1b[2Jx/\r\n\r\n"));
    CHECK(response.error.find('\x1b') == std::string::npos);
}

TEST_CASE("Client: one connection serves many requests, and no cookie is kept") {
    const LoopbackServer server([](const Hit&) { return reply(200, "x", "Set-Cookie: id=1\r\n"); });
    Client client({});
    for (int i = 0; i < 5; ++i) CHECK(ask(client, asked(server.url("/"))).body == "x");
    const auto hits = server.hits();
    CHECK(hits.back().connection == 1);
    CHECK(hits.back().head.find("Cookie") == std::string::npos);
}
