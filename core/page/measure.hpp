#pragma once
#include "core/page/hints.hpp"
#include "core/page/html/dom.hpp"

#include <vector>

namespace cti::page {

// Of one element and all below it, without what was removed. Characters are code points that are no white
// space.
struct Measure {
    std::uint32_t chars = 0;
    std::uint32_t link_chars = 0; // in <a href>
    std::uint32_t good = 0;       // in runs of text: long blocks with few links
    std::uint32_t direct = 0;     // in the block itself, not in a block inside it
    std::uint32_t direct_links = 0;
    std::uint32_t blocks = 0; // of text

    double link_density() const { return chars == 0 ? 0.0 : static_cast<double>(link_chars) / chars; }
};

// The page with what the extraction knows of each node.
class Measured {
public:
    Measured(const Document& document, const std::vector<Hints>& hints);

    const Document& document() const { return m_document; }
    const Measure& operator[](NodeId id) const { return m_measures[id]; }
    Hints hints(NodeId id) const { return m_hints[id]; }
    bool is_removed(NodeId id) const { return m_removed[id]; }
    // The whole subtree; measure() counts without it.
    void remove(NodeId id);
    void restore_all();
    void measure();
    NodeId block_of(NodeId id) const {
        return m_block[id];
    } // the nearest element around it that is not inline

private:
    const Document& m_document;
    std::vector<Measure> m_measures;
    std::vector<std::uint32_t> m_chars; // of each text node: counted once, whatever is removed
    const std::vector<Hints>& m_hints;  // of each node
    std::vector<bool> m_removed;
    std::vector<NodeId> m_block;
};
}
