#include "cli/term/article_list.hpp"
#include "core/base/text.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::cli;

namespace {
using Type = IndicatorType;

const Time k_now = *parse_time_argument("2026-11-29T12:00:00Z", Time{});

ops::ListedArticle listed(int id, const std::string& title, std::chrono::minutes age) {
    ops::ListedArticle one;
    one.article.id = id, one.article.title = title, one.article.source = "example_blog";
    one.article.url = "https://blog.example/" + std::to_string(id);
    one.article.published_at = k_now - age;
    return one;
}

std::vector<ops::ListedArticle> sample() {
    auto first = listed(1280, "A loader that hides in plain sight, and what its operators do after that",
                        std::chrono::hours(3));
    first.article.threat_hunting_score = 88.14;
    first.indicators = {{Type::domain, 12}, {Type::sha256, 7}, {Type::cve, 2}};
    auto second =
        listed(7, "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97 about \xd8\xa7", std::chrono::hours(72));
    second.article.source = "a_source_with_a_long_name";
    auto third = listed(31, "Red \x1b[31m text\x07, \xe2\x80\xaereversed", std::chrono::minutes(-30));
    third.indicators = {{Type::threat_actor, 1234}};
    return {first, second, third};
}

std::string render(std::size_t width) { return article_list(sample(), {width, false, k_now}); }
}

TEST_CASE("cli::article_list: two lines each on a narrow terminal") {
    CHECK(render(60) == "1280  A loader that hides in plain sight, and what its oper…\n"
                        "      3 h  score 88.1  example_blog  12 domain, 7 sha256 +2\n"
                        "   7  漢字漢字 about ا\n"
                        "      3 d  score -  a_source_with_a_long_name\n"
                        "  31  Red \\x1b[31m text\\x07, \\u202ereversed\n"
                        "      in 30 min  score -  example_blog  1234 threat_actor\n");
    CHECK(render(80) == "1280  A loader that hides in plain sight, and what its operators do after that\n"
                        "      3 h  score 88.1  example_blog  12 domain, 7 sha256, 2 cve\n"
                        "   7  漢字漢字 about ا\n"
                        "      3 d  score -  a_source_with_a_long_name\n"
                        "  31  Red \\x1b[31m text\\x07, \\u202ereversed\n"
                        "      in 30 min  score -  example_blog  1234 threat_actor\n");
}

TEST_CASE("cli::article_list: a line each on a wide one") {
    CHECK(
        render(120) ==
        "  ID  AGE        SCORE  SOURCE                     TITLE                                          INDICATORS\n"
        "1280  3 h        88.1   example_blog               A loader that hides in plain sight, and what…  12 domain, 7 sha256 +2\n"
        "   7  3 d        -      a_source_with_a_long_name  漢字漢字 about ا                               \n"
        "  31  in 30 min  -      example_blog               Red \\x1b[31m text\\x07, \\u202ereversed          1234 threat_actor\n");
    CHECK(
        render(200) ==
        "  ID  AGE        SCORE  SOURCE                     TITLE                                                                     INDICATORS\n"
        "1280  3 h        88.1   example_blog               A loader that hides in plain sight, and what its operators do after that  12 domain, 7 sha256, 2 cve\n"
        "   7  3 d        -      a_source_with_a_long_name  漢字漢字 about ا                                                          \n"
        "  31  in 30 min  -      example_blog               Red \\x1b[31m text\\x07, \\u202ereversed                                     1234 threat_actor\n");
}

TEST_CASE("cli::article_list: no line is wider than the terminal, and no id is cut") {
    for (const std::size_t width : {20U, 60U, 80U, 99U, 100U, 120U, 200U}) {
        CAPTURE(width);
        const auto text = render(width);
        for (const auto line : split(trim(text), '\n')) CHECK(display_width(line) <= width);
        CHECK(text.find("1280 ") != text.npos);
    }
}

TEST_CASE("cli::article_row: whole, with one tab between cells, and harmless") {
    CHECK(article_row(sample()[0]) ==
          "1280\t2026-11-29T09:00:00Z\t88.1\texample_blog\tA loader that hides in plain sight, and what its "
          "operators do after that\thttps://blog.example/1280\tdomain=12,sha256=7,cve=2\t-\n");
    CHECK(split(article_row(sample()[2]), '\t').size() == split(article_row_titles(), '\t').size());
    CHECK(article_row(sample()[2]).find('\x1b') == std::string::npos);
}

TEST_CASE("cli::article_list: what is unread stands out, in one line and in two") {
    auto articles = sample();
    articles[1].read_at = k_now;
    for (const std::size_t width : {80U, 120U}) {
        CAPTURE(width);
        const auto text = article_list(articles, {width, true, k_now});
        const auto line_of = [&](std::string_view word) {
            const auto at = text.find(word), start = text.rfind('\n', at) + 1;
            return text.substr(start, text.find('\n', at) - start);
        };
        CHECK(line_of("A loader").find("\x1b[1m") != std::string::npos);
        CHECK(line_of("about").find("\x1b[1m") == std::string::npos);
    }
}
