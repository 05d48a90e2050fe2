#include "core/base/shown_url.hpp"

#include <doctest/doctest.h>

using cti::shown_url;

TEST_CASE("shown_url: an address without secrets stands as it was asked") {
    CHECK(shown_url("https://example.org/feed?format=rss2&page=1") ==
          "https://example.org/feed?format=rss2&page=1");
    CHECK(shown_url("https://example.org/?") == "https://example.org/?");
    CHECK(shown_url("").empty());
}

TEST_CASE("shown_url: neither a login nor the value of a secret parameter is shown") {
    CHECK(shown_url("https://anna:geheim@example.org/feed") == "https://example.org/feed");
    CHECK(shown_url("https://example.org/feed?id=7&API_KEY=s3cr3t&x=1#token=s3cr3t") ==
          "https://example.org/feed?id=7&API_KEY=***&x=1");
    CHECK(shown_url("https://example.org/?access_token=a=b&access_token=c") ==
          "https://example.org/?access_token=***&access_token=***");
}

TEST_CASE("shown_url: what a terminal would act on is made visible, and a long address ends") {
    CHECK(shown_url("https://example.org/\x1b[31m") == "https://example.org/\\x1b[31m");
    CHECK(shown_url("https://example.org/" + std::string(5000, 'a')).size() < 250);
}
