#pragma once
#include <string_view>

// Names that are words: "Play", "Pegasus", "Responder".
namespace cti::intel {

// What ships with the tool: config/name_words.txt as it was built in.
std::string_view default_name_words();

// A word of that list, in small letters.
bool is_name_word(std::string_view lower);
}
