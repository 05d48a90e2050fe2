#include "core/source/kind.hpp"

#include <algorithm>
#include <array>

namespace cti::source {

std::span<const Kind> kinds() {
    // The last one takes whatever the others do not.
    static const std::array all{k_feed_kind, k_web_kind};
    return all;
}

const Kind* find_kind(const Source& source, std::span<const Kind> among) {
    const auto wanted = sources::read_kind(source.config_json);
    const auto found = std::ranges::find_if(among, [&](const Kind& kind) {
        return wanted.empty() ? kind.is_implied(source) : kind.name == wanted;
    });
    return found == among.end() ? nullptr : &*found;
}
}
