#include "core/backup/format.hpp"
#include "core/backup/name.hpp"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cti;
using namespace cti::backup;

namespace {
const Time k_time = parse_time_argument("2026-11-27T02:00:00Z", Time()).value();
}

TEST_CASE("backup names: they come back from their text") {
    CHECK(to_text({"cti", "", k_time}) == "cti-cti-20261127T020000Z");
    CHECK(to_text({"my-db/../x", "before_upgrade", k_time}) ==
          "cti-my_db_.._x-20261127T020000Z-before_upgrade");
    const auto name = parse_name("cti-news-20261127T020000Z-weekly");
    REQUIRE(name);
    CHECK(name->database == "news");
    CHECK(name->label == "weekly");
    CHECK(name->time == k_time);
}

TEST_CASE("backup names: several of one second and label have numbers") {
    const auto text = to_text({"news", "weekly", k_time, 2});
    CHECK(text == "cti-news-20261127T020000Z.2-weekly");
    const auto name = parse_name(text);
    REQUIRE(name);
    CHECK(name->number == 2);
    CHECK(name->label == "weekly");
    CHECK(to_text(*name) == text);
    CHECK(parse_name("cti-news-20261127T020000Z.17").value().number == 17);
    CHECK(is_hidden_name(hidden_name(text)));
    for (const char* other :
         {"cti-news-20261127T020000Z.", "cti-news-20261127T020000Z.1", "cti-news-20261127T020000Z.02",
          "cti-news-20261127T020000Z.-2", "cti-news-20261127T020000Z.2x", "cti-news-20261127T020000Z.10000",
          "cti-news-20261127T020000Z.99999999999999999999", "cti-news-20261127T020000Z2"}) {
        CAPTURE(other);
        CHECK_FALSE(parse_name(other));
    }
}

TEST_CASE("backup names: nothing else is taken for one") {
    for (const char* text :
         {"", "cti-", "cti-news", "news-20261127T020000Z", "cti-news-20261127T020000",
          "cti-news-20261327T020000Z", "cti-news-20261127T020000Z-", "cti-news-20261127T020000Z-a-b",
          "cti--20261127T020000Z", ".cti-news-20261127T020000Z.partial.1.00000000",
          "cti-news-20261127T020000Z.old"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_name(text));
    }
}

TEST_CASE("backup names: what is not whole has a hidden one") {
    const auto hidden = hidden_name("cti-news-20261127T020000Z");
    CHECK(is_hidden_name(hidden));
    CHECK_FALSE(parse_name(hidden));
    for (const char* text :
         {".cti-news.partial.1", ".git", "cti-news-20261127T020000Z.partial.1.2", ".other.partial.1.2"}) {
        CAPTURE(text);
        CHECK_FALSE(is_hidden_name(text));
    }
}

TEST_CASE("backup names: a label is a plain word") {
    CHECK(is_label("before_2.0"));
    for (const char* text : {"", "a-b", "a b", "a/b", "ä"}) CHECK_FALSE(is_label(text));
}

TEST_CASE("backup formats: no secret is among the words of pg_dump, and a version is read from its own") {
    DumpOrder order;
    order.format = find_format("directory"), order.compression = find_compression("gzip");
    order.folder = "/b/dump", order.jobs = 3, order.snapshot = "00000003-1";
    const auto words = pg_dump_words(order, "dbname='x'");
    CHECK(words.front() == "pg_dump");
    CHECK(std::ranges::find(words, "--snapshot=00000003-1") != words.end());
    CHECK(std::ranges::find(words, "--jobs=3") != words.end());
    CHECK(major_version("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)") == 15);
    CHECK(major_version("something else") == 0);
}
