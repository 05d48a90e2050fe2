#include "core/base/error.hpp"
#include "core/sources/secrets.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace cti;
using namespace cti::sources;

namespace {
std::string refusal(const std::string& text) {
    try {
        parse_secrets(text, "s.yaml");
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}
}

TEST_CASE("sources::parse_secrets: an entry has addresses and a login, a token or headers") {
    const auto secrets = parse_secrets("portal:\n"
                                       "  url: https://portal.example\n"
                                       "  user: an@lyst\n"
                                       "  password: 0123\n"
                                       "api:\n"
                                       "  url: [https://a.example, 'https://b.example:8443/v1']\n"
                                       "  token: 'abc.def=='\n"
                                       "vendor:\n"
                                       "  url: https://v.example\n"
                                       "  headers: {X-Api-Key: \"k:1\"}\n",
                                       "s.yaml");
    CHECK(secrets.file == "s.yaml");
    CHECK(secrets.entries.at("portal").user == "an@lyst");
    CHECK(secrets.entries.at("portal").password == "0123"); // as it is written, no number
    CHECK(secrets.entries.at("api").urls.size() == 2);
    CHECK(secrets.entries.at("api").token == "abc.def==");
    CHECK(secrets.entries.at("vendor").headers == std::vector<std::string>{"X-Api-Key: k:1"});
}

TEST_CASE("sources::parse_secrets: what is wrong is told with its line, and no secret is quoted") {
    const std::string url = "a:\n  url: https://a.example\n";
    for (const auto& [text, why] : {
             std::pair<std::string, std::string>{"- canary\n", "line 1: must be a mapping of names"},
             {"a: canary\n", "line 1: 'a': must be a mapping"},
             {"a:\n  user: canary\n", "line 1: 'a': 'url' is missing"},
             {url, "line 1: 'a': holds neither"},
             {url + "  user: u\n  password: canary\n  token: canary\n", "line 1: 'a': either"},
             {url + "  user: can:ary\n", "line 3: 'a': 'user' must not hold a ':'"},
             {url + "  canary: x\n", "line 3: 'a': knows 'url'"},
             {url + "  password: [canary]\n", "line 3: 'a': 'password' must be a text"},
             {url + "  password: \"can\\nary\"\n", "line 3: 'a': 'password' must not hold control"},
             {url + "  password: [canary\n", "this is no YAML"},
             {url + "  password: 'x' canary\n", "this is no YAML"},
             {url + "  headers: canary\n", "line 3: 'a': 'headers' must be a mapping"},
             {url + "  headers: {'can ary': x}\n", "line 3: 'a': this is no name of a header"},
             {url + "  headers: {Host: canary}\n", "line 3: 'a': the header 'host' is not to be set"},
             {"a:\n  url: https://u:canary@a.example\n", "line 2: 'a': 'url' must be an http or https"},
             {"a:\n  url: ftp://canary\n", "line 2: 'a': 'url' must be an http or https"},
             {url + "  user: u\n" + url + "  user: u\n", "line 4: 'a': stands twice"},
         }) {
        CAPTURE(text);
        const auto told = refusal(text);
        CHECK(told.starts_with("cannot use 's.yaml': "));
        CHECK(told.find(why) != std::string::npos);
        CHECK(told.find("canary") == std::string::npos);
        CHECK(told.find("can ary") == std::string::npos);
    }
}
