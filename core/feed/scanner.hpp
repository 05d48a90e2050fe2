#pragma once
#include "core/base/html.hpp"
#include "core/feed/names.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace cti::feed {

struct Attribute {
    std::string_view name; // as written, with its prefix
    std::string_view raw;  // references not decoded
};

// Habits that XML forbids.
struct ReferenceKinds {
    bool stray_ampersand = false; // "AT&T"
    bool html_name = false;       // "&nbsp;"
};

enum class Token { start, end, text, end_of_input };

// Reads XML as it is found: one pass over the buffer, nothing copied, no backtracking of more than one tag
// without quotes.
//
// What it hands out is always a tree: ends that are missing are made up, ends without a start are dropped, an
// <item> in an open <item> closes it. '<' that starts no tag is text. Doctypes (and every entity they
// define), comments and processing instructions are skipped. Elements deeper than k_max_depth are left out,
// their text stays.
//
// The buffer must be UTF-8 and outlive the scanner and all views that came from it.
class Scanner {
public:
    explicit Scanner(std::string_view xml, std::string_view document_url);

    Token next();

    // Of the last start or end:
    std::string_view name() const { return m_name; } // as written
    std::string_view local_name() const { return m_local_name; }
    Ns ns() const { return m_ns; }
    const std::vector<Attribute>& attributes() const { return m_attributes; }
    std::string attribute(
        std::string_view name) const; // decoded, blanks cut off; case of the name ignored; "" when missing

    // Of the last text; CDATA is literal, else references are still in it.
    std::string_view text() const { return m_text; }
    bool is_cdata() const { return m_is_cdata; }
    void append_text(std::string& out,
                     References where = References::in_text); // decoded, whichever of the two it is

    // How many elements are open; a start counts itself, an end does not.
    std::size_t depth() const { return m_open.size(); }
    const std::string& base() const {
        return m_bases[m_open.empty() ? 0 : m_open.back().base];
    } // xml:base in force
    std::string_view root_default_namespace() const { return m_root_namespace; }

    bool was_cut() const {
        return m_was_cut;
    } // the input ended inside of a tag, a CDATA section or an element
    std::size_t repairs() const { return m_repairs; } // ends that were missing or had no start, stray '<'
    // What else had to be overlooked, for the feed's warnings.
    const ReferenceKinds& references() const { return m_references; }
    std::string_view undeclared_prefix() const { return m_undeclared; } // the first one, or ""
    bool defined_entities() const { return m_defined_entities; }

    static constexpr std::size_t k_max_depth = 128;

private:
    struct Open {
        std::string_view name;
        std::string_view local_name;
        Ns ns = Ns::core;
        std::size_t bindings = 0; // how many were in force outside of it
        std::size_t base = 0;
    };
    struct Binding {
        std::string_view prefix;
        Ns ns = Ns::core;
    };
    enum class Tag { read, is_text, cut };

    bool starts_markup(std::size_t pos) const;
    bool skip_declaration();
    void skip_doctype();
    bool read_cdata();
    bool read_cdata_of_html();
    void read_text();
    bool read_end_tag();
    Tag read_start_tag();
    Tag read_attributes(std::size_t& pos, bool& had_quotes);
    std::size_t find_quote(char quote, std::size_t from);
    Token open_element();
    Token close_top();
    void close_open_entry(std::string_view local_name);
    void bind_namespaces();
    Ns resolve(std::string_view prefix, bool is_root);
    void enter_base(Open& element);

    std::string_view m_xml;
    std::size_t m_pos = 0;
    std::vector<Open> m_open;
    std::vector<Binding> m_bindings;
    std::vector<std::string> m_bases;
    std::vector<Attribute> m_attributes;
    mutable ReferenceKinds m_references;
    std::string_view m_undeclared;
    bool m_defined_entities = false;
    std::string_view m_name, m_local_name, m_text, m_root_namespace, m_pending_name;
    Ns m_ns = Ns::core;
    bool m_is_cdata = false, m_self_closing = false, m_was_cut = false, m_pending_start = false,
         m_saw_root = false;
    std::size_t m_close_to = k_none; // ends are owed until only so many are open
    std::size_t m_repairs = 0;
    struct QuoteCache {
        std::size_t from = 1, found = 0;
    };
    std::array<QuoteCache, 2> m_quotes;
    // What was not found after one place is not there after a later one either: no second search to the
    // end.
    enum Closing { comment, instruction, cdata, doctype, closings };
    std::array<bool, closings> m_missing{};
    std::size_t find_closing(Closing kind, std::string_view closing, std::size_t from);

    static constexpr std::size_t k_none = static_cast<std::size_t>(-1);
};

// The text with its references decoded once, appended.
void append_decoded(std::string& out, std::string_view raw, References where, ReferenceKinds& kinds);
}
