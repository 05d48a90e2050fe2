#pragma once
#include "core/intel/extract.hpp"

#include <string>
#include <vector>

// What the extractor that ships with the tool finds, for tests.
namespace found {
using cti::intel::Type;

inline const cti::intel::Extractor& extractor() {
    static const cti::intel::Extractor made;
    return made;
}
inline std::vector<std::string> values(Type type, std::string_view text) {
    std::vector<std::string> out;
    for (const auto& indicator : extractor().extract(text).indicators)
        if (indicator.type == type) out.push_back(indicator.value);
    return out;
}
// "one, two"; "" where nothing is found.
inline std::string list(Type type, std::string_view text) {
    std::string out;
    for (const auto& value : values(type, text)) out += (out.empty() ? "" : ", ") + value;
    return out;
}
}
