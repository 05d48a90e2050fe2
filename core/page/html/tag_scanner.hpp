#pragma once
#include <string_view>
#include <vector>

// Where tags end and what stands in them, by the tokenizer of WHATWG HTML section 13.2.5. No tree, no copies.
namespace cti::page {

struct RawAttribute {
    std::string_view name, value; // as written, references not decoded
};

struct Tag {
    std::string_view name; // as written; views into the scanned text
    std::string_view alt;  // raw, references not decoded
    bool closing = false, self_closing = false;
    bool hidden = false; // `hidden`, or a style that says display:none or visibility:hidden
};

enum class Markup {
    text,    // a '<' that starts nothing: it stands for itself
    tag,     // `tag` is filled
    nothing, // a comment, a doctype, a processing instruction
};

// What starts at html[pos] == '<'; `attributes`, where asked for, gets those of the tag. Unless it is text,
// `pos` moves past it; a tag or comment without an end takes the rest, as in browsers, so that no byte is
// looked at twice.
Markup scan_markup(std::string_view html, std::size_t& pos, Tag& tag,
                   std::vector<RawAttribute>* attributes = nullptr);

// Where the end tag of an element of that name starts at or after `pos`, or npos.
std::size_t find_end_tag(std::string_view html, std::size_t pos, std::string_view name);

// Moves `pos` after the end tag of a raw-text element (script, style, …), or to the end where there is none.
void skip_raw_text(std::string_view html, std::size_t& pos, std::string_view name);
}
