#include "core/base/json.hpp"

#include <cmath>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace cti;

TEST_CASE("append_json_string: whatever the bytes, a JSON parser reads the text back") {
    for (const std::string& text : {std::string("plain"), std::string("q\" b\\ n\n t\t \x01 \x7f"),
                                    std::string("nul\0x", 5), std::string("Жук 攻撃 \xF0\x9F\x98\x80"),
                                    std::string("\xE2\x80\xA8 \xE2\x80\xA9 ]]> </script> [/usr/bin]")}) {
        std::string out;
        append_json_string(out, text);
        CHECK(nlohmann::json::parse(out).get<std::string>() == text);
    }
    std::string out;
    append_json_string(out, "bad \xC3( end\xE2\x82");
    CHECK(out == "\"bad \\ufffd( end\\ufffd\"");
}

TEST_CASE("JsonWriter: compact and pretty forms hold the same") {
    for (const int indent : {0, 2}) {
        std::string out;
        JsonWriter json(out, indent);
        json.begin_object()
            .member("n", 1)
            .member("none", std::optional<int>{})
            .member("f", 1.5)
            .member("nan", std::nan(""));
        json.key("list").value(std::vector<std::string>{"a", "b"}).key("empty").begin_array().end_array();
        json.key("o").begin_object().member("yes", true).end_object().end_object();
        CHECK(nlohmann::json::parse(out).dump() ==
              R"({"empty":[],"f":1.5,"list":["a","b"],"n":1,"nan":null,"none":null,"o":{"yes":true}})");
        CHECK((out.find('\n') != std::string::npos) == (indent > 0));
    }
}

TEST_CASE("JsonWriter: the members of an object go into another one as they stand there") {
    const auto with = [](std::string_view object) {
        std::string out;
        JsonWriter(out).begin_object().member("a", 1).members_of(object).member("z", 2).end_object();
        return out;
    };
    CHECK(with(R"({"b":[1, 2],"c":"\u2028"})") == R"({"a":1,"b":[1, 2],"c":"\u2028","z":2})");
    CHECK(with("{}") == R"({"a":1,"z":2})");
    CHECK(with(" { } ") == R"({"a":1,"z":2})");
}

TEST_CASE("JsonWriter: an object that was left open is gone on with") {
    std::string out;
    JsonWriter(out).begin_object().member("a", 1);
    out += '\n';
    JsonWriter(out).resume_object().member("b", 2).end_object();
    CHECK(out == "{\"a\":1\n,\"b\":2}");
}

TEST_CASE("is_nested_deeper: brackets in strings do not count, the depth itself is still allowed") {
    CHECK_FALSE(is_nested_deeper("[[1],{\"a\":2}]", 2));
    CHECK(is_nested_deeper("[[[1]]]", 2));
    CHECK_FALSE(is_nested_deeper(R"(["[[[\"[[", 1])", 1));
    CHECK(is_nested_deeper(std::string(1'000'000, '['), 64));
}
