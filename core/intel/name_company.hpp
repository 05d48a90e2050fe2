#pragma once
#include <cstddef>
#include <string_view>

// Whether the words around a name that is a word say that it is meant as a name.
namespace cti::intel {

// [start, end) of the text: a word that says what it is stands behind ("Play ransomware", "Play-Gruppe") or
// before ("the spyware Pegasus", "tools such as Responder"), or its owner does ("NSO's Pegasus").
bool is_in_company(std::string_view text, std::size_t start, std::size_t end);

// "Medusa" in a heading of capitals is a word as the others are.
bool is_among_capitals(std::string_view text, std::size_t start, std::size_t end);

// A name may begin a longer one that is not meant: "Royal Mail".
bool begins_longer_name(std::string_view text, std::size_t end);

// Nothing stands between two names but what lists are made with: ", ", " and ", "/".
bool is_list_mark(std::string_view between);
}
