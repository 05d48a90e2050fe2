#include "core/net/client.hpp"
#include "loopback_server.hpp"

#include <doctest/doctest.h>
#include <optional>

using namespace cti::net;
using namespace cti::net::test;

// How bodies are packed, and what of one request is remembered on its redirects.
namespace {
Request asked(const std::string& url) {
    Request request;
    request.url = url, request.allow_private = true;
    return request;
}

Response ask(Client& client, Request request) {
    std::optional<Response> response;
    client.start(std::move(request), [&](Response answer) { response = std::move(answer); });
    while (!response) client.run_once(std::chrono::milliseconds{200});
    return *std::move(response);
}

Response answer_to(const Reply& what) {
    const LoopbackServer server([&](const Hit&) { return what; });
    return fetch(asked(server.url("/feed.xml")));
}
}

TEST_CASE("fetch: gzip of several members is read to its end, and what follows is none of it") {
    const auto two = gzip_stored("<rss>") + gzip_stored("</rss>");
    CHECK(answer_to(reply(200, two, "Content-Encoding: gzip\r\n")).body == "<rss></rss>");
    CHECK(answer_to(reply(200, two, "Content-Encoding: x-gzip\r\n")).body == "<rss></rss>");
    CHECK(answer_to(reply(200, two + std::string(7, '\0'), "Content-Encoding: gzip\r\n")).body ==
          "<rss></rss>");
    CHECK(
        answer_to(reply(200, gzip_stored("<rss/>") + "<!-- cached -->", "Content-Encoding: gzip\r\n")).body ==
        "<rss/>");
}

TEST_CASE("fetch: gzip that no header names is unpacked, under the same limits") {
    CHECK(answer_to(reply(200, gzip_stored("<rss/>"))).body == "<rss/>");
    CHECK(answer_to(reply(404, gzip_stored("gone"))).body == "gone");
    CHECK(answer_to(reply(200, gzip_stored("<rss/>"), "Content-Encoding: utf-8\r\n")).body == "<rss/>");
    CHECK(answer_to(reply(200, gzip_stored("<rss/>"), "Content-Encoding: gzip, identity\r\n")).body ==
          "<rss/>");
    CHECK(answer_to(reply(200, gzip_bomb(20))).failure == Failure::too_large);
    CHECK(answer_to(reply(200, gzip_bomb(20), "Content-Encoding: utf-8\r\n")).failure == Failure::too_large);
}

TEST_CASE("fetch: an unknown Content-Encoding is no matter where the body can be read") {
    for (const auto* headers : {"Content-Encoding: UTF-8\r\n", "Content-Encoding: none\r\n",
                                "Content-Encoding: binary\r\n", "Content-Encoding:\r\n"}) {
        CAPTURE(headers);
        CHECK(answer_to(reply(200, "<rss/>", headers)).body == "<rss/>");
    }
    const auto packed = answer_to(reply(200, std::string("\x01\x02\0\x03", 4), "Content-Encoding: lzma\r\n"));
    CHECK(packed.failure == Failure::encoding);
    CHECK(packed.error == "its Content-Encoding 'lzma' is not known");
}

TEST_CASE("fetch: what only libcurl can unpack is asked for once more") {
    // One stored block and the end, as RFC 7932 has it.
    const std::string brotli("\x8b\x02\x80<rss/>\x03", 10);
    const LoopbackServer server([&](const Hit&) { return reply(200, brotli, "Content-Encoding: br\r\n"); });
    const auto response = fetch(asked(server.url("/")));
    CHECK(response.error == "");
    CHECK(response.body == "<rss/>");
    CHECK(server.hits().size() == 2);
}

TEST_CASE("fetch: a host that packs otherwise is asked twice once, and then as it wants") {
    const std::string brotli("\x8b\x02\x80<rss/>\x03", 10);
    const LoopbackServer server([&](const Hit&) { return reply(200, brotli, "Content-Encoding: br\r\n"); });
    const LoopbackServer other([&](const Hit&) { return reply(200, "<rss/>"); }, "127.0.0.2");
    Client client({});
    for (const auto* path : {"/a", "/b", "/c"}) CHECK(ask(client, asked(server.url(path))).body == "<rss/>");
    CHECK(server.hits().size() == 4);
    ask(client, asked(other.url("/")));
    CHECK(other.hits().back().head.find("Accept-Encoding: gzip, deflate\r\n") != std::string::npos);
}

TEST_CASE("fetch: a cookie comes back within the redirects of one request and is forgotten after it") {
    const LoopbackServer server([](const Hit& hit) {
        if (hit.head.find("Cookie: seen=1") != std::string::npos) return reply(200, "feed");
        return reply(302, "", "Set-Cookie: seen=1; path=/\r\nLocation: /again\r\n");
    });
    Client client({});
    for (int i = 0; i < 2; ++i) CHECK(ask(client, asked(server.url("/"))).body == "feed");
    CHECK(server.hits().size() == 4);
}

TEST_CASE("fetch: a cookie goes to the host that set it, also after a stop at another host") {
    const LoopbackServer server([](const Hit& hit) {
        if (hit.head.find("Cookie: seen=1") != std::string::npos) return reply(200, "feed");
        return reply(200, "none");
    });
    auto request = asked(server.url("/"));
    request.chain.hops = 1;
    request.chain.cookies = {"127.0.0.1\tFALSE\t/\tFALSE\t0\tseen\t1"};
    CHECK(fetch(request).body == "feed");
    request.chain.cookies = {"a.example\tFALSE\t/\tFALSE\t0\tseen\t1"};
    CHECK(fetch(request).body == "none");
}
