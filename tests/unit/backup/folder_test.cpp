#include "core/backup/folder.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::backup;
using namespace std::chrono_literals;

namespace {
Stored stored(const char* name, std::optional<std::chrono::milliseconds> after = {}) {
    Stored stored;
    stored.path = name, stored.name = parse_name(name).value();
    if (after) stored.manifest.emplace().started = stored.name.time + *after;
    return stored;
}

std::vector<std::string> sorted(std::vector<Stored> list) {
    sort_oldest_first(list);
    std::vector<std::string> paths;
    for (const auto& one : list) paths.push_back(one.path);
    return paths;
}
}

TEST_CASE("folder: those of one second stand as they were made, whatever they are called") {
    const std::vector<std::string> wanted{"cti-b-20261127T020000Z-z", "cti-a-20261127T020000Z-a",
                                          "cti-a-20261127T020001Z"};
    CHECK(sorted({stored("cti-a-20261127T020001Z", 0ms), stored("cti-a-20261127T020000Z-a", 700ms),
                  stored("cti-b-20261127T020000Z-z", 200ms)}) == wanted);
}

TEST_CASE("folder: of one moment their numbers decide, as numbers") {
    const std::vector<std::string> wanted{"cti-a-20261127T020000Z", "cti-a-20261127T020000Z.2",
                                          "cti-a-20261127T020000Z.10"};
    CHECK(sorted({stored(wanted[2].c_str(), 5ms), stored(wanted[1].c_str(), 5ms),
                  stored(wanted[0].c_str(), 5ms)}) == wanted);
    CHECK(sorted({stored(wanted[2].c_str()), stored(wanted[0].c_str()), stored(wanted[1].c_str())}) ==
          wanted);
}
