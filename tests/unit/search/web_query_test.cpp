#include "core/search/web_query.hpp"
#include "tests/unit/intel/vectors.hpp"

#include <doctest/doctest.h>

using cti::search::WebQuery;
using Operator = WebQuery::Term::Operator;

TEST_CASE("search::WebQuery: operators as the web service reads them") {
    CHECK(WebQuery("a b").terms() ==
          std::vector<WebQuery::Term>{{"a", Operator::any, false}, {"b", Operator::any, false}});
    CHECK(WebQuery("A NOT \"B c\"").terms() ==
          std::vector<WebQuery::Term>{{"b c", Operator::any, false}, {"a", Operator::any, false}});
    CHECK(WebQuery("NOT x y").terms() ==
          std::vector<WebQuery::Term>{{"x", Operator::none, false}, {"y", Operator::none, false}});
    CHECK(WebQuery("mal*").terms()[0].is_wildcard);
    CHECK(WebQuery("\"unclosed word").terms().size() == 2);
}

TEST_CASE("search::WebQuery: substrings, and whole words for wildcards") {
    CHECK(WebQuery("alwar").matches("Malware", ""));
    CHECK_FALSE(WebQuery("*.exe").matches("", "powershell.exe"));
    CHECK(WebQuery("pow*l").matches("", "powershell.exe"));
    CHECK(WebQuery("[a-c]1").matches("", "b1"));
    CHECK_FALSE(WebQuery("[!a-c]1").matches("", "b1"));
    CHECK(WebQuery("").matches("anything", "at all"));
    CHECK_FALSE(WebQuery("*a*a*a*a*a*a*a*b").matches("", std::string(100'000, 'a'))); // and at once
}

TEST_CASE("search::WebQuery: the vectors of the web service") {
    const auto directory = vectors::shared_directory();
    if (directory.empty()) return;
    const auto all = vectors::read_json(directory + "/vectors.json");
    const char* operators[] = {"DEFAULT", "AND", "OR", "NOT"};
    int count = 0;
    for (const auto& vector : all["vectors"]) {
        if (vector["group"] != "search") continue;
        CAPTURE(vector["input"].dump());
        const WebQuery query(vector["input"]["query"].get<std::string>());
        auto terms = nlohmann::json::array();
        for (const auto& term : query.terms())
            terms.push_back({term.text, operators[static_cast<int>(term.op)], term.is_wildcard});
        CHECK(terms == vector["output"]["terms"]);
        auto matches = nlohmann::json::array();
        for (const auto& document : all["meta"]["search_documents"])
            if (query.matches(document["title"].get<std::string>(), document["content"].get<std::string>()))
                matches.push_back(document["id"]);
        CHECK(matches == vector["output"]["matches"]);
        ++count;
    }
    CHECK(count == 56);
}
