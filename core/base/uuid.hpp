#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

// UUIDs that follow from a name, RFC 9562.
namespace cti {

using Uuid = std::array<std::uint8_t, 16>; // in network order

// Version 5: the same for the same name within the same namespace, on every machine.
Uuid uuid_v5(const Uuid& name_space, std::string_view name);

std::string to_string(const Uuid& uuid); // 8-4-4-4-12 lower-case hex digits

// For constants: at compile time, what is no UUID does not compile.
consteval Uuid uuid_literal(std::string_view text) {
    const auto digit = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        throw "a UUID has lower-case hex digits only";
    };
    Uuid uuid{};
    std::size_t pos = 0;
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && text.at(pos++) != '-') throw "a dash is missing";
        const int high = digit(text.at(pos)), low = digit(text.at(pos + 1));
        uuid[i] = static_cast<std::uint8_t>(high * 16 + low);
        pos += 2;
    }
    if (pos != text.size()) throw "a UUID has 36 characters";
    return uuid;
}
}
