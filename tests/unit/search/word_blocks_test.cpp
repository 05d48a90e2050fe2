#include "core/base/error.hpp"
#include "core/search/word_blocks.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <map>
#include <random>

using namespace cti;
using namespace cti::search;

namespace {
using Postings = std::map<std::string, std::vector<int>>;

Postings read(const std::vector<WordBlock>& blocks, int first_id) {
    Postings all;
    std::string last;
    for (const auto& block : blocks) {
        bool is_first = true;
        for (BlockReader reader(block.bytes, first_id); reader.next(); is_first = false) {
            if (is_first) CHECK(reader.term() == block.first_term);
            CHECK(std::string(reader.term()) > last);
            last = reader.term();
            reader.append_ids(all[last]);
        }
    }
    return all;
}

struct Texts {
    std::map<int, std::string> terms; // by article
    std::vector<WordBlock> segment() const {
        std::vector<IndexedArticle> articles;
        for (const auto& [id, text] : terms) articles.push_back({id, text});
        return make_segment(articles);
    }
    Postings postings() const {
        Postings all;
        for (const auto& [id, text] : terms)
            for (std::size_t pos = 0; pos < text.size();) {
                const auto end = text.find(' ', pos);
                all[text.substr(pos, end - pos)].push_back(id);
                pos = end + 1;
            }
        return all;
    }
};

Texts random_texts(std::mt19937& random, int first_id, int count) {
    Texts texts;
    for (int i = 0; i < count; ++i) {
        auto& terms = texts.terms[first_id + i * static_cast<int>(1 + random() % 3)];
        terms = "all ";
        for (int word = 0; word < 60; ++word)
            if (random() % 3 == 0) terms += fmt::format("word{}{} ", word, random() % 9);
        std::map<std::string, int> once;
        std::string unique;
        for (std::size_t pos = 0; pos < terms.size();) {
            const auto end = terms.find(' ', pos);
            if (once[terms.substr(pos, end - pos)]++ == 0) unique += terms.substr(pos, end - pos + 1);
            pos = end + 1;
        }
        terms = unique;
    }
    return texts;
}

SegmentSource source_of(const std::vector<WordBlock>& blocks, int first_id) {
    return {first_id, [&blocks, at = std::size_t(0)]() mutable {
                return at < blocks.size() ? blocks[at++].bytes : "";
            }};
}
}

TEST_CASE("word blocks: what was written is read, in blocks of about 8 kB") {
    std::mt19937 random(7);
    const auto texts = random_texts(random, 1000, 900);
    const auto first = texts.terms.begin()->first;
    const auto blocks = texts.segment();
    CHECK(blocks.size() > 2);
    for (const auto& block : blocks) CHECK(block.bytes.size() < k_full_block + 2000);
    CHECK(read(blocks, first) == texts.postings());
    CHECK(make_segment({}).empty());
}

TEST_CASE("word blocks: terms of any bytes, ids up to the last") {
    const std::string beyond = "\xD0\xB6\xD1\x83";
    Texts texts;
    texts.terms = {{1, "a ab \x01"
                       "ab "},
                   {2147483647, beyond + " ab " + std::string(500, 'z') + " "}};
    CHECK(read(texts.segment(), 1) == texts.postings());
}

TEST_CASE("merge_segments: what several have, without what no longer counts") {
    std::mt19937 random(8);
    std::vector<Texts> all;
    std::vector<std::vector<WordBlock>> segments;
    Postings wanted;
    const auto keeps = [](std::size_t source, int id) { return source == 2 || id % 7 != 3; };
    for (int i = 0; i < 3; ++i) {
        all.push_back(random_texts(random, 1 + i * 100, 300)); // overlapping ids
        segments.push_back(all.back().segment());
        for (const auto& [term, ids] : all.back().postings())
            for (const int id : ids)
                if (keeps(static_cast<std::size_t>(i), id)) wanted[term].push_back(id);
    }
    for (auto& [term, ids] : wanted) {
        std::ranges::sort(ids);
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    }
    std::vector<SegmentSource> sources;
    for (std::size_t i = 0; i < 3; ++i)
        sources.push_back(source_of(segments[i], all[i].terms.begin()->first));
    std::vector<WordBlock> merged;
    merge_segments(sources, 1, keeps, [&](WordBlock&& block) { merged.push_back(std::move(block)); });
    CHECK(read(merged, 1) == wanted);
}

TEST_CASE("word blocks: damaged bytes are told, and never read beyond") {
    std::mt19937 random(9);
    const auto block = random_texts(random, 5, 40).segment().front().bytes;
    const auto read_all = [](std::string_view bytes) {
        std::vector<int> ids;
        for (BlockReader reader(bytes, 5); reader.next();) reader.append_ids(ids);
    };
    CHECK_NOTHROW(read_all(block));
    int refused = 0;
    for (int round = 0; round < 2000; ++round) {
        auto damaged = block.substr(0, random() % block.size());
        if (!damaged.empty()) damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
        try {
            read_all(damaged);
        } catch (const Error& error) {
            CHECK(error.code() == ExitCode::check);
            ++refused;
        }
    }
    CHECK(refused > 500);
    for (const char* bytes : {"\x01",
                              "\x01\x01"
                              "a\x01\x01",
                              "\x00\xFF\xFF\xFF\xFF\xFF\x01"})
        CHECK_THROWS_AS(read_all(std::string_view(bytes, 4)), Error);
}
