#pragma once
#include <string>
#include <string_view>
#include <vector>

// How the web service reads a query: its quirks are kept, so that both find the same articles.
namespace cti::search {

class WebQuery {
public:
    // Never fails: what makes no sense is looked for as it stands. Quoted phrases are cut out first, so an
    // operator does not reach them; parentheses are ignored; two words without an operator mean "either".
    explicit WebQuery(std::string_view text);

    // Whether title and text fit: no NOT term stands in them, all AND terms and the first do, and at least
    // one of the OR terms where there are any. Terms are substrings, and with * ? [ ] whole words by
    // fnmatch's rules.
    bool matches(std::string_view title, std::string_view content) const;

    // "words OR phrase …": the terms with what they were read as.
    struct Term {
        enum class Operator { standard, all, any, none };
        std::string text; // in lower case
        Operator op = Operator::standard;
        bool is_wildcard = false;
        bool operator==(const Term&) const = default;
    };
    const std::vector<Term>& terms() const { return m_terms; }

private:
    std::vector<Term> m_terms;
};
}
