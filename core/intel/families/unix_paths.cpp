#include "core/intel/families/path_text.hpp"
#include "core/intel/neighbours.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
bool is_mac_root(std::string_view path) {
    for (const std::string_view root : {"/Library/", "/Users/", "/Applications/", "/System/", "/Volumes/"})
        if (path.starts_with(root)) return true;
    return false;
}

// The size of "~", "$HOME" or "${HOME}" before `pos`, or 0.
std::size_t home_before(std::string_view text, std::size_t pos) {
    if (const char last = before(text, pos); last != '~' && last != 'E' && last != '}') return 0;
    for (const std::string_view home : {"~", "$HOME", "${HOME}"})
        if (text.substr(0, pos).ends_with(home)) return home.size();
    return 0;
}

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

// "/Library/Application Support/x": a capital after the blank, and a separator after its word. Where blanks
// are rare the name has to begin with a capital as well: "/opt/Evil Corp/x", but not "/tmp/x Windows/Linux".
bool is_blank_in_name(std::string_view text, std::size_t blank, bool are_common) {
    if (text[blank] != ' ' || !is_capital(at(text, blank + 1))) return false;
    if (!are_common && !is_capital(text[text.substr(0, blank).rfind('/') + 1])) return false;
    return at(text, skip(text, blank + 1, k_word, 32)) == '/';
}

// "/home/o'brien/x", but not "/etc/passwd's owner".
bool is_apostrophe_in_name(std::string_view text, std::size_t pos, std::size_t size) {
    const auto behind = pos + size;
    const bool is_genitive = at(text, behind) == 's' && !is_word_at(text, behind + 1);
    return is_word_before(text, pos) && is_word_at(text, behind) && !is_genitive &&
           skip_ending(text, pos, size) == 0;
}

// Behind a part that stands for any name: "/home/<user>/x", "/proc/{pid}/mem"; 0 where there is none.
std::size_t skip_placeholder(std::string_view text, std::size_t pos) {
    const char open = text[pos];
    if (before(text, pos) != '/' || (open != '<' && open != '{' && open != '[')) return 0;
    const auto end = skip(text, pos + 1, k_alnum | k_underscore | k_dash, 32);
    const char close = open == '<' ? '>' : open == '{' ? '}' : ']';
    return end > pos + 1 && at(text, end) == close && at(text, end + 1) == '/' ? end + 1 : 0;
}

// A sign that is no letter, or letters of another script with no slash behind them.
bool is_sentence_at(std::string_view text, std::size_t pos) {
    if (!is(text[pos], k_high) || !is(before(text, pos), k_alnum)) return false;
    if (!is_other_script(text, pos)) return !is_word_at(text, pos) && character_at(text, pos) != 0x2019;
    auto end = pos;
    while (end < text.size() && end - pos < k_max_look_bytes && is(text[end], k_word) &&
           !is_end_at(text, end))
        ++end;
    return at(text, end) != '/';
}
}

// "/etc/passwd", "~/.ssh/id_rsa"; of other absolute paths only so much is known that no hosts are in them.
std::size_t scan_slash(Scan& scan, std::size_t pos) {
    const auto text = scan.text;
    const char left = before(text, pos);
    const auto home = home_before(text, pos);
    const bool is_home = home > 0;
    if (pos < scan.path_end || (is_word_before(text, pos) && !is_home) || is(left, k_dot | k_dash) ||
        left == '/' || left == ':' || left == '<' || !is(at(text, pos + 1), k_word) ||
        is_end_at(text, pos + 1))
        return 0;
    const bool are_blanks_common = is_home || is_mac_root(text.substr(pos));
    auto end = pos;
    std::size_t separators = 0;
    for (; end < text.size() && end - pos < k_max_path_bytes; ++end) {
        const char c = text[end];
        if (is_end_at(text, end) || text.substr(end, 3) == "..." || is_sentence_at(text, end)) break;
        if (c == '\'' && is_apostrophe_in_name(text, end, 1)) continue;
        if (character_at(text, end) == 0x2019 && !is_apostrophe_in_name(text, end, 3)) break;
        if (const auto close = skip_placeholder(text, end); close > 0) {
            end = close - 1;
            continue;
        }
        if (is_arrow_at(text, end)) break;
        if (!is(c, k_word) && std::string_view("/+@%~$").find(c) == std::string_view::npos &&
            !is_blank_in_name(text, end, are_blanks_common))
            break;
        separators += c == '/' ? 1 : 0;
    }
    while (end > pos && is(text[end - 1], k_dot)) --end;
    scan.path_end = std::max(scan.path_end, end);
    scan.places.emplace_back(pos, end);
    const auto root_end = skip(text, pos + 1, k_alnum | k_underscore | k_dot | k_dash, 32);
    const auto root = text.substr(pos + 1, root_end - pos - 1);
    const bool known = is_any_of(
        root,
        "bin boot dev etc home lib lib64 mnt opt proc private root run sbin srv sys tmp usr var Applications Library "
        "System Users Volumes data sdcard storage ");
    if (!is_home && (!known || separators < 2)) return 0;
    const auto start = pos - home;
    while (end > start && text[end - 1] == '/') --end;
    scan.add(Type::file_path, start, end, std::string(text.substr(start, end - start)));
    add_last_name(scan, start, end);
    return 0; // Hashes and numbers in it count as well.
}
}
