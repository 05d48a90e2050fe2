#include "core/net/challenge.hpp"

#include <doctest/doctest.h>

using namespace cti::net;

namespace {
std::string_view wall_of(std::string_view marks, std::string_view body, int status = 403) {
    return find_challenge(
        {.status = status, .is_html = true, .feed_asked = true, .marks = marks, .body = body});
}
}

TEST_CASE("find_challenge: each wall is known by its page or its headers") {
    CHECK(wall_of("cf-mitigated: challenge\n", "") == "Cloudflare");
    CHECK(wall_of("server: cloudflare\n",
                  "<html><title>Just a moment...</title><script src='/cdn-cgi/x'>window.__cf</script>",
                  503) == "Cloudflare");
    CHECK(wall_of("", "<script>window._cf_chl_opt={}</script>") == "Cloudflare");
    CHECK(wall_of("server: ddos-guard\n", "<p>Wait</p>") == "DDoS-Guard");
    CHECK(wall_of("", "<script src=\"/.well-known/DDoS-Guard/js-challenge/index.js\">") == "DDoS-Guard");
    CHECK(wall_of("", "<h1>Sucuri Website Firewall</h1> - Access Denied") == "Sucuri");
    CHECK(wall_of("x-sucuri-block: bot\n", "") == "Sucuri");
    CHECK(
        wall_of(
            "",
            "<iframe src=\"/_Incapsula_Resource?x\">Request unsuccessful. Incapsula incident ID: 1</iframe>") ==
        "Imperva");
    CHECK(wall_of("", "<h1>Access Denied</h1> https://errors.edgesuite.net/18.1") == "Akamai");
    CHECK(wall_of("server: akamaighost\n", "") == "Akamai");
    CHECK(wall_of("x-amzn-waf-action: captcha\n", "", 403) == "AWS WAF");
    CHECK(wall_of("", "<div id=\"px-captcha\">") == "PerimeterX");
    CHECK(wall_of("x-datadome: protected\n", "") == "DataDome");
    CHECK(wall_of("", "<script src=\"https://geo.captcha-delivery.com/c.js\">") == "DataDome");
    CHECK(wall_of("", "<script id=\"anubis_challenge\" type=\"application/json\">", 429) == "Anubis");
    CHECK(wall_of("", "<div class=\"g-recaptcha\" data-sitekey=\"x\">") == "a captcha");
}

TEST_CASE("find_challenge: an ordinary refusal is no challenge") {
    CHECK(wall_of("server: nginx\n", "<h1>403 Forbidden</h1>") == "");
    CHECK(wall_of("server: cloudflare\nset-cookie: __cf_bm=1\n", "<h1>403 Forbidden</h1>") == "");
    CHECK(wall_of("x-proxy: server: ddos-guard\n", "") == ""); // within a line it is no header
    CHECK(wall_of("", "", 404) == "");
    CHECK(wall_of("cf-mitigated: challenge\n", "", 500) == "");
}

TEST_CASE(
    "find_challenge: an answer of 200 is one only as a web page in the place of a feed, with clear marks") {
    constexpr std::string_view wall = "<script>window._cf_chl_opt={}</script>";
    const auto find = [](bool is_html, bool feed_asked, std::string_view body) {
        return find_challenge({.status = 200,
                               .is_html = is_html,
                               .feed_asked = feed_asked,
                               .marks = "server: ddos-guard\n",
                               .body = body});
    };
    CHECK(find(true, true, wall) == "Cloudflare");
    CHECK(find(false, true, wall) == "");
    CHECK(find(true, false, wall) == "");
    CHECK(find(true, true, "<h1>Our blog</h1><div class=\"g-recaptcha\">") == "");
}
