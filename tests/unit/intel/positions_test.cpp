#include "core/intel/positions.hpp"

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace cti::intel;

namespace {
std::vector<std::size_t> commas(std::string_view text, std::size_t from = 0) {
    Positions found(text, [](Bytes bytes, Bytes) { return are(bytes, ','); });
    std::vector<std::size_t> out;
    for (auto pos = found.next(from); pos < text.size(); pos = found.next(pos + 1)) out.push_back(pos);
    CHECK(found.next(text.size()) == text.size());
    return out;
}
}

TEST_CASE("intel::Positions: every place is found, in blocks and behind the last one") {
    for (const std::size_t size : {0, 1, 7, 63, 64, 65, 127, 128, 200}) {
        CHECK(commas(std::string(size, 'a')).empty());
        CHECK(commas(std::string(size, ',')).size() == size);
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'a');
            text[at] = ',';
            CHECK(commas(text) == std::vector{at});
        }
    }
}

TEST_CASE("intel::Positions: it may be asked from any place, backwards too") {
    const std::string text = std::string(70, 'a') + "," + std::string(70, 'b') + ",";
    CHECK(commas(text, 70) == std::vector<std::size_t>{70, 141});
    CHECK(commas(text, 71) == std::vector<std::size_t>{141});
    Positions found(text, [](Bytes bytes, Bytes) { return are(bytes, ','); });
    CHECK(found.next(100) == 141);
    CHECK(found.next(3) == 70);
}

TEST_CASE("intel::Positions: the byte behind is asked for too, and is NUL at the end") {
    for (const std::size_t size : {1, 63, 64, 65, 128}) {
        std::string text(size, 'a');
        Positions pairs(text, [](Bytes bytes, Bytes behind) { return are(bytes, 'a') & are(behind, 0); });
        CHECK(pairs.next(0) == size - 1);
        text[size - 1] = '\0';
        CHECK(pairs.next(size) == size);
    }
}
