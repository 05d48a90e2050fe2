#include "core/base/error.hpp"
#include "core/model/source_config.hpp"
#include "core/sources/config.hpp"
#include "core/store/web/source_config.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::sources;

TEST_CASE("merge_config: keys of the file win, keys that others put there stay") {
    CHECK(merge_config(R"({"a":1,"collection_days":30})", R"({"a":2,"b":[1]})") ==
          R"({"a":2,"collection_days":30,"b":[1]})");
}

TEST_CASE("merge_config: image_ocr_enabled of the row wins, null too") {
    CHECK(merge_config(R"({"image_ocr_enabled":null})", R"({"image_ocr_enabled":true})") ==
          R"({"image_ocr_enabled":null})");
    CHECK(merge_config("{}", R"({"image_ocr_enabled":true})") == R"({"image_ocr_enabled":true})");
}

TEST_CASE("merge_config: what is no object counts as empty") {
    CHECK(merge_config("[1]", R"({"a":1})") == R"({"a":1})");
    CHECK(merge_config("broken", R"({"a":1})") == R"({"a":1})");
    CHECK(merge_config(std::string(100000, '['), "{}") == "{}");
}

TEST_CASE("store::merged_config: what is nested too deeply counts as empty, and is not walked through") {
    const auto deep = R"({"a":)" + std::string(100000, '[') + std::string(100000, ']') + "}";
    CHECK(store::merged_config(deep, R"({"b":1})", Generation::web_2026) == R"({"b":1})");
    CHECK(store::flat_config(deep) == "{}");
}

TEST_CASE("sources::compare_config: order of keys and 5 beside 5.0 are no change") {
    CHECK(compare_config(R"({"a":{"x":1,"y":5.0},"b":2})", R"({ "b":2, "a":{"y":5,"x":1}})").empty());
}

TEST_CASE("sources::compare_config: changed, new and lost keys are named with their values") {
    const auto changes = compare_config(R"({"a":1,"c":true})", R"({"a":"1","b":null})");
    REQUIRE(changes.size() == 3);
    CHECK(changes[0].key == "a");
    CHECK(changes[0].before == "1");
    CHECK(changes[0].after == "\"1\"");
    CHECK(changes[1].before == "");
    CHECK(changes[1].after == "null");
    CHECK(changes[2].key == "c");
    CHECK(changes[2].after == "");
}

TEST_CASE("sources::compare_config: the order inside of a list is a change") {
    CHECK(compare_config(R"({"a":[1,2]})", R"({"a":[2,1]})").size() == 1);
}

TEST_CASE("sources::set_config_key: the value is JSON, or text where it is none") {
    CHECK(set_config_key("{}", "n=5") == R"({"n":5})");
    CHECK(set_config_key("{}", "on=true") == R"({"on":true})");
    CHECK(set_config_key("{}", "list=[\"a\"]") == R"({"list":["a"]})");
    CHECK(set_config_key("{}", "css=article p") == R"({"css":"article p"})");
    CHECK(set_config_key("{}", "q=a=b") == R"({"q":"a=b"})");
}

TEST_CASE("sources::set_config_key: dots reach into objects and nothing removes the key") {
    CHECK(set_config_key(R"({"robots":{"a":1}})", "robots.crawl_delay=5") ==
          R"({"robots":{"a":1,"crawl_delay":5}})");
    CHECK(set_config_key(R"({"a":1,"b":2})", "a=") == R"({"b":2})");
    CHECK(set_config_key("{}", "x.y.z=1") == R"({"x":{"y":{"z":1}}})");
}

TEST_CASE("sources::set_config_key: an assignment without a key is refused") {
    for (const auto* text : {"", "key", "=5", ".a=1", "a.=1", "a..b=1"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(set_config_key("{}", text), cti::Error);
    }
}

TEST_CASE("sources::check_config: types that the web service would refuse are named") {
    CHECK(check_config(R"({"allow":["a"],"discovery":{},"content_selector":null})").empty());
    const auto problems = check_config(R"({"allow":"a","extract":[],"collection_days":1.5})");
    REQUIRE(problems.size() == 3);
    CHECK(problems[0].key == "allow");
    CHECK(problems[0].message == "must be a list of texts");
}

TEST_CASE("sources::check_config: a secret in a config is refused, and not quoted") {
    CHECK(check_config(R"({"fetch":{"auth":"portal","headers":null,"timeout":5}})").empty());
    CHECK(check_config(R"({"discovery":{"strategies":[{"sitemap":{"urls":["https://a.example/@x"]}}]}})")
              .empty());
    for (const auto* text :
         {R"({"fetch":{"auth":{"user":"u","password":"canary"}}})",
          R"({"fetch":{"headers":{"X-Key":"canary"}}})",
          R"({"discovery":{"strategies":[{"listing":{"urls":["https://u:canary@a.example/"]}}]}})",
          R"({"wp_json":{"endpoints":["https://u:canary@a.example/wp-json"]}})"}) {
        CAPTURE(text);
        const auto problems = check_config(text);
        REQUIRE(problems.size() == 1);
        CHECK(problems[0].message.find("canary") == std::string::npos);
    }
}
