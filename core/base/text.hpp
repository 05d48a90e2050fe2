#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Text from outside: UTF-8 repair, what may go to a terminal, white space. Nothing here knows a locale.
namespace cti {

constexpr char32_t k_replacement_character = 0xFFFD;

void append_utf8(std::string& out, char32_t code_point);

// The code point at `pos`, which moves past it. Ill-formed input gives U+FFFD for each maximal
// ill-formed part (Unicode 15, section 3.9, table 3-8), so every call moves on by at least one byte.
char32_t next_code_point(std::string_view text, std::size_t& pos);

bool is_valid_utf8(std::string_view text);

// Valid UTF-8 without NUL, which PostgreSQL refuses: ill-formed parts become U+FFFD, NUL is dropped.
std::string repair_utf8(std::string_view text);

// Fit for a terminal or a log line: control characters, escape sequences and bidirectional overrides
// become visible (\x1b, \u202e), line breaks and tabs become spaces.
std::string printable(std::string_view text);
// The same of a document: its lines and tabs stay.
std::string printable_lines(std::string_view text);

// Runs of white space (Unicode's too) become one space, none at the ends.
std::string fold_space(std::string_view text);
bool is_unicode_space(char32_t code_point);

// Cells that the text takes on a terminal: 2 for East Asian wide characters and emoji, 0 for combining marks.
std::size_t display_width(std::string_view text);
// The longest head of the text that fits into `cells`, ended by "…" where something was cut.
std::string cut_to_width(std::string_view text, std::size_t cells);

// The first `count` code points at most.
std::string_view head_code_points(std::string_view text, std::size_t count);
std::size_t count_code_points(std::string_view text); // of valid UTF-8

constexpr bool is_ascii_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_ascii_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_ascii_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_ascii_alpha(char c) { return is_ascii_lower(c) || is_ascii_upper(c); }
constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
std::string ascii_lower(std::string_view text);
// Letters, digits, '.', '_' and '-', and at least one: a name that means nothing to a shell or a path.
bool is_plain_name(std::string_view text);
bool iequals(std::string_view a, std::string_view b); // ASCII case is folded
bool istarts_with(std::string_view text, std::string_view prefix);
std::string_view trim(std::string_view text); // ASCII white space
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Restricted Damerau-Levenshtein distance, for "did you mean".
std::size_t edit_distance(std::string_view a, std::string_view b);
// The candidate at most 2 edits (for short words: 1) from `word`, or "" where none is near.
std::string closest(std::string_view word, const std::vector<std::string>& candidates);
}
