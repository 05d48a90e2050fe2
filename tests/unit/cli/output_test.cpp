#include "cli/term/output.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::cli;

namespace {
Table sample() {
    Table table({"SOURCE", "NAME", "N"});
    table.add({"a", "Short", "7"});
    table.add({"bb", "A name that is quite a bit longer than the others", "1234"});
    return table;
}
}

TEST_CASE("cli::Table: columns are aligned and numbers stand to the right") {
    CHECK(sample().aligned(200, false) ==
          "SOURCE  NAME                                                  N\n"
          "a       Short                                                 7\n"
          "bb      A name that is quite a bit longer than the others  1234\n");
}

TEST_CASE("cli::Table: the widest column is cut to the terminal") {
    const auto text = sample().aligned(30, false);
    for (const auto line : split(trim(text), '\n')) CHECK(display_width(line) <= 30);
    CHECK(text.find("1234") != text.npos);
    CHECK(text.find("A name that") != text.npos);
    CHECK(text.find("\xe2\x80\xa6") != text.npos);
}

TEST_CASE("cli::Table: the first column stays whole while another one can give way") {
    Table table({"CHECK", "NAME"});
    table.add({"a_rather_long_identifier", "A Rather Long Name"});
    CHECK(table.aligned(36, false).find("a_rather_long_identifier  A Rather") != std::string::npos);
    CHECK(table.aligned(20, false).find("a_rather_long_identifier") == std::string::npos);
}

TEST_CASE("cli::Table: ids are never cut, wherever they stand") {
    Table table({"CHANGE", "SOURCE", "NAME"});
    table.add({"added and changed", "a_rather_long_identifier", "A Rather Long Name"});
    for (const std::size_t width : {1U, 20U, 60U})
        CHECK(table.aligned(width, false).find("a_rather_long_identifier") != std::string::npos);
    CHECK(table.aligned(1, false).find("added and changed") == std::string::npos);
}

TEST_CASE("cli::Table: a terminal too narrow for anything still gets a table") {
    CHECK(sample().aligned(1, false).find("SOURCE") == 0);
}

TEST_CASE("cli::Table: wide characters take two cells") {
    Table table({"A", "B"});
    table.add({"\xe6\xbc\xa2\xe5\xad\x97", "x"});
    table.add({"abcd", "y"});
    CHECK(table.aligned(80, false) == "A     B\n\xe6\xbc\xa2\xe5\xad\x97  x\nabcd  y\n");
}

TEST_CASE("cli::Table: into a pipe nothing is cut and cells cannot break the columns") {
    Table table({"A", "B"});
    table.add({"x\ty\nz", "\x1b[31mred\x07"});
    CHECK(table.tab_separated() == "A\tB\nx y z\t\\x1b[31mred\\x07\n");
}

TEST_CASE("cli::Table: the titles are bold on request") {
    Table table({"A"});
    CHECK(table.empty());
    CHECK(table.aligned(80, true) == "\x1b[1mA\x1b[0m\n");
}

TEST_CASE("cli::count_of: one has no s") {
    CHECK(count_of(0, "article") == "0 articles");
    CHECK(count_of(1, "article") == "1 article");
    CHECK(count_of(1000, "check") == "1000 checks");
}
