#include "core/base/text.hpp"
#include "core/search/query.hpp"
#include "core/search/separators.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cti;
using search::Node;
using search::Term;

namespace {
const Time k_now = Time(std::chrono::seconds(1'800'000'000));

search::Query parse(std::string_view text) {
    return search::parse_query(text, {.now = k_now, .as_stored = nullptr});
}

std::string_view show(search::Comparison comparison) {
    constexpr std::string_view signs[] = {"<", "<=", "=", ">=", ">"};
    return signs[static_cast<std::size_t>(comparison)];
}

std::string show(const Term& term) {
    switch (term.kind) {
    case Term::Kind::words:
        return fmt::format("{}[{}{}]", term.in_title ? "title" : "", join(term.words, " "),
                           term.is_prefix ? "*" : "");
    case Term::Kind::pattern: return fmt::format("/{}/{}", term.value, join(term.words, " "));
    case Term::Kind::source: return "source=" + term.value;
    case Term::Kind::tag: return "tag=" + term.value;
    case Term::Kind::indicator: {
        std::string types;
        for (const auto type : term.types) types.append(name_of(type)).append("|");
        return types + '=' + term.value;
    }
    case Term::Kind::score: return fmt::format("score{}{}", show(term.comparison), term.number);
    case Term::Kind::after: return "after=" + format_rfc3339(term.time);
    case Term::Kind::before: return "before=" + format_rfc3339(term.time);
    case Term::Kind::analysis: return fmt::format("analysis[{}]={}", term.analysis_kind, term.value);
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
    CHECK(read("Emotet") == "[emotet]");
    CHECK(read("emotet loader") == "(& [emotet] [loader])");
    CHECK(read("a AND b OR c d") == "(| (& [a] [b]) (& [c] [d]))");
    CHECK(read("a (b OR c)") == "(& [a] (| [b] [c]))");
    CHECK(read("a NOT b") == "(& [a] (! [b]))");
    CHECK(read("a -b") == "(& [a] (! [b]))");
    CHECK(read("NOT (a OR b)") == "(! (| [a] [b]))");
    CHECK(read("NOT NOT a") == "(! (! [a]))");
    CHECK(read("rock and roll") == "(& [rock] [and] [roll])");
    CHECK(read("ANDROID ORBIT NOTE") == "(& [android] [orbit] [note])");
    CHECK(read("(a)(b)") == "(& [a] [b])");
}

TEST_CASE("search::parse_query: a mark that stands alone between words says nothing") {
    CHECK(read("foo - bar") == "(& [foo] [bar])");
    CHECK(read("foo \xE2\x80\x93 bar & baz") == "(& [foo] [bar] [baz])");
    CHECK(read("foo - OR -bar") == "(| [foo] (! [bar]))");
    CHECK(read("foo NOT - bar") == "(& [foo] (! [bar]))");
    CHECK(read("(foo - bar) - \"a - b\"") == "(& (& [foo] [bar]) [a b])");
    CHECK(complaint("- foo") == "1: '-' holds no word");
    CHECK(complaint("foo -") == "5: '-' holds no word");
}

TEST_CASE("search::parse_query: what punctuation separates is a phrase, as in the index") {
    CHECK(read("\"initial access broker\"") == "[initial access broker]");
    CHECK(read("evil.example.com") == "[evil example com]");
    CHECK(read("CVE-2026-1234") == "[cve 2026 1234]");
    CHECK(read("\"it's | & ! (x) <-> :*\"") == "[it s x]");
    CHECK(read("caf\xC3\xA9\xE2\x80\x94"
               "bar") == "[caf\xC3\xA9 bar]");
    // However the scheme is written; no field has that name.
    CHECK(read("http://a/b") == "[a b]");
    CHECK(read("hxxps://evil[.]com/a") == "[evil com a]");
    CHECK(read("\"http://a/b\"") == "[http a b]");
    CHECK(read("evil(.)com (foo)") == "(& [evil com] [foo])");
}

TEST_CASE("search::parse_query: what was meant as a field and is none is refused with what it may be") {
    CHECK(complaint("foo titel:heron") == "5: there is no field 'titel'; did you mean 'title'?");
    CHECK(complaint("sha255:aa") == "1: there is no field 'sha255'; did you mean 'sha256'?");
    CHECK(complaint("foo:bar").starts_with(
        "1: there is no field 'foo'; to look for the words, put them between quotes"));
    CHECK(complaint("published:2026-11-26").find("after:") != std::string::npos);
    CHECK(complaint("score >60") == "7: write a comparison without blanks: score>60");
    CHECK(complaint("a Score  >= 60") == "10: write a comparison without blanks: score>60");
    CHECK(read("\"foo:bar\"") == "[foo bar]");
    CHECK(read("localhost:8080") == "[localhost 8080]");
    CHECK(read("hxxp://a/b C:\\temp std::move score sheet") ==
          "(& [a b] [c temp] [std move] [score] [sheet])");
}

TEST_CASE(
    "search::parse_query: a wildcard at the end makes a beginning, others a pattern of its whole words") {
    CHECK(read("ransom*") == "[ransom*]");
    CHECK(read("power-sh*") == "[power sh*]");
    CHECK(read("*.exe") == "/*.exe/exe");
    CHECK(read("fo?bar") == "/fo?bar/");
    CHECK(read("a.b*c.d") == "/a.b*c.d/a d");
    CHECK(read("x.*") == "/x.*/x");
    CHECK(read("\"a*\"") == "[a]");
}

TEST_CASE("search::parse_query: fields") {
    CHECK(read("title:Heron") == "title[heron]");
    CHECK(read("title:\"quiet heron\"") == "title[quiet heron]");
    CHECK(read("title:her*") == "title[her*]");
    CHECK(read("source:talos tag:\"supply chain\"") == "(& source=talos tag=supply chain)");
    CHECK(read("cve:CVE-2026-1") == "cve|=CVE-2026-1");
    CHECK(read("indicator:evil.example") == "=evil.example");
    CHECK(read("ip:198.51.100.7") == "ipv4|ipv6|=198.51.100.7");
    CHECK(read("technique:T1059.001") == "attack_technique|=T1059.001");
    CHECK(read("score>60 score<=70.5 score:3") == "(& score>60 score<=70.5 score=3)");
    CHECK(read("after:2026-11-01") == "after=2026-11-01T00:00:00Z");
    CHECK(read("analysis:Mimikatz") == "analysis[]=mimikatz");
    CHECK(read("sector:\"Real Estate\"") == "analysis[sector]=real estate");
    CHECK(read("country:germ* platform:Linux") == "(& analysis[country]=germ* analysis[platform]=linux)");
    CHECK(read("before:1d") == "before=" + format_rfc3339(k_now - std::chrono::hours(24)));
    CHECK(read("-tag:news") == "(! tag=news)");
    CHECK(read("Title:x") == "title[x]");
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
}

TEST_CASE("search::parse_query: a snippet shows what is wanted, not what is excluded") {
    CHECK(parse("Emotet -loader \"quiet heron\" *.exe").shown ==
          std::vector<std::vector<std::string>>{{"emotet"}, {"quiet", "heron"}, {"exe"}});
}
