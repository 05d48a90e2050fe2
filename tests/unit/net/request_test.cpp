#include "core/net/client.hpp"
#include "core/net/fetcher.hpp"
#include "loopback_server.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti::net;
using namespace cti::net::test;
using namespace std::chrono_literals;

// Requests that are more than a GET: methods, bodies, credentials, and what redirects make of them.
namespace {
constexpr const char* k_elsewhere = "127.0.0.2"; // another host, and the same machine

Request asked(const std::string& method, const std::string& url, const std::string& body = {}) {
    Request request;
    request.method = method;
    request.url = url;
    request.body = body;
    request.user_agent = "test/1";
    request.allow_private = true;
    return request;
}

Reply redirect(int status, const std::string& to) {
    return reply(status, "moved", "Location: " + to + "\r\n");
}

bool holds(const Hit& hit, const std::string& text) { return hit.head.find(text) != std::string::npos; }

std::string method_of(const Hit& hit) { return hit.head.substr(0, hit.head.find(' ')); }

Response fetch_politely(FetchRequest request) {
    FetcherSettings settings;
    settings.backoff_base = 2ms, settings.backoff_cap = 4ms;
    Fetcher fetcher(settings);
    Response answer;
    fetcher.submit(std::move(request), [&](Response response) { answer = std::move(response); });
    while (fetcher.active() + fetcher.waiting() > 0) fetcher.run_once(100ms);
    return answer;
}
}

TEST_CASE("fetch: any method is sent, with its body, and the answer comes back") {
    const LoopbackServer server(
        [](const Hit& hit) { return reply(201, "made of " + hit.body, "ETag: \"1\"\r\n"); });
    for (const auto* method : {"POST", "PUT", "PATCH", "DELETE", "REPORT", "GET"}) {
        CAPTURE(method);
        auto request = asked(method, server.url("/objects"), R"({"a":1})");
        request.headers = {"Content-Type: application/json", "X-Own: yes"};
        const auto response = fetch(request);
        CHECK(response.failure == Failure::none);
        CHECK(response.status == 201);
        CHECK(response.body == R"(made of {"a":1})");
        CHECK(response.etag == "\"1\"");
        const auto hit = server.hits().back();
        CHECK(method_of(hit) == method);
        CHECK(hit.body == R"({"a":1})");
        CHECK(holds(hit, "Content-Type: application/json\r\n"));
        CHECK(holds(hit, "X-Own: yes\r\n"));
        CHECK_FALSE(holds(hit, "Expect:"));
    }
}

TEST_CASE("fetch: a body of two megabytes is sent whole, and one of zeros too") {
    const LoopbackServer server([](const Hit& hit) { return reply(200, std::to_string(hit.body.size())); });
    CHECK(fetch(asked("POST", server.url("/"), std::string(2'000'000, 'x'))).body == "2000000");
    CHECK(fetch(asked("POST", server.url("/"), std::string("a\0b\0", 4))).body == "4");
}

TEST_CASE("fetch: without a body a POST says so, and a DELETE and a GET have no length") {
    const LoopbackServer server([](const Hit&) { return reply(200, "ok"); });
    for (const auto* method : {"POST", "DELETE", "GET"}) fetch(asked(method, server.url("/")));
    const auto hits = server.hits();
    CHECK(holds(hits[0], "Content-Length: 0\r\n"));
    CHECK_FALSE(holds(hits[1], "Content-Length"));
    CHECK_FALSE(holds(hits[2], "Content-Length"));
    for (const auto& hit : hits) CHECK_FALSE(holds(hit, "Content-Type"));
}

TEST_CASE("fetch: a HEAD has no body, however long the one would be that it is told of") {
    const LoopbackServer server([](const Hit&) {
        return raw("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", Reply::End::keep);
    });
    const auto response = fetch(asked("HEAD", server.url("/")));
    CHECK(response.failure == Failure::none);
    CHECK(response.status == 200);
    CHECK(response.body.empty());
    CHECK(method_of(server.hits().front()) == "HEAD");
}

TEST_CASE("fetch: methods of several requests on one connection do not mix") {
    const LoopbackServer server([](const Hit& hit) { return reply(200, method_of(hit) + hit.body); });
    Client client({});
    std::string said;
    for (const auto* method : {"POST", "HEAD", "GET", "PUT", "GET"}) {
        const bool has_body = std::string_view(method).starts_with('P');
        bool done = false;
        client.start(asked(method, server.url("/"), has_body ? "!" : ""), [&](const Response& response) {
            said += response.body + " ";
            done = true;
        });
        while (!done) client.run_once(100ms);
    }
    CHECK(said == "POST!  GET PUT! GET ");
}

TEST_CASE("fetch: what would break a request apart is refused before anything is sent, and not shown") {
    const LoopbackServer server([](const Hit&) { return reply(200); });
    for (const auto* method : {"", "GET /x", "P\r\nX: y", "PÖST"})
        CHECK(fetch(asked(method, server.url("/"))).error ==
              "refused the request: the method is not a word of HTTP");
    auto request = asked("GET", server.url("/"));
    for (const auto& credentials :
         {Credentials{"u", "can\r\nary", ""}, Credentials{"", "", "can\nary"},
          Credentials{"can:ary", "p", ""}, Credentials{"", "", "", {"X-Key: can\r\nary"}}}) {
        request.credentials = credentials;
        const auto response = fetch(request);
        CHECK(response.failure == Failure::bad_url);
        CHECK(response.error.find("can") == std::string::npos);
    }
    CHECK(server.hits().empty());
}

TEST_CASE("fetch: a user with a password, or a token, is sent with the first request already") {
    const LoopbackServer server([](const Hit&) { return reply(200); });
    auto request = asked("GET", server.url("/"));
    request.credentials = {"Aladdin", "open sesame", ""};
    fetch(request);
    CHECK(holds(server.hits().back(), "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
    request.credentials = {"", "only a key", ""};
    fetch(request);
    CHECK(holds(server.hits().back(), "Authorization: Basic Om9ubHkgYSBrZXk=\r\n"));
    request.credentials = {"u", "p", "abc.def=="};
    fetch(request);
    CHECK(holds(server.hits().back(), "Authorization: Bearer abc.def==\r\n"));
    CHECK_FALSE(holds(server.hits().back(), "Basic"));
    request.credentials = {};
    fetch(request);
    CHECK_FALSE(holds(server.hits().back(), "Authorization"));
}

TEST_CASE("fetch: credentials stay with their origin when a redirect leads to another host or port") {
    const LoopbackServer elsewhere([](const Hit&) { return reply(200, "there"); }, k_elsewhere);
    const LoopbackServer other_port([](const Hit&) { return reply(200, "there"); });
    std::string target;
    const LoopbackServer server(
        [&](const Hit& hit) { return hit.target == "/" ? redirect(302, target) : reply(200, "here"); });
    const Credentials by_header{"", "", "", {"Authorization: canary"}};
    for (const auto& credentials :
         {Credentials{"u", "canary", ""}, Credentials{"", "", "canary"}, by_header}) {
        auto request = asked("GET", server.url("/"));
        request.credentials = credentials;
        for (const auto* other : {&elsewhere, &other_port}) {
            target = other->url("/x");
            CHECK(fetch(request).body == "there");
            CHECK_FALSE(holds(other->hits().back(), "Authorization"));
            CHECK(fetch_politely({request, {}, 1, false}).body == "there");
            CHECK_FALSE(holds(other->hits().back(), "Authorization"));
        }
        target = "/again";
        CHECK(fetch(request).body == "here");
        CHECK(holds(server.hits().back(), "Authorization: "));
    }
}

TEST_CASE("fetch: a 307 and a 308 keep the method and the body inside the origin") {
    int status = 0;
    const LoopbackServer server([&](const Hit& hit) {
        return hit.target == "/" ? redirect(status, "/new") : reply(200, method_of(hit) + " " + hit.body);
    });
    for (const int code : {307, 308}) {
        status = code;
        auto request = asked("POST", server.url("/"), "text");
        request.headers = {"Content-Type: text/plain"};
        CHECK(fetch(request).body == "POST text");
        CHECK(holds(server.hits().back(), "Content-Type: text/plain"));
        CHECK(fetch(asked("DELETE", server.url("/"))).body == "DELETE ");
        CHECK(fetch_politely({asked("PUT", server.url("/"), "text"), {}, 1, false}).body == "PUT text");
    }
}

TEST_CASE("fetch: a 307 and a 308 to another origin are not followed with a body") {
    const LoopbackServer elsewhere([](const Hit&) { return reply(200); }, k_elsewhere);
    const LoopbackServer other_port([](const Hit&) { return reply(200); });
    for (const int status : {307, 308}) {
        for (const auto* other : {&elsewhere, &other_port}) {
            const LoopbackServer server([&](const Hit&) { return redirect(status, other->url("/x")); });
            const auto response = fetch(asked("POST", server.url("/"), "canary"));
            CHECK(response.failure == Failure::redirects);
            CHECK(response.error ==
                  fmt::format("refused the redirect to {}: a POST is not for another server",
                              other->url("/x")));
            CHECK(fetch(asked("DELETE", server.url("/"))).failure == Failure::redirects);
            const auto politely = fetch_politely({asked("POST", server.url("/"), "canary"), {}, 3, false});
            CHECK(politely.failure == Failure::redirects);
            CHECK(fetch(asked("GET", server.url("/"))).status == 200);
        }
    }
    for (const auto* other : {&elsewhere, &other_port})
        for (const auto& hit : other->hits()) CHECK(method_of(hit) == "GET");
}

TEST_CASE("fetch: a 303 becomes a GET without body, also at another host; so does a POST that has moved") {
    const auto tell = [](const Hit& hit) { return reply(200, method_of(hit) + hit.body); };
    const LoopbackServer elsewhere(tell, k_elsewhere);
    for (const int status : {301, 302, 303}) {
        CAPTURE(status);
        const LoopbackServer server([&](const Hit& hit) {
            return hit.target == "/here" ? redirect(status, "/new")
                   : hit.target == "/"   ? redirect(status, elsewhere.url("/new"))
                                         : tell(hit);
        });
        for (const auto* path : {"/", "/here"}) {
            auto request = asked("POST", server.url(path), "text");
            request.headers = {"Content-Type: text/plain"};
            CHECK(fetch(request).body == "GET");
            CHECK_FALSE(
                holds(path == std::string("/") ? elsewhere.hits().back() : server.hits().back(), "Content-"));
            CHECK(fetch_politely({request, {}, 1, false}).body == "GET");
        }
        CHECK(fetch(asked("HEAD", server.url("/here"))).status == 200);
        CHECK(method_of(server.hits().back()) == "HEAD");
        CHECK(fetch(asked("PUT", server.url("/here"), "text")).body == (status == 303 ? "GET" : "PUTtext"));
    }
}

TEST_CASE("fetch: a redirect is an answer where that is asked for") {
    const LoopbackServer server([](const Hit&) { return redirect(302, "/x"); });
    auto request = asked("POST", server.url("/"), "text");
    request.redirects = Redirects::answer;
    const auto response = fetch(request);
    CHECK(response.failure == Failure::none);
    CHECK(response.status == 302);
    CHECK(response.body == "moved");
    CHECK(fetch_politely({request, {}, 3, false}).status == 302);
    CHECK(server.hits().size() == 2);
}

TEST_CASE("Fetcher: what a server may have done is not asked for twice") {
    const LoopbackServer server([](const Hit&) { return reply(503); });
    CHECK(fetch_politely({asked("POST", server.url("/"), "x"), {}, 3, false}).attempts == 1);
    CHECK(fetch_politely({asked("PUT", server.url("/"), "x"), {}, 3, false}).attempts == 3);
    CHECK(server.hits().size() == 4);
    CHECK(fetch_politely({asked("POST", "http://127.0.0.1:9/", "x"), {}, 3, false}).attempts == 3);
}

TEST_CASE("Fetcher: robots.txt is asked for without the request's method, body and credentials") {
    const LoopbackServer server(
        [](const Hit& hit) { return reply(hit.target == "/robots.txt" ? 404 : 200); });
    auto request = asked("POST", server.url("/x"), "canary");
    request.credentials = {"u", "canary", ""};
    CHECK(fetch_politely({request, {}, 1, true}).status == 200);
    const auto robots = server.hits().front();
    CHECK(robots.target == "/robots.txt");
    CHECK(method_of(robots) == "GET");
    CHECK(robots.body.empty());
    CHECK_FALSE(holds(robots, "Authorization"));
    CHECK(holds(server.hits().back(), "Authorization"));
}

TEST_CASE("fetch: a signed request shows no password, and a body stays as it came where nobody unpacks it") {
    const auto packed = gzip_stored("hello");
    const LoopbackServer server([&](const Hit&) { return reply(200, packed); });
    auto request = asked("PUT", server.url("/bucket/a%20b?partNumber=1&uploadId=x"), "body");
    request.headers = {"Content-Type: application/octet-stream"};
    request.credentials.user = "AKIDEXAMPLE", request.credentials.password = "s3cr3t";
    request.credentials.aws_signature = "aws:amz:eu-test-1:s3";
    request.unpacks = false;
    const auto response = fetch(request);
    CHECK(response.body == packed);
    const auto hit = server.hits().back();
    CHECK(holds(hit, "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
    CHECK(holds(hit, "/eu-test-1/s3/aws4_request"));
    CHECK_FALSE(holds(hit, "s3cr3t"));
    CHECK_FALSE(holds(hit, "Accept-Encoding"));
    request.credentials = {}, request.unpacks = true;
    CHECK(fetch(request).body == "hello");
    CHECK_FALSE(holds(server.hits().back(), "Authorization"));
}
