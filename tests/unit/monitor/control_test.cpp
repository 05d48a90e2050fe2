#include "core/monitor/control.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti;
using namespace cti::monitor;
using namespace std::chrono_literals;

namespace {
constexpr const char* k_token = "0123456789abcdef";
constexpr SteadyTime k_now{1h};

OrderHead scrape() {
    OrderHead head;
    head.method = "POST", head.path = "/jobs/scrape";
    head.authorization = std::string("Bearer ") + k_token;
    head.content_type = "application/json";
    head.content_lengths = {"2"};
    return head;
}
int refusal(const OrderHead& head) {
    const auto answer = Control(k_token).refuse(head, k_now);
    return answer ? answer->code : 0;
}
template <class Change>
int refusal_with(const Change& change) {
    auto head = scrape();
    change(head);
    return refusal(head);
}
std::string fault_of(const std::string& body) {
    const auto order = read_scrape_order(body, "192.0.2.1");
    const auto* const answer = std::get_if<Answer>(&order);
    return answer == nullptr ? "" : answer->body;
}
}

TEST_CASE("control: only who has the whole token gives orders") {
    CHECK(refusal(scrape()) == 0);
    CHECK(refusal_with([](OrderHead& head) { head.authorization = "bearer   0123456789abcdef "; }) == 0);
    for (const char* authorization :
         {"", "Bearer", "Bearer ", "0123456789abcdef", "Basic 0123456789abcdef", "Bearer 0123456789abcde",
          "Bearer 0123456789abcdef0", "Bearer 0123456789abcdeF", "Bearer  "})
        CHECK_MESSAGE(refusal_with([&](OrderHead& head) { head.authorization = authorization; }) == 401,
                      authorization);
    const auto answer = Control(k_token).refuse(OrderHead(), k_now);
    REQUIRE(answer);
    CHECK(answer->headers ==
          std::vector<std::pair<std::string, std::string>>{{"WWW-Authenticate", "Bearer"}});
}

TEST_CASE("control: a body whose length or kind is not told plainly is refused") {
    const auto lengths = [](std::vector<std::string> each) {
        return refusal_with([&](OrderHead& head) { head.content_lengths = std::move(each); });
    };
    CHECK(lengths({}) == 411);
    CHECK(lengths({"2", "2"}) == 400);
    CHECK(lengths({"-1"}) == 400);
    CHECK(lengths({"2x"}) == 400);
    CHECK(lengths({""}) == 400);
    CHECK(lengths({"16384"}) == 0);
    CHECK(lengths({"16385"}) == 413);
    CHECK(lengths({"99999999999999999999999"}) == 413);
    CHECK(refusal_with([](OrderHead& head) { head.transfer_encoding = "chunked"; }) == 411);
    CHECK(refusal_with([](OrderHead& head) { head.expect = "100-continue"; }) == 417);
    CHECK(refusal_with([](OrderHead& head) { head.content_type = "text/plain"; }) == 415);
    CHECK(refusal_with([](OrderHead& head) { head.content_type = "Application/JSON; charset=utf-8"; }) == 0);
    const auto cancel = [](OrderHead& head) {
        head.method = "DELETE", head.path = "/jobs/7", head.content_type.clear(),
        head.content_lengths.clear();
    };
    CHECK(refusal_with(cancel) == 0);
    CHECK(refusal_with([&](OrderHead& head) { cancel(head), head.content_lengths = {"2"}; }) == 413);
}

TEST_CASE(
    "control: sixty orders may come at once, then one a second; who has no token uses none of them up") {
    Control control(k_token);
    auto stranger = scrape();
    stranger.authorization.clear();
    for (int i = 0; i < 1000; ++i) CHECK(control.refuse(stranger, k_now)->code == 401);
    for (int i = 0; i < 60; ++i) CHECK_FALSE(control.refuse(scrape(), k_now));
    CHECK(control.refuse(scrape(), k_now)->code == 429);
    CHECK(control.refuse(scrape(), k_now + 900ms)->code == 429);
    CHECK_FALSE(control.refuse(scrape(), k_now + 1100ms));
    CHECK(control.refuse(scrape(), k_now + 1200ms)->code == 429);
    for (int i = 0; i < 60; ++i) CHECK_FALSE(control.refuse(scrape(), k_now + 10h));
    CHECK(control.refuse(scrape(), k_now + 10h)->code == 429);
}

TEST_CASE("control: which methods are orders") {
    CHECK(is_order("POST", "/jobs/scrape"));
    CHECK(is_order("DELETE", "/jobs/7"));
    CHECK_FALSE(is_order("POST", "/jobs/7"));
    CHECK_FALSE(is_order("POST", "/"));
    CHECK_FALSE(is_order("DELETE", "/jobs/"));
    CHECK_FALSE(is_order("DELETE", "/"));
    CHECK_FALSE(is_order("PUT", "/jobs/scrape"));
    CHECK(allowed_methods("/jobs/scrape") == "POST");
    CHECK(allowed_methods("/jobs/7") == "GET, HEAD, DELETE");
    CHECK(allowed_methods("/jobs/") == "GET, HEAD");
    CHECK(std::get<Answer>(read_cancel_order("/jobs/x")).code == 404);
    CHECK(std::get<JobQuery>(read_cancel_order("/jobs/7")).id == 7);
}

TEST_CASE("scrape order: the members become a job of the kind collect") {
    const auto whole = std::get<JobQuery>(read_scrape_order(
        R"({"source": ["a", "b"], "query": "Talos intel", "limit": 50, "priority": -5})", "192.0.2.1"));
    CHECK(whole.what == JobQuery::What::add);
    CHECK(whole.job.kind == "collect");
    CHECK(whole.job.arguments_json == R"({"limit":50,"query":"Talos intel","source":["a","b"]})");
    CHECK(whole.job.priority == -5);
    CHECK(whole.job.created_by == "http 192.0.2.1");
    CHECK(whole.sources == std::vector<std::string>{"a", "b"});
    const auto one = std::get<JobQuery>(read_scrape_order(R"({"source":"a"})", "::1"));
    CHECK(one.job.arguments_json == R"({"source":["a"]})");
    CHECK(std::get<JobQuery>(read_scrape_order("{}", "::1")).job.arguments_json == "{}");
}

TEST_CASE("scrape order: what is wrong is refused by its name") {
    for (const char* body :
         {"", "x", "[]", "1", "null", "{", "{\"source\":\"a\"", "{} {}", "\xff\xfe", "{\"source\": \"\xff\"}",
          R"({"source":"\ud800"})", "{'source':'a'}", "{\"limit\": 1,}", "// x\n{}"})
        CHECK_MESSAGE(fault_of(body).find("no JSON object") != std::string::npos, body);
    const auto names = [](const std::string& body, const char* name) {
        const auto fault = fault_of(body);
        CHECK_MESSAGE(fault.find(name) != std::string::npos, body << " gives " << fault);
    };
    for (const char* value : {"1", "null", "true", "{}", "[]", "[1]", "[\"a\", null]", "\"\"", "\" \"",
                              R"("a\u0000b")", R"("a\nb")", R"("\u202ea")"})
        names(fmt::format("{{\"source\": {}}}", value), "'source'");
    for (const char* value : {"1", "null", "[\"a\"]", "\"\"", R"("a\u001b[31m")"})
        names(fmt::format("{{\"query\": {}}}", value), "'query'");
    for (const char* value : {"0", "-1", "100001", "1.5", "1e3", "\"5\"", "null", "true",
                              "18446744073709551615", "99999999999999999999999"})
        names(fmt::format("{{\"limit\": {}}}", value), "'limit'");
    for (const char* value : {"1001", "-1001", "0.5", "\"5\"", "-9223372036854775808"})
        names(fmt::format("{{\"priority\": {}}}", value), "'priority'");
    names(R"({"sorce": "a"})", "'sorce'");
    names(R"({"kind": "export"})", "'kind'");
    names(R"({"limit": 1, "limit": 2})", "'limit' is there twice");
    names(R"({"source": {"a": {"b": 1}}})", "nested too deeply");
    names(std::string(16'000, '['), "nested too deeply");
    names(fmt::format(R"({{"query": "{}"}})", std::string(501, 'a')), "'query'");
    names(fmt::format(R"({{"source": "{}"}})", std::string(256, 'a')), "'source'");
    std::string many = "\"a\"";
    for (int i = 0; i < 100; ++i) many += ",\"a\"";
    names(fmt::format(R"({{"source": [{}]}})", many), "'source'");
}
