#include "core/backup/dump_splitter.hpp"
#include "core/base/error.hpp"

#include <cstdint>
#include <doctest/doctest.h>
#include <iterator>
#include <string>

using namespace cti;
using namespace cti::backup;

namespace {
struct Recorder : DumpReceiver {
    std::string seen;
    void on_statement(const Statement& statement) override {
        seen += std::to_string(statement.line) + ":" + std::string(statement.text) + "|";
    }
    void on_copy_data(std::string_view bytes) override { seen += bytes; }
    void on_copy_end() override { seen += "|end|"; }
};

// What comes in pieces of each size must be the same.
std::string split_by(std::string_view dump, std::size_t size) {
    Recorder recorder;
    DumpSplitter splitter(recorder);
    for (std::size_t i = 0; i < dump.size(); i += size) splitter.add(dump.substr(i, size));
    splitter.finish();
    return recorder.seen;
}

std::string split_dump(std::string_view dump) {
    auto whole = split_by(dump, dump.size() + 1);
    for (const std::size_t size : {1, 2, 3, 7}) CHECK(split_by(dump, size) == whole);
    return whole;
}

std::string refusal_of(std::string_view dump) {
    try {
        split_by(dump, 5);
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::check);
        return error.what();
    }
    return "";
}
bool refuses(std::string_view dump, std::string_view why) {
    return refusal_of(dump).find(why) != std::string::npos;
}
}

TEST_CASE("dump splitter: statements end with a semicolon outside of quotes, comments and parentheses") {
    CHECK(split_dump("SET a = 1;\n-- no; comment\nSELECT 'a;''b';/* ; /* ; */ */ SELECT 2;") ==
          "1:SET a = 1|3:SELECT 'a;''b'|3:SELECT 2|");
    CHECK(split_dump("SELECT E'\\';', \";\"\";\";") == "1:SELECT E'\\';', \";\"\";\"|");
    CHECK(split_dump("SELECT $$;$$, $a$;$$;$b$;$a$;") == "1:SELECT $$;$$, $a$;$$;$b$;$a$|");
    CHECK(split_dump("CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b);") ==
          "1:CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b)|");
    CHECK(
        split_dump(
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END;\nSET b = 2;") ==
        "1:CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END|2:SET b = 2|");
}

TEST_CASE("dump splitter: a backslash in quotes is an ordinary character, but in E quotes") {
    CHECK(split_dump("SELECT '\\';SELECT 2;") == "1:SELECT '\\'|1:SELECT 2|");
    CHECK(split_dump("SELECT e'\\\\';SELECT 2;") == "1:SELECT e'\\\\'|1:SELECT 2|");
    CHECK(split_dump("SELECT 1e'\\';';") == "1:SELECT 1e'\\';'|");
}

TEST_CASE("dump splitter: the data of a COPY go by as they are, up to the line of its end") {
    CHECK(split_dump("COPY public.t (a) FROM stdin;\n1\t;\\N\n\\\\.\n\\.x\n\\.\nSET a = 1;") ==
          "1:COPY public.t (a) FROM stdin|1\t;\\N\n\\\\.\n\\.x\n|end|6:SET a = 1|");
    CHECK(split_dump("COPY t FROM stdin;\r\n1\r\n\\.\r\n") == "1:COPY t FROM stdin|1\r\n|end|");
    CHECK(split_dump("COPY t FROM stdin;\n\\.") == "1:COPY t FROM stdin||end|");
    CHECK(split_dump("COPY t FROM stdin;\n\\! touch /tmp/x\n\\.\n") ==
          "1:COPY t FROM stdin|\\! touch /tmp/x\n|end|");
}

TEST_CASE("dump splitter: the lock of newer dumps is passed over, every other command of psql is refused") {
    CHECK(split_dump("\\restrict aB3\n\nSET a = 1;\n\\unrestrict aB3\n") == "3:SET a = 1|");
    for (const char* command : {"\\! touch /tmp/pwned", "\\connect other", "\\c other", "\\i /etc/passwd",
                                "\\copy t from program 'x'", "\\o |sh", "\\g |sh", "\\set x `id`", "\\gexec",
                                "\\restrict a; \\! x", "\\restrict `id`", "\\setenv A b"}) {
        CAPTURE(command);
        CHECK(refuses(std::string("SET a = 1;\n") + command + "\n",
                      "line 2 of the dump holds a command of psql"));
        CHECK(refuses(std::string("SELECT 1 ") + command + "\n;",
                      "line 1 of the dump holds a command of psql"));
    }
    CHECK(refuses("SET a = 1; \\restrict a\n", "command of psql"));
    CHECK(refuses("COPY t FROM stdin;\n1\n\\.\n\\! id\n", "line 4"));
}

TEST_CASE("dump splitter: whatever is missing at the end is seen") {
    CHECK(refuses("SELECT 'a", "line 1"));
    CHECK(refuses("SELECT 1", "no end"));
    CHECK(refuses("/* a", "no end"));
    CHECK(refuses("SELECT $a$ b $$", "no end"));
    CHECK(refuses("COPY t FROM stdin;\n1\n2\n", "no end"));
    CHECK(refuses("COPY t FROM stdin;", "no data"));
    CHECK(refuses("--\n-- PostgreSQL database dump\n--\nSET a = 1;\n", "last words"));
    CHECK(
        refusal_of("--\n-- PostgreSQL database dump\n--\nSET a = 1;\n-- PostgreSQL database dump complete\n")
            .empty());
}

TEST_CASE("dump splitter: what hides from other readers is refused") {
    CHECK(refuses("SELECT U&'\\0041';", "U& escapes"));
    CHECK(refuses("SELECT u&\"x\";", "U& escapes"));
    CHECK(refuses(std::string("SELECT 1;\n\0", 11), "NUL"));
    CHECK(refuses("COPY t FROM stdin; SELECT 1;\n\\.\n", "goes on after its COPY"));
}

TEST_CASE("dump splitter: a long text costs no more than a few looks, and its length is bounded") {
    Recorder recorder;
    DumpSplitter splitter(recorder);
    const std::string piece(65536, 'x');
    splitter.add("INSERT INTO t VALUES ('");
    for (int i = 0; i < 160; ++i) splitter.add(piece); // 10 MiB
    splitter.add("');");
    splitter.finish();
    CHECK(recorder.seen.size() > 10'000'000);
    DumpSplitter endless(recorder);
    endless.add("SELECT '");
    const auto add_100_mib = [&] {
        for (int i = 0; i < 1600; ++i) endless.add(piece);
    };
    CHECK_THROWS_AS(add_100_mib(), Error);
}

TEST_CASE("dump splitter: a dump is the same dump, in whatever pieces it comes") {
    constexpr const char* k_parts[] = {"SELECT 1",
                                       ";",
                                       "\n",
                                       "'",
                                       "''",
                                       "\"",
                                       "E'",
                                       "\\",
                                       "\\'",
                                       "$",
                                       "$$",
                                       "$a$",
                                       "--",
                                       "/*",
                                       "*/",
                                       "(",
                                       ")",
                                       "COPY t FROM stdin",
                                       "\\.",
                                       "\\.\n",
                                       "\\restrict a\n",
                                       "u&",
                                       "x",
                                       "\r\n",
                                       " ",
                                       "BEGIN ATOMIC",
                                       "END"};
    std::uint32_t state = 7; // the same dumps each time
    const auto next = [&](std::size_t bound) {
        return (state = state * 1664525U + 1013904223U, (state >> 8U) % bound);
    };
    const auto read = [](const std::string& dump, std::size_t size) {
        Recorder recorder;
        DumpSplitter splitter(recorder);
        try {
            for (std::size_t i = 0; i < dump.size(); i += size)
                splitter.add(std::string_view(dump).substr(i, size));
            splitter.finish();
        } catch (const Error&) {
            recorder.seen += "refused";
        }
        return recorder.seen;
    };
    for (int n = 0; n < 20000; ++n) {
        std::string dump;
        for (auto parts = 1 + next(14); parts > 0; --parts) dump += k_parts[next(std::size(k_parts))];
        const auto whole = read(dump, dump.size());
        INFO(dump);
        for (const std::size_t size : {1, 2, 5}) REQUIRE(read(dump, size) == whole);
    }
}
