#pragma once
#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

// Expected values: our own under tests/data, and the web service's where CTI_COMPAT_DIR says that they are at
// hand.
namespace vectors {
using nlohmann::json;

inline json read_json(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    REQUIRE_MESSAGE(in, path);
    return json::parse(in);
}

inline std::string text_of(const json& value) { return value.get<std::string>(); }

// "" where the web service's values are not at hand.
inline std::string shared_directory() {
    const char* directory = std::getenv("CTI_COMPAT_DIR");
    if (directory == nullptr) MESSAGE("skipped: CTI_COMPAT_DIR is not set");
    return directory == nullptr ? "" : directory;
}

inline json shared(std::string_view group) {
    json out = json::array();
    const auto directory = shared_directory();
    if (directory.empty()) return out;
    const auto all = read_json(directory + "/vectors.json");
    for (const auto& vector : all["vectors"]) {
        if (vector["group"] == group && !vector["output"].is_null()) out.push_back(vector);
    }
    REQUIRE(!out.empty());
    return out;
}
}
