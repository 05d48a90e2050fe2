#pragma once
#include "core/intel/families/host.hpp"

#include <string_view>

// What paths of all systems have in common: where the sentence goes on behind one, and their last part.
namespace cti::intel {

// Of a path, and of what is looked at behind a blank in one.
constexpr std::size_t k_max_path_bytes = 520, k_max_look_bytes = 48;

// "…\Evil\Run" and a letter of a script that is written without blanks, or whose particles stand at the word.
bool is_other_script(std::string_view text, std::size_t pos);
// Behind "…\evil.exe’dan", "/tmp/x'i": an ending of a few small letters behind the apostrophe of `size` bytes
// at `pos`, and no further part of the path. Where it ends, or 0.
std::size_t skip_ending(std::string_view text, std::size_t pos, std::size_t size);
// The file's name at the end of the path [start, end), where its ending is one of files.
void add_last_name(Scan& scan, std::size_t start, std::size_t end);
}
