#include "core/intel/families/path_text.hpp"

#include "core/intel/neighbours.hpp"

namespace cti::intel {
bool is_other_script(std::string_view text, std::size_t pos) {
    return is(before(text, pos), k_alnum) && is_blankless(character_at(text, pos));
}

std::size_t skip_ending(std::string_view text, std::size_t pos, std::size_t size) {
    constexpr std::size_t max_bytes = 10;
    auto end = pos + size;
    while (end < text.size() && end - pos - size < max_bytes && is(text[end], k_letter | k_high) &&
           is_word_at(text, end))
        next_code_point(text, end);
    const char behind = at(text, end);
    const bool goes_on =
        behind == '\\' || behind == '/' || behind == '-' || (behind == '.' && is(at(text, end + 1), k_alnum));
    const bool is_small = ascii_lower(at(text, pos + size)) == at(text, pos + size);
    return end > pos + size && is_small && !is_word_at(text, end) && !goes_on ? end : 0;
}

void add_last_name(Scan& scan, std::size_t start, std::size_t end) {
    const auto written = scan.text.substr(start, end - start);
    const auto slash = written.find_last_of("\\/");
    const auto name = written.substr(slash + 1);
    const auto dot = name.rfind('.');
    if (dot != name.npos && dot > 0 && is_file_extension(name.substr(dot + 1)))
        scan.add(Type::filename, start + slash + 1, end, std::string(name));
}
}
