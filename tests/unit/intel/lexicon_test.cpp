#include "core/base/error.hpp"
#include "core/intel/lexicon.hpp"

#include <doctest/doctest.h>

using cti::Error;
using cti::Generation;
using cti::intel::Lexicon;
using cti::intel::parse_lexicon;

namespace {
Lexicon parse(std::string_view text, Generation generation = Generation::web_2026) {
    return parse_lexicon(text, generation, "words.yaml");
}
std::string refusal(std::string_view text) {
    try {
        parse(text);
    } catch (const Error& e) {
        CHECK(e.code() == cti::ExitCode::usage);
        return e.what();
    }
    return "accepted";
}
}

TEST_CASE("intel::parse_lexicon: lists keep their order and their writing") {
    const auto lexicon =
        parse("perfect_discriminators: [HKLM, \"a b\", '\\x', HKLM]\nnegative_indicators:\n  - webinar\n");
    CHECK(lexicon.perfect == std::vector<std::string>{"HKLM", "a b", "\\x", "HKLM"});
    CHECK(lexicon.negative == std::vector<std::string>{"webinar"});
    CHECK(lexicon.good.empty());
}

TEST_CASE("intel::parse_lexicon: lists by generation in JSON") {
    const std::string_view text = R"({"note": "x", "v2025": {"lolbas_executables": ["a.exe"]},
        "v2026": {"lolbas_executables": ["b.exe"], "intelligence_indicators": ["\u00e9\\"]}})";
    CHECK(parse(text, Generation::web_2025).lolbas == std::vector<std::string>{"a.exe"});
    CHECK(parse(text).lolbas == std::vector<std::string>{"b.exe"});
    CHECK(parse(text).intelligence == std::vector<std::string>{"\xC3\xA9\\"});
    CHECK(parse(R"({"v2025": {}})").lolbas.empty());
}

TEST_CASE("intel::parse_lexicon: what is wrong is told with its line") {
    CHECK(refusal("# x\nperfect: [a]\n") == "cannot read 'words.yaml': line 2: unknown list 'perfect'");
    CHECK(refusal("good_discriminators:\n  - a\n  - ''\n") ==
          "cannot read 'words.yaml': line 3: a word is empty");
    CHECK(refusal("good_discriminators: a\n") ==
          "cannot read 'words.yaml': line 1: a list of words is expected");
    CHECK(refusal("good_discriminators: [[a]]\n") == "cannot read 'words.yaml': line 1: a word is expected");
    CHECK(refusal("- a\n") == "cannot read 'words.yaml': line 1: a map of lists is expected");
    CHECK(refusal("a: [\n").starts_with("cannot read 'words.yaml': line 2: "));
    CHECK(refusal("").ends_with("a map of lists is expected"));
    CHECK(refusal("good_discriminators: [" + std::string(201, 'x') + "]").ends_with("longer than 200 bytes"));
    std::string many = "good_discriminators:\n";
    for (int i = 0; i < 400; ++i) many += "  - " + std::string(190, 'x') + "\n";
    CHECK(refusal(many).ends_with("more than 65536 bytes of words"));
}

TEST_CASE("intel::default_lexicon: every list of both generations holds words") {
    const auto lexicon = parse(cti::intel::default_lexicon());
    for (const auto* list : {&lexicon.perfect, &lexicon.good, &lexicon.lolbas, &lexicon.hunting_terms,
                             &lexicon.intelligence, &lexicon.negative}) {
        CHECK(list->size() > 3);
    }
}
