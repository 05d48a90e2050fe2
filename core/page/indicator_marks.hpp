#pragma once
#include "core/page/measure.hpp"

#include <string>
#include <string_view>
#include <vector>

// What a report's readers came for, told by its looks alone: core/intel reads it properly later, from the
// text that is left here.
namespace cti::page {

// Looks like what an analyst would copy: hashes, IP addresses, paths, CVE numbers, whatever is defanged.
bool has_indicator(std::string_view text);
// So many of the words do that it is a list of them, not a headline that names one. Plain web addresses count
// where asked for: a list of references is worth keeping, a box with the page's own address is not.
enum class WebAddresses { ignored, counted };
bool is_indicator_list(std::string_view text, WebAddresses addresses);

// Where a page has them. A headline in a link that names one is a teaser of another page and does not count;
// a link that is little more than the indicator does.
class IndicatorIndex {
public:
    explicit IndicatorIndex(const Measured& page);

    // Below the node stands one. A CVE number or a technique in a sentence does not count here: the site's
    // other pages are announced so.
    bool holds(NodeId id) const { return has_between(m_held, id); }
    // The same, and such sentences count.
    bool mentions(NodeId id) const { return has_between(m_mentioned, id); }
    // The first text node below `id` that holds one; only where holds(id).
    NodeId first_below(NodeId id) const;

private:
    bool has_between(const std::vector<NodeId>& sorted, NodeId id) const;
    struct Run { // of text in one block
        std::vector<NodeId> nodes;
        std::string text;
    };
    bool is_headline(NodeId link) const;
    void finish(Run& run);
    void add_lone_addresses();

    const Document& m_document;
    std::vector<NodeId> m_held, m_mentioned; // text nodes, in document order
    std::vector<NodeId> m_addresses; // cells and items that are a host's name or an address and nothing else
};
}
