#include "core/base/byte_runs.hpp"

#include <doctest/doctest.h>
#include <random>
#include <string>

namespace {
constexpr auto is_quote = [](unsigned char c) { return static_cast<bool>((c == '"') | (c == '\\')); };
constexpr auto is_letter = [](unsigned char c) { return static_cast<bool>((c >= 'a') & (c <= 'z')); };

// Letters and spaces mostly, so that runs are longer than a block.
std::string random_text(std::mt19937& random) {
    std::string text(random() % 150, 'a');
    const auto rare = random() % 40 + 2;
    for (char& c : text) {
        if (random() % 6 == 0) c = ' ';
        if (random() % rare == 0) c = static_cast<char>(random());
    }
    return text;
}

std::size_t end_of_words(std::string_view text, std::size_t pos) {
    const auto fits = [&](std::size_t at) {
        return at < text.size() && is_letter(static_cast<unsigned char>(text[at]));
    };
    while (fits(pos) || (pos < text.size() && text[pos] == ' ' && fits(pos + 1))) ++pos;
    return pos;
}
}

TEST_CASE("byte runs: a byte is found wherever it stands, and nothing that is none") {
    for (std::size_t size = 0; size < 100; ++size) {
        CHECK(cti::find_byte(std::string(size, 'a'), 0, is_quote) == size);
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'a');
            text[at] = '"';
            REQUIRE(cti::find_byte(text, 0, is_quote) == at);
            REQUIRE(cti::find_byte(text, at, is_quote) == at);
            REQUIRE(cti::find_byte(text, at + 1, is_quote) == size);
        }
    }
}

TEST_CASE("byte runs: words with a space between two end where a loop over their bytes ends") {
    std::mt19937 random(20261130);
    for (int round = 0; round < 5000; ++round) {
        const auto text = random_text(random);
        for (std::size_t pos = 0; pos < text.size(); ++pos)
            if (is_letter(static_cast<unsigned char>(text[pos])))
                REQUIRE(cti::skip_words(text, pos, is_letter) == end_of_words(text, pos));
    }
}
