#include "core/search/query.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti;
using search::Node;
using search::Term;

namespace {
const Time k_now = Time(std::chrono::seconds(1'800'000'000));

search::Query parse(std::string_view text) {
    return search::parse_query(
        text, {.now = k_now, .types = {"cve", "ipv4", "attack_technique"}, .refang = nullptr});
}

std::string show(const Term& term) {
    switch (term.kind) {
    case Term::Kind::words: return term.tsquery;
    case Term::Kind::pattern: return fmt::format("/{}/{}", term.regex, term.tsquery);
    case Term::Kind::source: return "source=" + term.value;
    case Term::Kind::tag: return "tag=" + term.value;
    case Term::Kind::indicator: {
        std::string types;
        for (const auto& type : term.types) types += type + '|';
        return types + '=' + term.value;
    }
    case Term::Kind::score: return fmt::format("score{}{}", term.comparison, term.number);
    case Term::Kind::after: return "after=" + format_rfc3339(term.time);
    case Term::Kind::before: return "before=" + format_rfc3339(term.time);
    }
    return "?";
}

std::string show(const Node& node) {
    if (node.kind == Node::Kind::term) return show(node.term);
    std::string out = node.kind == Node::Kind::all ? "(&" : node.kind == Node::Kind::any ? "(|" : "(!";
    for (const auto& child : node.children) out += ' ' + show(child);
    return out + ')';
}
std::string read(std::string_view text) { return show(parse(text).root); }

// "position: message" of what is wrong, "" where nothing is.
std::string complaint(std::string_view text) {
    try {
        parse(text);
        return "";
    } catch (const search::SyntaxError& error) {
        return fmt::format("{}: {}", error.position, error.message);
    }
}
}

TEST_CASE("search::parse_query: words stand beside each other, in capitals AND, OR and NOT join them") {
    CHECK(read("Emotet") == "('emotet')");
    CHECK(read("emotet loader") == "(& ('emotet') ('loader'))");
    CHECK(read("a AND b OR c d") == "(| (& ('a') ('b')) (& ('c') ('d')))");
    CHECK(read("a (b OR c)") == "(& ('a') (| ('b') ('c')))");
    CHECK(read("a NOT b") == "(& ('a') (! ('b')))");
    CHECK(read("a -b") == "(& ('a') (! ('b')))");
    CHECK(read("NOT (a OR b)") == "(! (| ('a') ('b')))");
    CHECK(read("NOT NOT a") == "(! (! ('a')))");
    CHECK(read("rock and roll") == "(& ('rock') ('and') ('roll'))");
    CHECK(read("ANDROID ORBIT NOTE") == "(& ('android') ('orbit') ('note'))");
    CHECK(read("(a)(b)") == "(& ('a') ('b'))");
}

TEST_CASE("search::parse_query: what punctuation separates is a phrase, as in the index") {
    CHECK(read("\"initial access broker\"") == "('initial' <-> 'access' <-> 'broker')");
    CHECK(read("evil.example.com") == "('evil' <-> 'example' <-> 'com')");
    CHECK(read("CVE-2026-1234") == "('cve' <-> '2026' <-> '1234')");
    CHECK(read("\"it's | & ! (x) <-> :*\"") == "('it' <-> 's' <-> 'x')");
    CHECK(read("caf\xC3\xA9\xE2\x80\x94"
               "bar") == "('caf\xC3\xA9' <-> 'bar')");
    CHECK(read("http://a/b") == "('http' <-> 'a' <-> 'b')"); // No field has that name.
}

TEST_CASE("search::parse_query: wildcards at the end are the index's, others a pattern of its whole words") {
    CHECK(read("ransom*") == "('ransom':*)");
    CHECK(read("power-sh*") == "('power' <-> 'sh':*)");
    CHECK(read("*.exe") == "/\\S*\\.exe\\M/('exe')");
    CHECK(read("fo?bar") == "/\\mfo\\Sbar\\M/");
    CHECK(read("a.b*c.d") == "/\\ma\\.b\\S*c\\.d\\M/('a') & ('d')");
    CHECK(read("x.*") == "/\\mx\\.\\S*/('x')");
    CHECK(read("\"a*\"") == "('a')");
}

TEST_CASE("search::parse_query: fields") {
    CHECK(read("title:Heron") == "('heron':A)");
    CHECK(read("title:\"quiet heron\"") == "('quiet':A <-> 'heron':A)");
    CHECK(read("title:her*") == "('her':*A)");
    CHECK(read("source:talos tag:\"supply chain\"") == "(& source=talos tag=supply chain)");
    CHECK(read("cve:CVE-2026-1") == "cve|=CVE-2026-1");
    CHECK(read("indicator:evil.example") == "=evil.example");
    CHECK(read("ip:198.51.100.7") == "ipv4|ipv6|=198.51.100.7");
    CHECK(read("technique:T1059.001") == "attack_technique|=T1059.001");
    CHECK(read("score>60 score<=70.5 score:3") == "(& score>60 score<=70.5 score=3)");
    CHECK(read("after:2026-11-01") == "after=2026-11-01T00:00:00Z");
    CHECK(read("before:1d") == "before=" + format_rfc3339(k_now - std::chrono::hours(24)));
    CHECK(read("-tag:news") == "(! tag=news)");
    CHECK(read("Title:x") == "('x':A)");
}

TEST_CASE("search::parse_query: an invalid query says where") {
    CHECK(complaint("") == "1: it is empty");
    CHECK(complaint("  ") == "3: it is empty");
    CHECK(complaint("a AND") == "6: something to look for is missing at the end");
    CHECK(complaint("OR a") == "1: something to look for is missing before the operator");
    CHECK(complaint("(a OR b") == "1: '(' is never closed");
    CHECK(complaint("a ()") == "4: something to look for is missing before ')'");
    CHECK(complaint("a)") == "2: ')' without '('");
    CHECK(complaint("x \"abc") == "3: the quote is never closed");
    CHECK(complaint("\xC3\xA9 ...") == "3: '...' holds no word");
    CHECK(complaint("*") == "1: a wildcard alone finds everything");
    CHECK(complaint("score>high") == "6: 'score' is compared with a number, not with 'high'");
    CHECK(complaint("a after:soon") == "9: 'soon' is no time; write 7d, 12h or 2026-11-01");
    CHECK(complaint("source:") == "8: nothing stands behind 'source:'");
    CHECK(complaint("title:*x") == "7: titles are looked through for whole words and beginnings only");
    CHECK(complaint("a \xFF") == "1: it is not valid UTF-8");
}

TEST_CASE("search::parse_query: hostile queries are refused before they cost anything") {
    CHECK(complaint(std::string(5000, 'a')) == "1: it has more than 4096 bytes");
    CHECK(complaint(std::string(2000, '(')).ends_with("nested too deeply"));
    std::string nots, many;
    for (int i = 0; i < 500; ++i) nots += "NOT ", many += "a ";
    CHECK(complaint(nots + "a").ends_with("nested too deeply"));
    CHECK(complaint(many).ends_with("more than 200 terms"));
    CHECK(complaint(std::string(600, 'a')).ends_with("longer than 500 bytes"));
    // Whatever stands in it, only letters, digits and what is not ASCII get between the quotes of a tsquery.
    for (int c = 1; c < 128; ++c) {
        const auto query = std::string("ab") + static_cast<char>(c) + "cd";
        if (!complaint(query).empty()) continue;
        const auto out = read(query);
        for (const char bad : {'\\', ';', '%', '\n'})
            CHECK((out.find(bad) == out.npos || out.front() == '/'));
    }
}

TEST_CASE("search::parse_query: a snippet shows what is wanted, not what is excluded") {
    CHECK(parse("Emotet -loader \"quiet heron\" *.exe").shown ==
          std::vector<std::vector<std::string>>{{"emotet"}, {"quiet", "heron"}, {"exe"}});
}
