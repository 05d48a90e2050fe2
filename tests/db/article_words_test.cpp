#include "core/pipeline/step.hpp"
#include "core/search/article_words.hpp"
#include "core/store/own/article_words.hpp"
#include "core/store/read/search.hpp"
#include "core/store/record.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <pqxx/pqxx>
#include <random>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

namespace {
std::string literal(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
    return out + "'";
}
// One connection for all texts: each new one reads the dictionary anew, which takes longer than what is
// asked.
class Server {
public:
    explicit Server(const TestDatabase& test) : m_connection(test.address()), m_work(m_connection) {}

    // What the server makes of our words, and of the text itself.
    std::string make_of_ours(const std::string& title, const std::string& content) {
        const auto words = search::find_article_words(title, content);
        if (!words) return "left to the server";
        return ask(fmt::format("SELECT ({}::tsvector || {}::tsvector)::text", literal(words->title),
                               literal(words->content)));
    }
    std::string make_of_text(const std::string& title, const std::string& content) {
        return ask(fmt::format("SELECT cti.search_words({}, {})::text", literal(title), literal(content)));
    }

private:
    std::string ask(const std::string& sql) { return m_work.exec(sql)[0][0].c_str(); }

    pqxx::connection m_connection;
    pqxx::nontransaction m_work;
};

// Texts of the pieces that PostgreSQL's parser treats in ways of its own.
std::string random_text(std::mt19937& random, int pieces) {
    static const std::vector<std::string> all{"a",
                                              "Z",
                                              "9",
                                              "0",
                                              "e",
                                              "E",
                                              "1e5",
                                              "3e8f12",
                                              "0x4a",
                                              "x",
                                              "word",
                                              "Emotet",
                                              "_",
                                              "-",
                                              ".",
                                              "/",
                                              "@",
                                              "&",
                                              "<",
                                              ">",
                                              "+",
                                              "~",
                                              ":",
                                              "://",
                                              "http://",
                                              " ",
                                              "  ",
                                              "\n",
                                              "\t",
                                              "'",
                                              "\"",
                                              "\\",
                                              "%",
                                              "%20",
                                              "$",
                                              "#",
                                              "=",
                                              "?",
                                              "!",
                                              "*",
                                              "(",
                                              ")",
                                              "[",
                                              "]",
                                              "{",
                                              "}",
                                              "|",
                                              "^",
                                              "`",
                                              ";",
                                              ",",
                                              "&amp;",
                                              "<b>",
                                              "<!--",
                                              "a.b",
                                              "evil.example",
                                              "x@y.z",
                                              "1.2.3.4",
                                              "-5",
                                              "+3.5",
                                              "1.5e-3",
                                              "foo-bar",
                                              "C:\\x\\y.exe",
                                              "/usr/bin",
                                              "\u00A0",
                                              "\u2013",
                                              "\u00AB",
                                              "\u00B7",
                                              "\u00BB",
                                              "\u201B",
                                              "\u2018",
                                              "\u201C",
                                              "\u201D",
                                              "\u2026",
                                              "\u3001",
                                              "\uFF0C",
                                              "\x01",
                                              "\x7f",
                                              "CVE-2026-1234",
                                              "v1.2.3"};
    std::uniform_int_distribution<std::size_t> pick(0, all.size() - 1);
    std::string text;
    for (int i = 0; i < pieces; ++i) text += all[pick(random)];
    return text;
}
}

TEST_CASE("article words: they are those that the server finds, in whatever text of ASCII and marks") {
    const Ready ready(Kind::shared_2026);
    Server server(ready.test);
    std::mt19937 random(20261127);
    for (int round = 0; round < 1500; ++round) {
        const auto title = random_text(random, 1 + round % 7), content = random_text(random, 1 + round % 60);
        CAPTURE(title);
        CAPTURE(content);
        REQUIRE(server.make_of_ours(title, content) == server.make_of_text(title, content));
    }
}

TEST_CASE("article words: the limits of a tsvector hold") {
    const Ready ready(Kind::shared_2026);
    Server server(ready.test);
    std::string often, many, longest;
    for (int i = 0; i < 300; ++i) often += "often now ";
    for (int i = 0; i < 20000; ++i) many += fmt::format("w{} ", i);
    longest = std::string(2046, 'a') + ' ' + std::string(2047, 'b') + ' ' + std::string(2048, 'c') + " last";
    for (const auto& text : {often, many, longest, std::string(), std::string(" \n")}) {
        CAPTURE(text.size());
        CHECK(server.make_of_ours("Title", text) == server.make_of_text("Title", text));
        CHECK(server.make_of_ours("", text) == server.make_of_text("", text));
    }
}

TEST_CASE("article words: what depends on the database's locale is left to the server") {
    CHECK_FALSE(search::find_article_words("caf\u00E9", "text"));
    CHECK_FALSE(search::find_article_words("title", "\u0440\u0443"));
    CHECK_FALSE(search::find_article_words("title", std::string(500'001, 'a')));
    CHECK(search::find_article_words("title", "\u201Cquoted\u201D"));
}

TEST_CASE("article words: they are stored with their articles; those of a new text take their place") {
    for (const auto kind : all_kinds()) {
        Ready ready(kind);
        const auto record = [&](Article article, std::optional<int> id) {
            pipeline::run_step(pipeline::get_step("words"), {}, article);
            CheckRecord check;
            check.source_id = ready.source_id;
            if (id)
                check.updates.push_back({*id, std::move(article)});
            else
                check.articles.push_back(std::move(article));
            auto transaction = ready.begin();
            const auto recorded = record_check(transaction, ready.schema, check);
            transaction.commit();
            return recorded.written.at(0);
        };
        const auto differing = [&] {
            return ready.test.value(
                "SELECT count(*) FROM articles a LEFT JOIN cti.article_words w ON w.article_id = a.id "
                "WHERE w.words IS DISTINCT FROM cti.search_words(a.title, a.content)");
        };
        auto first = make_article(1);
        first.content = "Text of the report, \"quoted\"";
        const int id = record(first, {});
        CHECK(differing() == "0");
        auto changed = first;
        changed.content += " and one sentence more", changed.hashes = make_article(2).hashes;
        record(changed, id);
        CHECK(differing() == "0");
        changed.content += " na\u00EFve", changed.hashes = make_article(3).hashes;
        record(changed, id);
        CHECK(ready.test.value("SELECT count(*) FROM cti.article_words") == "0");
        auto transaction = ready.begin();
        index_words_of(transaction, ready.schema, {"words", 1}, {id});
        index_words_of(transaction, ready.schema, {"words", 1}, {id}); // nothing is left to do
        transaction.commit();
        CHECK(differing() == "0");
    }
}
