#include "core/base/uuid.hpp"

#include "core/base/hash.hpp"

#include <algorithm>

namespace cti {

Uuid uuid_v5(const Uuid& name_space, std::string_view name) {
    std::string bytes(name_space.begin(), name_space.end());
    bytes += name;
    const auto hash = sha1(bytes);
    Uuid uuid{};
    std::copy_n(hash.begin(), uuid.size(), uuid.begin());
    uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0FU) | 0x50U); // version
    uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3FU) | 0x80U); // variant
    return uuid;
}

std::string to_string(const Uuid& uuid) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(36);
    for (std::size_t i = 0; i < uuid.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += digits[uuid[i] >> 4U];
        out += digits[uuid[i] & 15U];
    }
    return out;
}
}
