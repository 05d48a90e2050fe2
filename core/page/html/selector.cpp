#include "core/page/html/selector.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <utility>

namespace cti::page {
namespace {
using SelectorKind = SimpleSelector::Kind;
using Combinator = CompoundSelector::Combinator;

// Where elements stand among their siblings; counted once for all selectors that ask.
struct Position {
    int child = 0, of_type = 0, last_child = 0, last_of_type = 0;
};

class Matcher {
public:
    explicit Matcher(const Document& document) : m_document(document) {}

    bool matches(const CompoundSelector& compound, NodeId id) {
        return std::ranges::all_of(compound.simples,
                                   [&](const SimpleSelector& simple) { return matches(simple, id); });
    }

    const Document& document() const { return m_document; }

private:
    bool matches(const SimpleSelector& simple, NodeId id) {
        switch (simple.kind) {
        case SelectorKind::element: return m_document.tag_name(id) == simple.name;
        case SelectorKind::id: return m_document.attribute(id, "id") == simple.name;
        case SelectorKind::class_name: return has_word(m_document.attribute(id, "class"), simple.name, false);
        case SelectorKind::attribute: return matches_attribute(simple, id);
        case SelectorKind::negation:
            return std::ranges::none_of(simple.inner,
                                        [&](const CompoundSelector& inner) { return matches(inner, id); });
        case SelectorKind::alternatives:
            return std::ranges::any_of(simple.inner,
                                       [&](const CompoundSelector& inner) { return matches(inner, id); });
        case SelectorKind::nth_child: return is_nth(simple, position(id).child);
        case SelectorKind::nth_of_type: return is_nth(simple, position(id).of_type);
        case SelectorKind::nth_last_child: return is_nth(simple, position(id).last_child);
        case SelectorKind::nth_last_of_type: return is_nth(simple, position(id).last_of_type);
        case SelectorKind::only_child: return position(id).child == 1 && position(id).last_child == 1;
        case SelectorKind::only_of_type: return position(id).of_type == 1 && position(id).last_of_type == 1;
        case SelectorKind::empty: return m_document.end(id) == id + 1;
        case SelectorKind::root: return m_document.parent(id) == k_no_node;
        }
        return false;
    }

    static bool is_nth(const SimpleSelector& simple, int index) {
        const int ahead = index - simple.offset;
        return simple.step == 0 ? ahead == 0 : ahead % simple.step == 0 && ahead / simple.step >= 0;
    }

    static bool same(std::string_view a, std::string_view b, bool ignores_case) {
        return ignores_case ? iequals(a, b) : a == b;
    }

    static bool has_word(std::string_view words, std::string_view wanted, bool ignores_case) {
        for (std::size_t pos = 0; pos < words.size();) {
            const auto end = std::min(words.find_first_of(" \t\n\r\f", pos), words.size());
            if (same(words.substr(pos, end - pos), wanted, ignores_case)) return true;
            pos = end + 1;
        }
        return false;
    }

    bool matches_attribute(const SimpleSelector& simple, NodeId id) const {
        if (!m_document.has_attribute(id, simple.name)) return simple.comparison == '!';
        const auto value = m_document.attribute(id, simple.name);
        const auto& wanted = simple.value;
        switch (simple.comparison) {
        case '\0': return true;
        case '=': return same(value, wanted, simple.ignores_case);
        case '!': return !same(value, wanted, simple.ignores_case);
        case '~': return !wanted.empty() && has_word(value, wanted, simple.ignores_case);
        case '|':
            return same(value.substr(0, wanted.size()), wanted, simple.ignores_case) &&
                   (value.size() == wanted.size() || value[wanted.size()] == '-');
        default: break;
        }
        if (wanted.empty() || value.size() < wanted.size()) return false;
        if (simple.comparison == '^')
            return same(value.substr(0, wanted.size()), wanted, simple.ignores_case);
        if (simple.comparison == '$')
            return same(value.substr(value.size() - wanted.size()), wanted, simple.ignores_case);
        if (!simple.ignores_case) return value.find(wanted) != value.npos;
        return ascii_lower(value).find(ascii_lower(wanted)) != std::string::npos;
    }

    const Position& position(NodeId id) {
        if (m_positions.empty()) count_positions();
        return m_positions[id];
    }

    // Siblings of one type are counted by name; few names stand below one parent, and those that exceed share
    // a counter.
    void count_positions() {
        m_positions.resize(m_document.size());
        m_positions[0] = {1, 1, 1, 1};
        for (NodeId parent = 0; parent < m_document.size(); ++parent) {
            if (m_document.is_text(parent)) continue;
            std::vector<std::pair<std::string_view, int>> types;
            int count = 0;
            const auto counter = [&](NodeId child) -> int& {
                const auto name = m_document.tag_name(child);
                const auto it = std::ranges::find(types, name, &std::pair<std::string_view, int>::first);
                if (it != types.end()) return it->second;
                if (types.size() < 64) types.emplace_back(name, 0);
                return types.back().second;
            };
            for_each_child(m_document, parent, [&](NodeId child) {
                if (m_document.is_text(child)) return;
                m_positions[child].child = ++count;
                m_positions[child].of_type = ++counter(child);
            });
            for_each_child(m_document, parent, [&](NodeId child) {
                if (m_document.is_text(child)) return;
                m_positions[child].last_child = count - m_positions[child].child + 1;
                m_positions[child].last_of_type = counter(child) - m_positions[child].of_type + 1;
            });
        }
    }

    const Document& m_document;
    std::vector<Position> m_positions;
};

// Which elements the chain's first compounds lead to, one compound after the other: each is one walk of the
// page.
std::vector<bool> follow(Matcher& matcher, const std::vector<CompoundSelector>& chain) {
    const auto& document = matcher.document();
    std::vector<bool> reached(document.size(), false);
    for (const auto& compound : chain) {
        std::vector<bool> allowed(document.size(), compound.combinator == Combinator::none);
        switch (compound.combinator) {
        case Combinator::none: break;
        case Combinator::child:
        case Combinator::descendant:
            for (NodeId id = 1; id < document.size(); ++id) {
                const auto parent = document.parent(id);
                allowed[id] =
                    reached[parent] || (compound.combinator == Combinator::descendant && allowed[parent]);
            }
            break;
        case Combinator::next:
        case Combinator::later:
            for (NodeId parent = 0; parent < document.size(); ++parent) {
                if (document.is_text(parent)) continue;
                bool is_behind = false;
                for_each_child(document, parent, [&](NodeId child) {
                    if (document.is_text(child)) return;
                    allowed[child] = is_behind;
                    is_behind = reached[child] || (compound.combinator == Combinator::later && is_behind);
                });
            }
            break;
        }
        for (NodeId id = 0; id < document.size(); ++id)
            reached[id] = allowed[id] && !document.is_text(id) && matcher.matches(compound, id);
    }
    return reached;
}
}

std::vector<NodeId> Selector::select(const Document& document) const {
    Matcher matcher(document);
    std::vector<bool> found(document.size(), false);
    for (const auto& chain : m_alternatives) {
        const auto reached = follow(matcher, chain);
        for (NodeId id = 0; id < document.size(); ++id) found[id] = found[id] || reached[id];
    }
    std::vector<NodeId> out;
    for (NodeId id = 0; id < document.size(); ++id) {
        if (found[id]) out.push_back(id);
    }
    return out;
}

std::string Selector::value_of(const Document& document, NodeId id) const {
    return m_attribute.empty() ? document.folded_text(id) : fold_space(document.attribute(id, m_attribute));
}
}
