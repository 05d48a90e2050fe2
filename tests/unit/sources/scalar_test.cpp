#include "core/sources/scalar.hpp"

#include <cmath>
#include <doctest/doctest.h>

using namespace cti::sources;

namespace {
bool is_text(std::string_view text) { return std::holds_alternative<IsText>(resolve_scalar(text)); }
}

TEST_CASE("sources::resolve_scalar: null, ~ and nothing are null") {
    for (const auto* text : {"", "~", "null", "Null", "NULL"})
        CHECK(std::holds_alternative<std::monostate>(resolve_scalar(text)));
    CHECK(is_text("nULL"));
    CHECK(is_text("none"));
}

TEST_CASE("sources::resolve_scalar: the bools of YAML 1.1 and 1.2 are bools") {
    for (const auto* text : {"true", "True", "TRUE", "yes", "Yes", "on", "ON"})
        CHECK(resolve_scalar(text) == Scalar{true});
    for (const auto* text : {"false", "False", "no", "NO", "off", "Off"})
        CHECK(resolve_scalar(text) == Scalar{false});
    for (const auto* text : {"tRue", "y", "n", "oN"}) CHECK(is_text(text));
}

TEST_CASE("sources::resolve_scalar: integers in all their notations are integers") {
    const std::pair<const char*, std::int64_t> vectors[] = {{"0", 0},
                                                            {"-0", 0},
                                                            {"+12", 12},
                                                            {"3600", 3600},
                                                            {"1_000", 1000},
                                                            {"0x1F", 31},
                                                            {"0o17", 15},
                                                            {"0755", 493},
                                                            {"0b101", 5},
                                                            {"089", 89},
                                                            {"-42", -42},
                                                            {"9223372036854775807", INT64_MAX},
                                                            {"-9223372036854775808", INT64_MIN}};
    for (const auto& [scalar, number] : vectors) {
        const auto& text = scalar; // clang 14 cannot capture a structured binding.
        CAPTURE(text);
        CHECK(resolve_scalar(text) == Scalar{number});
    }
    CHECK(resolve_scalar("18446744073709551615") == Scalar{UINT64_MAX});
}

TEST_CASE("sources::resolve_scalar: an integer too large for 64 bits becomes a float") {
    CHECK(resolve_scalar("18446744073709551616") == Scalar{18446744073709551616.0});
    CHECK(resolve_scalar("-9223372036854775809") == Scalar{-9223372036854775809.0});
}

TEST_CASE("sources::resolve_scalar: floats are floats") {
    CHECK(resolve_scalar("5.0") == Scalar{5.0});
    CHECK(resolve_scalar("-.5") == Scalar{-0.5});
    CHECK(resolve_scalar("+1.") == Scalar{1.0});
    CHECK(resolve_scalar("1e3") == Scalar{1000.0});
    CHECK(resolve_scalar("2.5E-1") == Scalar{0.25});
    CHECK(resolve_scalar("-.inf") == Scalar{-INFINITY});
    CHECK(std::isnan(std::get<double>(resolve_scalar(".nan"))));
    CHECK(resolve_scalar("1e999") == Scalar{INFINITY});
}

TEST_CASE("sources::resolve_scalar: what only begins like a number is text") {
    for (const auto* text : {"-", "+", ".", "..", "1.2.3", "10.0.0.1", "0x", "0xZZ", "1e", "1e+",
                             "2026-01-01", "12:30", "7-Zip", "--5", "+-5", "-x", "._", "0b2", "1 2"}) {
        CAPTURE(text);
        CHECK(is_text(text));
    }
}
