#include "core/collect/logins.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::collect;

namespace {
Source source_with(const std::string& config = "{}") {
    Source source;
    source.url = "https://www.a.example/", source.rss_url = "https://a.example/feed";
    source.config_json = config;
    return source;
}

net::Credentials credentials_for(const Logins& logins, const std::string& url) {
    net::Request request;
    request.url = url;
    logins.add_to(request);
    return request.credentials;
}

const sources::Secrets k_secrets{
    "s.yaml", {{"portal", {{"https://a.example", "https://b.example:8443"}, "u", "p", "", {"X-Key: k"}}}}};
}

TEST_CASE("collect::Logins: a login of an address is told to its scheme, host and port alone") {
    auto source = source_with();
    source.rss_login = "an%40lyst:p%2Fw%3Ad%231";
    const Logins logins(source, nullptr);
    CHECK(logins.fault().empty());
    CHECK(credentials_for(logins, "https://A.example:443/other?x").user == "an@lyst");
    CHECK(credentials_for(logins, "https://a.example/feed").password == "p/w:d#1");
    for (const auto* other : {"http://a.example/feed", "https://a.example:8443/feed",
                              "https://www.a.example/", "https://evil.example/", "https://a.example.evil/"})
        CHECK_FALSE(credentials_for(logins, other).has_login());
}

TEST_CASE("collect::Logins: where site and feed have one origin the login of the feed counts") {
    auto source = source_with();
    source.url = "https://a.example/", source.url_login = "site:1", source.rss_login = "feed:2";
    CHECK(credentials_for(Logins(source, nullptr), "https://a.example/x").user == "feed");
    source.rss_login.clear();
    CHECK(credentials_for(Logins(source, nullptr), "https://a.example/x").user == "site");
}

TEST_CASE(
    "collect::Logins: an entry of the file is told to the addresses that it names, whatever the source's") {
    auto source = source_with(R"({"fetch":{"auth":"portal"}})");
    source.rss_login = "old:one";
    const Logins logins(source, &k_secrets);
    CHECK(logins.fault().empty());
    CHECK(credentials_for(logins, "https://a.example/feed").user == "u");
    CHECK(credentials_for(logins, "https://b.example:8443/x").headers.front() == "X-Key: k");
    CHECK_FALSE(credentials_for(logins, "https://www.a.example/").has_login());
    source.rss_login.clear();
    source.rss_url = "https://evil.example/feed"; // Whoever changes the row cannot lead it elsewhere.
    CHECK_FALSE(credentials_for(Logins(source, &k_secrets), "https://evil.example/feed").has_login());
}

TEST_CASE("collect::Logins: an entry that cannot be had is a fault") {
    CHECK(
        Logins(source_with(R"({"fetch":{"auth":"portal"}})"), nullptr).fault() ==
        "its fetch.auth names 'portal', and no file of secrets is given (--secrets-file, CTI_SECRETS_FILE)");
    CHECK(Logins(source_with(R"({"fetch":{"auth":"none"}})"), &k_secrets).fault() ==
          "its fetch.auth names 'none', which 's.yaml' does not hold");
    CHECK(Logins(source_with(), nullptr).fault().empty());
}
