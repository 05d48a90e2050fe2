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

TEST_CASE("fetch: an address on loopback is refused where private ones are not allowed, before a byte is sent") {
    Request request;
    request.url = "http://127.0.0.1:9/feed.xml";
    CHECK(fetch(request).failure == Failure::refused_address);
    request.url = "http://[::ffff:127.0.0.1]:9/";
    CHECK(fetch(request).failure == Failure::refused_address);
    request.url = "http://0x7f000001:9/";
    CHECK(fetch(request).failure == Failure::refused_address);
}

TEST_CASE("fetch: nobody listens, and the answer says so") {
    Request request;
    request.url = "http://127.0.0.1:9/feed.xml";
    request.allow_private = true;
    const auto response = fetch(request);
    CHECK(response.failure == Failure::connect);
    CHECK(response.error.starts_with("cannot connect: "));
}

TEST_CASE("fetch: an address that is refused costs no connection") {
    Request request;
    request.url = "file:///etc/passwd";
    CHECK(fetch(request).error == "refused the address: 'file' is neither http nor https");
}
