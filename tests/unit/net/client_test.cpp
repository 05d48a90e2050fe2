#include "core/net/client.hpp"

#include <doctest/doctest.h>

using namespace cti::net;

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
    CHECK(fetch(request).failure == Failure::bad_url);
    CHECK(fetch(request).error.starts_with("refused the address: "));
}
