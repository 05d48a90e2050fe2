#include "core/net/client.hpp"

#include <doctest/doctest.h>

using namespace cti::net;

TEST_CASE("refuse_url: http and https are fetched, everything else is refused with a reason") {
    CHECK(refuse_url("https://a.example/feed.xml") == "");
    CHECK(refuse_url("http://127.0.0.1:8080/x?y=z#f") == "");
    CHECK(refuse_url("file:///etc/passwd") == "'file' is neither http nor https");
    CHECK(refuse_url("gopher://a.example/") == "'gopher' is neither http nor https");
    CHECK(refuse_url("https://user:pw@a.example/") == "it holds a user name or password");
    CHECK(refuse_url("https://a.example/\r\nX: y") == "it holds control characters");
    CHECK(refuse_url("http://") == "it is not a URL");
}

TEST_CASE("Client: an address on loopback is refused where private ones are not allowed, before a byte is sent") {
    Client client({});
    Response response;
    bool done = false;
    Request request;
    request.url = "http://127.0.0.1:9/feed.xml";
    client.start(std::move(request), [&](Response answer) { response = std::move(answer), done = true; });
    while (!done) client.run_once(std::chrono::milliseconds{50});
    CHECK(response.failure == Failure::refused_address);
    CHECK(client.active() == 0);
}

TEST_CASE("Client: nobody listens, and the answer says so") {
    Client client({});
    Response response;
    bool done = false;
    Request request;
    request.url = "http://127.0.0.1:9/feed.xml";
    request.allow_private = true;
    client.start(std::move(request), [&](Response answer) { response = std::move(answer), done = true; });
    while (!done) client.run_once(std::chrono::milliseconds{50});
    CHECK(response.failure == Failure::connect);
    CHECK(response.error.starts_with("cannot connect: "));
}
