#pragma once
#include "core/page/html/elements.hpp"
#include "core/page/html/prepare.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

// A page as a tree, in three flat arrays. Nodes stand in document order, so a subtree is the range [id,
// node.end) and every walk is a loop: nothing here recurses, however deep the page is.
namespace cti::page {

using NodeId = std::uint32_t;
constexpr NodeId k_no_node = 0xFFFFFFFF;

struct Node {
    NodeId parent = k_no_node;
    NodeId end = 0;                     // after the last descendant
    std::uint32_t begin = 0, count = 0; // text: bytes of the pool; element: its attributes
    Element element = Element::text;
    std::uint16_t depth = 0;
};
struct Attribute {
    std::string_view name, value; // lower case; references decoded
};

class Document {
public:
    explicit Document(std::size_t size_hint);
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;
    Document(Document&&) = default;
    Document& operator=(Document&&) = default;

    NodeId size() const { return static_cast<NodeId>(m_nodes.size()); }
    const Node& operator[](NodeId id) const { return m_nodes[id]; }
    Element element(NodeId id) const { return m_nodes[id].element; }
    bool is_text(NodeId id) const { return m_nodes[id].element == Element::text; }
    NodeId parent(NodeId id) const { return m_nodes[id].parent; }
    NodeId end(NodeId id) const { return m_nodes[id].end; }
    bool contains(NodeId outer, NodeId inner) const { return inner >= outer && inner < m_nodes[outer].end; }

    std::string_view text(NodeId id) const; // of a text node
    std::string_view tag_name(NodeId id) const;
    std::size_t attribute_count(NodeId id) const { return m_nodes[id].count; }
    Attribute attribute(NodeId id, std::size_t index) const;
    std::string_view attribute(NodeId id, std::string_view name) const; // "" where there is none
    bool has_attribute(NodeId id, std::string_view name) const;

    // The text below the node with white space folded, at most about `limit` bytes of it.
    std::string folded_text(NodeId id, std::size_t limit = 100'000) const;

    // Building, in document order; see parse_html().
    void open(std::string_view name);
    void add_attribute(std::string_view name, std::string_view value); // of the element opened last
    void close();
    void add_text(std::string_view text);
    void finish(); // closes what is open

private:
    struct Span {
        std::uint32_t begin, size;
    };
    struct AttributeSpans {
        Span name, value;
    };
    std::string_view view(Span span) const { return std::string_view(m_pool).substr(span.begin, span.size); }
    Span keep(std::string_view text);

    std::vector<Node> m_nodes;
    std::vector<AttributeSpans> m_attributes; // [0] of an element that is not in the table is its name
    std::string m_pool;
    NodeId m_open = k_no_node;
};

// Children of a node, in order: for (auto child = first; child < end; child = document.end(child)).
template <class Visit>
void for_each_child(const Document& document, NodeId id, Visit visit) {
    for (NodeId child = id + 1; child < document.end(id); child = document.end(child)) visit(child);
}

// Whether one of the elements stands below the node.
bool holds_any(const Document& document, NodeId id, std::initializer_list<Element> wanted);

struct ParsedHtml {
    Document document;
    std::string warning;
};
// What prepare() made. The tree is never empty: node 0 is <html>.
ParsedHtml parse_html(const Prepared& prepared);

// Before two threads parse: libxml2 sets its own tables up here.
void start_parser();
}
