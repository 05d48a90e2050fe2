#pragma once
#include "core/page/html/text_flow.hpp"

#include <cstdint>
#include <string_view>

namespace cti::page {

// C++ has a word for template_ alone; it stands here like the others, behind "e_".
enum class Element : std::uint8_t {
    text,  // a run of text, no element
    other, // an element that is not in the table
#define ELEMENT(name) e_##name,
#include "core/page/html/elements.inc"
#undef ELEMENT
    count
};

Element element_of(std::string_view name); // whatever the case
std::string_view name_of(Element element); // lower case; "" for text and other
Kind kind_of(Element element);

inline bool is_heading(Element element) { return element >= Element::e_h1 && element <= Element::e_h6; }
// Runs on in a line: what stands in it belongs to the block around it.
bool is_inline(Element element);
}
