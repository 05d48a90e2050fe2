#pragma once
#include "core/page/indicator_marks.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cti::page {

// What is taken out of a page on the way to its article; says why, where that is asked for. Whatever the
// reason is, what holds an indicator stays: each removal asks.
class Removals {
public:
    Removals(Measured& page, bool explain)
        : m_page(page), m_document(page.document()), m_indicators(page), m_explain(explain) {}

    Measured& page() { return m_page; }
    const IndicatorIndex& indicators() const { return m_indicators; }
    void note(NodeId id, std::string_view why);
    // The subtree, but for its paragraphs, lists and tables that hold an indicator, and the headings over
    // them.
    void remove(NodeId id, std::string_view why);
    // What readers wrote is no part of the report: of it only tables and listings stay.
    void remove_comments(NodeId id, std::string_view why);
    // All of it: the title and the head are told elsewhere.
    void remove_whole(NodeId id, std::string_view why);
    // Stays as one when something in it does: a paragraph, a table, a list of indicators.
    bool is_unit(NodeId id) const;
    void forget_reasons() { m_reasons.clear(); }
    std::vector<std::string> release_reasons() { return std::move(m_reasons); }

private:
    enum class Kept { units, tables };
    std::string path_of(NodeId id) const;
    bool is_table(NodeId id) const;
    void remove_around(NodeId id, Kept kept);

    Measured& m_page;
    const Document& m_document;
    IndicatorIndex m_indicators;
    bool m_explain;
    std::vector<std::string> m_reasons;
};

// What stands in [begin, end) and is the page's own: navigation, footer, what is hidden, what readers wrote.
// With `strict`, names that mean boilerplate are believed too.
void remove_frame(Removals& removals, NodeId begin, NodeId end, bool strict);

struct Place {
    NodeId root = 0, title = k_no_node;
    bool is_chosen = false; // by the source's own selector: less of what stands there is taken for clutter
};
// Below the root: bylines, captions, teasers, what is mostly links or boilerplate by its words.
void remove_clutter(Removals& removals, const Place& place);

// The heading "About the author", and below it the short text to the next heading; not what holds an
// indicator or tells of an actor.
void remove_biography(Removals& removals, NodeId root, NodeId heading);
// "Ada Meyer is a researcher at …", of one of the authors.
bool is_biography(std::string_view text, const std::vector<std::string>& authors);

// From the end upwards: who wrote it, where to follow, what to subscribe to, until a line of the article
// comes.
void remove_closing_lines(Removals& removals, NodeId root, const std::vector<std::string>& authors);
}
