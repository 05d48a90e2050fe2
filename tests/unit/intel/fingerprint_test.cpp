#include "core/base/hash.hpp"
#include "core/intel/fingerprint.hpp"
#include "core/intel/python_text.hpp"
#include "tests/unit/intel/vectors.hpp"

#include <doctest/doctest.h>

using namespace cti;
using vectors::text_of;

// Computed with Python's hashlib, re and str methods.
TEST_CASE("intel: hashes, simhash, word count and lower case equal Python's") {
    for (const auto& expected : vectors::read_json(std::string(CTI_TEST_DATA) + "/intel/fingerprints.json")) {
        const auto title = text_of(expected["title"]), content = text_of(expected["content"]);
        CAPTURE(title);
        const auto hashes = intel::content_hashes(title, content);
        for (std::size_t i = 0; i < hashes.size(); ++i) CHECK(hashes[i] == text_of(expected["hashes"][i]));
        CHECK(std::to_string(intel::simhash(title, content)) == text_of(expected["simhash"]));
        CHECK(intel::count_words(content) == expected["words"].get<int>());
        CHECK(intel::python_lower(content) == text_of(expected["lower"]));
    }
}

TEST_CASE("intel::count_words: blocks of ASCII and what stands between them count as one text") {
    for (const std::string gap : {" ", "\n", "  ", "\x1F", "\xC2\xA0", " \xC3\xA9 "}) {
        for (int letters = 1; letters < 70; ++letters) {
            const auto word = std::string(static_cast<std::size_t>(letters), 'a');
            const auto text = gap + word + gap + word + "\xC3\xA9" + word + gap + word;
            CAPTURE(text);
            const int more = gap.size() == 4 ? 3 : 0; // a word of its own
            CHECK(intel::count_words(text) == 3 + more);
            if (more == 0)
                CHECK(intel::join_words(text) == word + ' ' + word + "\xC3\xA9" + word + ' ' + word);
        }
    }
}

TEST_CASE("intel::simhash: words of one or two characters and stop words do not count") {
    CHECK(intel::simhash("", "it is on c2 a1 Жы") == 0);
    CHECK(intel::simhash("", "loader") == md5_low64("loader"));
    CHECK(intel::simhash("THE", "loader, of LOADER!") == md5_low64("loader"));
}

TEST_CASE("intel::simhash: the title and the content never join to one word") {
    CHECK(intel::simhash("load", "er") == md5_low64("load"));
}

TEST_CASE("intel::simhash: a bit that half of the words have is not set") {
    CHECK(intel::simhash("", "alpha beta") == (md5_low64("alpha") & md5_low64("beta")));
}

TEST_CASE("intel::simhash: words that share a place in the cache keep their own hashes") {
    std::string words;
    for (int i = 0; i < 20'000; ++i) words += "word" + std::to_string(i) + ' ';
    const auto first = intel::simhash("", words);
    CHECK(intel::simhash("", words) == first);
    for (int i = 0; i < 20'000; i += 777) {
        const auto word = "word" + std::to_string(i);
        CHECK(intel::simhash(word, "") == md5_low64(word));
    }
}

TEST_CASE("intel::simhash: ill-formed UTF-8 and endless words are survived") {
    CHECK(intel::simhash("\xFF\xC3", "\xE2\x82loader\xF0\x9F") == md5_low64("loader"));
    const std::string endless(1'000'000, 'x');
    CHECK(intel::simhash("", endless) == md5_low64(endless));
    std::string sigmas;
    for (int i = 0; i < 200'000; ++i) sigmas += "\xCE\xA3''";
    CHECK(intel::python_lower(sigmas).size() == sigmas.size());
}

TEST_CASE("intel: the bucket is the low four bits, the distance the differing bits") {
    CHECK(intel::simhash_bucket(0xFFFFFFFFFFFFFFF3U) == 3);
    CHECK(intel::hamming_distance(0, ~std::uint64_t{0}) == 64);
    CHECK(intel::hamming_distance(0b1010, 0b0110) == 2);
}

TEST_CASE("intel::content_hashes: equal the web service's for the same article") {
    const auto check = [](std::string_view group, std::size_t formula, std::string_view version) {
        for (const auto& vector : vectors::shared(group)) {
            if (!version.empty() && vector["version"] != version) continue;
            CAPTURE(text_of(vector["id"]));
            const auto& input = vector["input"];
            const auto hashes = intel::content_hashes(input.value("title", ""), text_of(input["content"]));
            CHECK(hashes[formula] == text_of(vector["output"]));
        }
    };
    check("content_hash_service", 0, "");
    check("content_hash_model", 1, "");
    check("content_hash_processor", 1, "2025");
    check("content_hash_processor", 2, "2026");
}

TEST_CASE("intel::simhash: equals the web service's, with bucket, distance and feature hash") {
    for (const auto& vector : vectors::shared("simhash")) {
        CAPTURE(text_of(vector["id"]));
        const auto hash =
            intel::simhash(text_of(vector["input"]["title"]), text_of(vector["input"]["content"]));
        CHECK(std::to_string(hash) == text_of(vector["output"]["simhash"]));
        CHECK(intel::simhash_bucket(hash) == vector["output"]["bucket"].get<int>());
    }
    for (const auto& vector : vectors::shared("hamming")) {
        const auto number = [&](const char* name) { return std::stoull(text_of(vector["input"][name])); };
        CHECK(intel::hamming_distance(number("a"), number("b")) == vector["output"]["distance"].get<int>());
    }
    for (const auto& vector : vectors::shared("feature_hash")) {
        CHECK(std::to_string(md5_low64(text_of(vector["input"]["feature"]))) ==
              text_of(vector["output"]["value"]));
    }
}
