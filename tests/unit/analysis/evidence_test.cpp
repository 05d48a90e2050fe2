#include "core/analysis/evidence.hpp"
#include "core/analysis/sentence.hpp"

#include <doctest/doctest.h>
#include <random>

using namespace cti::analysis;

namespace {
// What the quotation stands for in the text; "-" where it does not stand there.
std::string found(std::string_view text, std::string_view quotation) {
    const auto span = FoldedText(text).find(quotation);
    return span ? std::string(text.substr(span->start, span->end - span->start)) : "-";
}
}

TEST_CASE(
    "analysis evidence: a quotation is found whatever its white space and quotes, and the text's own bytes are given") {
    const std::string text =
        "The  group\r\n\u00A0used \u201CRclone\u201D to\tcopy files \u2013 it didn\u2019t stop.";
    CHECK(found(text, "group used \"Rclone\" to copy files") ==
          "group\r\n\u00A0used \u201CRclone\u201D to\tcopy files");
    CHECK(found(text, "\u00ABRclone\u00BB to copy") == "\u201CRclone\u201D to\tcopy");
    CHECK(found(text, "it didn't stop.") == "it didn\u2019t stop.");
    CHECK(found(text, "\"it didn't stop.\"") ==
          "it didn\u2019t stop."); // quotes that the model put around it
    CHECK(found(text, "  used\n'Rclone'  ") == "used \u201CRclone\u201D");
    CHECK(found("a\u200Bb soft\u00ADhyphen", "ab softhyphen") == "a\u200Bb soft\u00ADhyphen");
    CHECK(found("\u00AB mot \u00BB dit", "\"mot\" dit") == "\u00AB mot \u00BB dit");
    CHECK(found("\u6076\u610F\u8F6F\u4EF6\u3000\u7A83\u53D6\u6587\u4EF6", "\u8F6F\u4EF6 \u7A83\u53D6") ==
          "\u8F6F\u4EF6\u3000\u7A83\u53D6");
}

TEST_CASE("analysis evidence: another word, case, order or a part of a word is no quotation") {
    const std::string_view text = "The group can't read document files. It used Rclone.";
    CHECK(found(text, "The group can") == "-"); // of "can't"
    CHECK(found(text, "t read document") == "-");
    CHECK(found(text, "read docu") == "-");
    CHECK(found(text, "ocument files") == "-");
    CHECK(found(text, "it used rclone") == "-");
    CHECK(found(text, "used Rclone. The group") == "-");
    CHECK(found(text, "The group ... files") == "-");
    CHECK(found(text, "") == "-");
    CHECK(found(text, "\"\" \n") == "-");
    CHECK(found("", "anything") == "-");
    CHECK(found(text, "\xFF\xFE") == "-");
}

TEST_CASE("analysis evidence: true quotations with odd white space, quotes and line breaks all pass") {
    const std::vector<std::string> blanks{" ",      "\n",    "\r\n",   "\t", "\u00A0", "\u2003", "\u202F",
                                          "\u3000", "  \n ", "\u2028", "\v", "\f",     "\u1680", "\u205F"};
    const std::vector<std::string> quotes{"\"",     "'",      "\u201C", "\u201D", "\u2018", "\u2019",
                                          "\u00AB", "\u00BB", "\u201E", "\u201A", "\u2039", "\u203A",
                                          "`",      "\u00B4", "\uFF02", "\u300C", "\u300D", "\u2033"};
    const std::vector<std::string> words{
        "The", "actors",    "ran",  "Q",      "whoami", "/all",           "Q",
        "on",  "10.0.0.1,", "then", "didnQt", "leave;", "d\u00E9j\u00E0", "vu"};
    std::mt19937 random(20261130);
    const auto pick = [&](const auto& from) { return from[random() % from.size()]; };
    const auto write = [&] {
        std::string text;
        for (const auto& word : words) {
            std::string written;
            for (const char c : word) written += c == 'Q' ? pick(quotes) : std::string(1, c);
            text += (text.empty() ? "" : pick(blanks)) + written;
        }
        return text;
    };
    int accepted = 0;
    for (int i = 0; i < 2000; ++i)
        accepted += found("Before. " + write() + " After.", write()) != "-" ? 1 : 0;
    CHECK(accepted == 2000);
}

TEST_CASE("analysis evidence: has_words knows borders of words") {
    CHECK(has_words("attacks on the energy sector", "energy"));
    CHECK_FALSE(has_words("attacks on bioenergy", "energy"));
    CHECK_FALSE(has_words("RedisX", "Redis"));
    CHECK(has_words("(Redis)", "Redis"));
    CHECK_FALSE(has_words("anything", ""));
}

TEST_CASE("analysis sentence: it says nothing but what its quotations say") {
    const auto rests = [](std::string_view sentence, std::string_view quoted) {
        return rests_on(fold_quotation(sentence), fold_quotation(quoted));
    };
    const std::string_view quoted =
        "FIN7 exploited CVE-2024-1234 in three hospitals and did not demand a ransom.";
    const std::string_view plain = "FIN7 exploited CVE-2024-1234 in three hospitals.";
    CHECK(rests("FIN7 exploits CVE-2024-1234 in three hospitals.", plain));
    CHECK(rests("The hospitals were exploited by FIN7.", plain));
    CHECK_FALSE(rests("FIN7 exploited CVE-2024-1235 in three hospitals, not a ransom.", quoted));
    CHECK_FALSE(rests("FIN8 did not exploit hospitals.", quoted));
    CHECK_FALSE(rests("FIN7 did demand a ransom.", quoted)); // the denial is gone
    CHECK(rests("FIN7 did not demand a ransom.", quoted));
    CHECK_FALSE(rests("Visit http://evil.example now.", quoted));
    CHECK_FALSE(rests("", quoted));
    CHECK_FALSE(rests("...", quoted));
}
