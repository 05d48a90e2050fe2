#pragma once
#include "core/model/indicator.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What is found in a text.
namespace cti::intel {

// The words of the model, as they are spoken here.
using Type = IndicatorType;
using Verdict = IndicatorVerdict;
using Reading = IndicatorReading;
using cti::k_type_count;
using cti::name_of;

// One value. `start` and `end` are bytes of the text: its first occurrence, as it stood there.
struct Indicator {
    Type type = Type::ipv4;
    Verdict verdict = Verdict::none;
    Reading reading = Reading::plain;
    std::uint32_t count = 1;
    std::size_t start = 0, end = 0;
    std::string value; // refanged and normalised
};
}
