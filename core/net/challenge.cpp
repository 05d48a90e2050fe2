#include "core/net/challenge.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <string>

namespace cti::net {
namespace {
constexpr std::size_t k_read = 64 * 1024; // Marks stand in the head of these pages.

enum class In { marks, body };

struct Rule {
    std::string_view wall;
    In where;
    std::string_view text, also; // both have to be there; lower case
    bool clear = false;          // no ordinary page holds it, whatever its status
};

// The more telling ones of a wall first. "a captcha" stands last: most walls show one.
constexpr Rule k_rules[] = {
    {"Cloudflare", In::marks, "cf-mitigated: challenge", "", true},
    {"Cloudflare", In::body, "_cf_chl_opt", "", true},
    {"Cloudflare", In::body, "<title>just a moment...", "cf", true},
    {"Cloudflare", In::body, "/cdn-cgi/challenge-platform/", "", false},
    {"Cloudflare", In::body, "attention required! | cloudflare", "", true},
    {"Cloudflare", In::body, "checking your browser before accessing", "cloudflare", true},
    {"Cloudflare", In::body, "cf-browser-verification", "", true},
    {"Anubis", In::body, "/.within.website/x/cmd/anubis", "", true},
    {"Anubis", In::body, "anubis_challenge", "", true},
    {"Anubis", In::marks, "set-cookie: techaro.lol-anubis", "", false},
    {"DDoS-Guard", In::body, "/.well-known/ddos-guard/js-challenge", "", true},
    {"DDoS-Guard", In::body, "check.ddos-guard.net", "", true},
    {"DDoS-Guard", In::body, "<title>ddos-guard</title>", "", true},
    {"DDoS-Guard", In::marks, "server: ddos-guard", "", false},
    {"Sucuri", In::body, "sucuri_cloudproxy_js", "", true},
    {"Sucuri", In::body, "sucuri website firewall", "access denied", true},
    {"Sucuri", In::marks, "x-sucuri-block:", "", false},
    {"Imperva", In::body, "/_incapsula_resource", "<iframe", true},
    {"Imperva", In::body, "incapsula incident id", "", true},
    {"Imperva", In::body, "powered by imperva", "", false},
    {"Imperva", In::marks, "x-iinfo:", "", false},
    {"AWS WAF", In::marks, "x-amzn-waf-action:", "", true},
    {"AWS WAF", In::body, ".awswaf.com/", "gokuprops", true},
    {"AWS WAF", In::body, "awswafcookiedomainlist", "", true},
    {"AWS WAF", In::body, ".awswaf.com/", "", false},
    {"DataDome", In::body, "captcha-delivery.com", "", true},
    {"DataDome", In::marks, "x-datadome:", "", false},
    {"DataDome", In::marks, "x-dd-b:", "", false},
    {"PerimeterX", In::body, "id=\"px-captcha\"", "", true},
    {"PerimeterX", In::body, "window._pxappid", "px-captcha", true},
    {"PerimeterX", In::body, "window._pxappid", "", false},
    {"PerimeterX", In::body, "perimeterx", "", false},
    {"Akamai", In::body, "/_sec/cp_challenge/", "", true},
    {"Akamai", In::body, "sec-if-cpt-container", "", true},
    {"Akamai", In::body, "errors.edgesuite.net", "access denied", true},
    {"Akamai", In::marks, "server: akamaighost", "", false},
    {"a captcha", In::body, "class=\"g-recaptcha\"", "", false},
    {"a captcha", In::body, "class=\"h-captcha\"", "", false},
    {"a captcha", In::body, "class=\"cf-turnstile\"", "", false},
    {"a captcha", In::body, "recaptcha/api.js", "", false},
    {"a captcha", In::body, "hcaptcha.com/1/api.js", "", false},
    {"a captcha", In::body, "captcha", "robot", false},
};

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Of a header the beginning of a line counts.
bool has_mark(std::string_view marks, std::string_view mark) {
    for (auto at = marks.find(mark); at != std::string_view::npos; at = marks.find(mark, at + 1)) {
        if (at == 0 || marks[at - 1] == '\n') return true;
    }
    return false;
}
}

bool is_challenge_mark(std::string_view name) {
    constexpr std::string_view names[] = {"cf-mitigated", "server",     "x-sucuri-block",
                                          "x-iinfo",      "x-datadome", "x-amzn-waf-action",
                                          "x-dd-b",       "set-cookie"};
    return std::ranges::any_of(names, [&](std::string_view known) { return iequals(known, name); });
}

std::string_view find_challenge(const Answer& answer) {
    const bool refused = answer.status == 403 || answer.status == 429 || answer.status == 503;
    const bool instead_of_feed = answer.status == 200 && answer.is_html && answer.feed_asked;
    if (!refused && !instead_of_feed) return {};
    const auto body = ascii_lower(answer.body.substr(0, k_read));
    for (const auto& rule : k_rules) {
        if (!refused && !rule.clear) continue;
        if (rule.where == In::marks ? has_mark(answer.marks, rule.text)
                                    : holds(body, rule.text) && holds(body, rule.also)) {
            return rule.wall;
        }
    }
    return {};
}
}
