#pragma once
#include "core/model/article.hpp"

#include <map>
#include <string>
#include <vector>

// What is in an article, for people: the same for the page of `cti show` and for its Markdown.
namespace cti::exporter {

enum class FactKind { indicator, technique, name };
FactKind kind_of(const Named<IndicatorType>& type);

struct Fact {
    std::string value; // defanged; any other text from outside
    std::string note;  // what ATT&CK calls it
    int count = 1;     // how often it stands there
};
struct FactGroup {
    std::string type; // "ipv4"
    std::vector<Fact> facts;
};
struct ArticleFacts {
    std::vector<FactGroup> indicators, techniques, names; // by the order of the types
    std::map<std::string, long> marked;                   // what speaks against how many others: "private"
};
ArticleFacts list_facts(const StoredArticle& article);

// "authors", "Jane Doe"
struct LabelledText {
    std::string label, text;
};

// An article as CommonMark with GitHub's tables: what is said of it, its text, what is in it. Nothing in the
// text can be clicked that nothing speaks for. `about` stands above the text, `origin` and `near` at the end.
struct ArticlePage {
    const StoredArticle& article;
    std::vector<LabelledText> about, origin;
    std::vector<std::string> near;
};
std::string article_markdown(const ArticlePage& page);
}
