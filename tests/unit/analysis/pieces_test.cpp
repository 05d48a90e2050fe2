#include "core/analysis/pieces.hpp"
#include "core/base/text.hpp"

#include <doctest/doctest.h>
#include <random>

using namespace cti::analysis;

TEST_CASE("analysis pieces: a short text is one, an empty one none") {
    CHECK(split_pieces("").empty());
    CHECK(split_pieces("Short.") == std::vector<Span>{{0, 6}});
}

TEST_CASE("analysis pieces: they end at paragraphs, overlap, and hold all of the text") {
    std::string text;
    for (int i = 0; i < 300; ++i)
        text += "Paragraph " + std::to_string(i) + " says something of attackers.\n\n";
    const auto pieces = split_pieces(text, 2000, 300);
    REQUIRE(pieces.size() > 5);
    CHECK(pieces.front().start == 0);
    CHECK(pieces.back().end == text.size());
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        CHECK(pieces[i].start < pieces[i - 1].end);
        CHECK(pieces[i].start > pieces[i - 1].start);
        CHECK(pieces[i].end - pieces[i].start <= 2000);
        CHECK(text.substr(pieces[i].start, 10) == "Paragraph ");
        CHECK(text.substr(pieces[i - 1].end - 2, 2) == "\n\n");
    }
}

TEST_CASE(
    "analysis pieces: each short sentence of a random text is whole in one piece, and no character is cut") {
    std::mt19937 random(7);
    for (int round = 0; round < 20; ++round) {
        std::string text;
        std::vector<Span> sentences;
        for (int i = 0; i < 400; ++i) {
            const auto start = text.size();
            for (unsigned word = 0; word < 3 + random() % 12; ++word)
                text += random() % 5 ? "word " : "m\u00F6t\u4E2D ";
            text.back() = '.';
            sentences.push_back({start, text.size()});
            text += random() % 6 ? " " : random() % 2 ? "\n" : "\n\n";
        }
        const auto pieces = split_pieces(text, 1500, 300);
        for (const auto& piece : pieces)
            CHECK(cti::is_valid_utf8(std::string_view(text).substr(piece.start, piece.end - piece.start)));
        for (const auto& sentence : sentences) {
            bool is_whole = false;
            for (const auto& piece : pieces)
                is_whole = is_whole || (piece.start <= sentence.start && sentence.end <= piece.end);
            CHECK(is_whole);
        }
    }
}

TEST_CASE("analysis pieces: a text without any blank ends too, and there are never more than the most") {
    CHECK(split_pieces(std::string(5'000'000, 'x')).size() == k_max_pieces);
    CHECK(split_pieces(std::string(2'000'000, '\n')).size() == k_max_pieces);
    CHECK(split_pieces(std::string(50, '\xBF'), 4, 2).size() > 1); // no characters at all
}
