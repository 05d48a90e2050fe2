#pragma once
#include "core/page/html/dom.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// CSS selectors as sources' configurations have them (Selectors Level 4, a part of it): element and universal
// names, .class, #id, attributes with = != ~= |= ^= $= *= and the flags i and s, :not(…), :is(…),
// :first-child, :last-child, :only-child, :nth-child(…) and their -of-type forms, :empty, :root, the
// combinators, comma lists; and scrapy's ::attr(name) and ::text.
namespace cti::page {

struct SimpleSelector;

// Simple selectors that hold for one element, and how it stands to the one before.
struct CompoundSelector {
    enum class Combinator { none, descendant, child, next, later };
    Combinator combinator = Combinator::none;
    std::vector<SimpleSelector> simples;
};

struct SimpleSelector {
    enum class Kind {
        element,
        id,
        class_name,
        attribute,
        negation,
        alternatives,
        nth_child,
        nth_of_type,
        nth_last_child,
        nth_last_of_type,
        only_child,
        only_of_type,
        empty,
        root
    };
    Kind kind = Kind::element;
    std::string name, value; // the name in lower case
    char comparison = '\0';  // of an attribute: '\0' present, '=' equal, '!' unequal, '~' '|' '^' '$' '*'
    bool ignores_case = false;
    int step = 0, offset = 0;            // An+B
    std::vector<CompoundSelector> inner; // :not() and :is(): one compound each
};

class Selector {
public:
    // Nothing and a sentence in `error` where it is invalid or beyond the subset.
    static std::optional<Selector> parse(std::string_view text, std::string& error);

    // In document order. Linear in the page for each compound, whatever the selector is.
    std::vector<NodeId> select(const Document& document) const;

    // What the selector asks of a node it found: the attribute of ::attr(name), else the node's text, folded.
    std::string value_of(const Document& document, NodeId id) const;
    bool wants_attribute() const { return !m_attribute.empty(); }

private:
    std::vector<std::vector<CompoundSelector>> m_alternatives; // a comma list of chains
    std::string m_attribute;
};
}
