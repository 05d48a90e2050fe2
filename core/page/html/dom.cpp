#include "core/page/html/dom.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace cti::page {

Document::Document(std::size_t size_hint) {
    m_nodes.reserve(size_hint / 40);
    m_attributes.reserve(size_hint / 60);
    m_pool.reserve(size_hint);
}

std::string_view Document::text(NodeId id) const {
    const auto& node = m_nodes[id];
    return view({node.begin, node.count});
}

std::string_view Document::tag_name(NodeId id) const {
    const auto& node = m_nodes[id];
    if (node.element == Element::other) return view(m_attributes[node.begin - 1].name);
    return name_of(node.element);
}

Attribute Document::attribute(NodeId id, std::size_t index) const {
    const auto& spans = m_attributes[m_nodes[id].begin + index];
    return {view(spans.name), view(spans.value)};
}

std::string_view Document::attribute(NodeId id, std::string_view name) const {
    for (std::size_t i = 0; i < m_nodes[id].count; ++i) {
        if (const auto found = attribute(id, i); found.name == name) return found.value;
    }
    return {};
}

bool Document::has_attribute(NodeId id, std::string_view name) const {
    for (std::size_t i = 0; i < m_nodes[id].count; ++i) {
        if (attribute(id, i).name == name) return true;
    }
    return false;
}

std::string Document::folded_text(NodeId id, std::size_t limit) const {
    std::string raw;
    for (NodeId at = id; at < end(id) && raw.size() < limit; ++at) {
        if (is_text(at)) {
            raw.append(text(at).substr(0, limit - raw.size()));
        } else if (!is_inline(element(at)) || element(at) == Element::e_br) {
            raw += ' ';
        }
    }
    return fold_space(repair_utf8(raw));
}

Document::Span Document::keep(std::string_view text) {
    const Span span{static_cast<std::uint32_t>(m_pool.size()), static_cast<std::uint32_t>(text.size())};
    m_pool += text;
    return span;
}

void Document::open(std::string_view name) {
    if (m_open == k_no_node && !m_nodes.empty()) m_open = 0; // Behind </html>: there is one root.
    Node node;
    node.element = element_of(name);
    node.parent = m_open;
    if (m_open != k_no_node)
        node.depth = static_cast<std::uint16_t>(std::min(m_nodes[m_open].depth + 1, 0xFFFF));
    if (node.element == Element::other) m_attributes.push_back({keep(name), {0, 0}});
    node.begin = static_cast<std::uint32_t>(m_attributes.size());
    m_open = size();
    m_nodes.push_back(node);
}

void Document::add_attribute(std::string_view name, std::string_view value) {
    m_attributes.push_back({keep(name), keep(value)});
    ++m_nodes[m_open].count;
}

void Document::close() {
    if (m_open == k_no_node) return;
    m_nodes[m_open].end = size();
    m_open = m_nodes[m_open].parent;
}

void Document::add_text(std::string_view text) {
    if (text.empty() || m_nodes.empty()) return;
    if (m_open == k_no_node) m_open = 0;
    // A long text comes in pieces; the last node goes on when nothing came between.
    if (auto& last = m_nodes.back();
        last.element == Element::text && last.parent == m_open && last.begin + last.count == m_pool.size()) {
        last.count += static_cast<std::uint32_t>(text.size());
        m_pool += text;
        return;
    }
    Node node;
    node.parent = m_open;
    node.depth = static_cast<std::uint16_t>(std::min(m_nodes[m_open].depth + 1, 0xFFFF));
    const auto span = keep(text);
    node.begin = span.begin;
    node.count = span.size;
    node.end = size() + 1;
    m_nodes.push_back(node);
}

void Document::finish() {
    while (m_open != k_no_node) close();
    if (m_nodes.empty()) {
        open("html");
        close();
    }
}

bool holds_any(const Document& document, NodeId id, std::initializer_list<Element> wanted) {
    for (NodeId at = id + 1; at < document.end(id); ++at) {
        if (std::ranges::find(wanted, document.element(at)) != wanted.end()) return true;
    }
    return false;
}
}
