#pragma once
#include <cstdint>
#include <string_view>
#include <variant>

namespace cti::sources {

struct IsText {
    bool operator==(const IsText&) const = default;
};

// What an unquoted YAML scalar means: null, bool, a number, or plain text.
using Scalar = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, IsText>;

// The core schema of YAML 1.2 (section 10.3) and, because the web service reads the same files with a
// YAML 1.1 parser, of 1.1: yes/no/on/off are bools, 1_000 is a number, 0755 and 0o755 are octal. Base-60
// numbers and dates are text.
Scalar resolve_scalar(std::string_view text);
}
