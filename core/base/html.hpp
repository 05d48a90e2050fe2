#pragma once
#include <string>
#include <string_view>

// The parts of HTML that feeds, titles and pages share. Block structure is core/page's matter.
namespace cti {

// The text of the character reference that starts at text[pos] == '&', appended to `out`; `pos` moves past
// it. Named (with the few that need no semicolon), decimal and hexadecimal, with the replacements of WHATWG
// HTML section 13.2.5.80 (&#150; is U+2013). What is no reference is appended as it stands. NUL and
// non-characters stand for nothing; the two halves of a surrogate pair are the character that was meant.
enum class References {
    in_text,
    in_attribute, // and addresses: "?a=1&copy=2" has no reference (WHATWG HTML section 13.2.5.73)
};
void append_reference(std::string& out, std::string_view text, std::size_t& pos,
                      References where = References::in_text);

// One level of character references decoded: "&amp;lt;" becomes "&lt;".
std::string decode_entities(std::string_view text, References where = References::in_text);

// The expansion of a named reference ("eacute" or "eacute;"), or "" for an unknown name.
std::string_view named_entity(std::string_view name);

std::string escape_html(std::string_view text); // & < > " '
}
