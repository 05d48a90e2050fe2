#include "core/net/webhook.hpp"
#include "loopback_server.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::net;
using namespace cti::net::test;

namespace {
std::string outcome(const std::string& url) { return post_fault(net::fetch(make_post(url, "{}", ""))); }

std::string outcome_of(const Reply& answer) {
    const LoopbackServer server([&](const Hit&) { return answer; });
    return outcome(server.url("/canary"));
}
}

TEST_CASE("webhook: https is posted to, and http only on this machine or where that is allowed") {
    CHECK(webhook_refusal("https://hooks.example/T000", false).empty());
    CHECK(webhook_refusal("https://10.0.0.1:9443/x", false).empty());
    CHECK(webhook_refusal("http://localhost:8080/x", false).empty());
    CHECK(webhook_refusal("http://127.0.0.1:8080/x", false).empty());
    CHECK(webhook_refusal("http://hooks.example/x", false) == "it is not https");
    CHECK(webhook_refusal("http://hooks.example/x", true).empty());
    CHECK(webhook_refusal("ftp://hooks.example/x", true) == "it is no http or https address");
    CHECK(webhook_refusal("https://hooks.example/a b", false) == "it has blanks or control characters");
    CHECK(webhook_refusal("https:///x", false) == "the address names no host");
    CHECK(webhook_refusal("https://u:p@hooks.example/x", false).empty());
}

TEST_CASE("webhook: JSON is posted, and any 2xx is well") {
    const LoopbackServer server([](const Hit&) { return reply(202, "thanks"); });
    CHECK(outcome(server.url("/hook")).empty());
    const auto hit = server.hits().front();
    CHECK(hit.head.starts_with("POST /hook HTTP/1.1\r\n"));
    CHECK(hit.head.find("Content-Type: application/json\r\n") != std::string::npos);
    CHECK(hit.body == "{}");
}

TEST_CASE("webhook: a user and a password in the address are credentials") {
    const LoopbackServer server([](const Hit&) { return reply(204); });
    const auto url = "http://u:p%40ss@127.0.0.1:" + std::to_string(server.port()) + "/hook";
    CHECK(outcome(url).empty());
    CHECK(server.hits().front().head.find("Authorization: Basic dTpwQHNz\r\n") != std::string::npos);
}

TEST_CASE("webhook: no redirect is followed") {
    const LoopbackServer server([](const Hit&) { return reply(307, "", "Location: /there\r\n"); });
    CHECK(outcome(server.url("/")) == "HTTP 307");
    CHECK(server.hits().size() == 1);
}

TEST_CASE("webhook: an answer counts by its status, however long or broken the rest is") {
    CHECK(outcome_of(reply(404, "canary")) == "HTTP 404");
    CHECK(outcome_of(reply(500)) == "HTTP 500");
    CHECK(outcome_of(reply(200, std::string(5'000'000, 'x'))).empty());
    CHECK(
        outcome_of(raw("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'), Reply::End::silence)).empty());
    CHECK(outcome_of(reply(200, "plain", "Content-Encoding: gzip\r\n")).empty());
}

TEST_CASE("webhook: what went wrong is said without the address") {
    const auto closed = outcome("http://127.0.0.1:9/canary");
    CHECK(closed == "no connection");
    CHECK(outcome_of(raw("", Reply::End::reset)) == "the connection broke");
    net::Response response;
    response.error = "the host canary.example is not there";
    for (const auto failure : {net::Failure::resolve, net::Failure::tls, net::Failure::timeout,
                               net::Failure::bad_url, net::Failure::transfer}) {
        response.failure = failure;
        const auto said = post_fault(response);
        CHECK_FALSE(said.empty());
        CHECK(said.find("canary") == std::string::npos);
    }
}

TEST_CASE("webhook: the signature is that of RFC 4231, test case 2") {
    CHECK(signature_of("Jefe", "what do ya want for nothing?") ==
          "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
