#pragma once
#include "core/intel/chars.hpp"

#include <string_view>

// What may stand beside a value without being a part of it: quotes of all languages, brackets, dashes,
// ellipses, full-width punctuation, blanks and characters that nobody sees. One table, asked by all readers.
namespace cti::intel {

enum NeighbourRole : std::uint8_t {
    k_quote = 1,     // opens and closes; which of the two depends on the language
    k_bracket = 2,   // beyond ASCII
    k_stop = 4,      // punctuation, ellipses, arrows, bullets
    k_hyphen = 8,    // dashes of every length, the minus sign
    k_blank = 16,    // beyond ASCII
    k_invisible = 32 // takes no room: zero-width, soft hyphens, directions, variants
};
// The roles of the character, 0 for most.
unsigned roles_of(char32_t c);

// The character at `pos`, or the one that ends before it; 0 beyond the ends.
char32_t character_at(std::string_view text, std::size_t pos);
char32_t character_before(std::string_view text, std::size_t pos);

// Whether a word stands there that a value would be a part of: a letter, a digit or an underscore of any
// script that is written with blanks.
bool is_word_at(std::string_view text, std::size_t pos);
bool is_word_before(std::string_view text, std::size_t pos);

// Whether nothing of a path or a name goes over the character beyond ASCII at `pos`. An apostrophe within a
// word ends nothing, whatever its form.
bool is_end_at(std::string_view text, std::size_t pos);

// An arrow that is typed, "->" or "-->".
bool is_arrow_at(std::string_view text, std::size_t pos);

// Behind the number of a footnote in brackets, "[12]", or 0.
std::size_t skip_footnote(std::string_view text, std::size_t pos);

// The quotes that close what one opens, as a kind; 0 where no quote stands.
unsigned quote_kind(char32_t c);
// The kind of the quote that opens at `start`, right before it or, as French has it, a blank away.
unsigned opening_kind(std::string_view text, std::size_t start);
// The size in bytes of a quote of this kind at `pos` that is no apostrophe within a word; 0 where there is
// none.
std::size_t closing_size(std::string_view text, std::size_t pos, unsigned kind);
// Where what was opened by a quote of the kind is closed in [pos, limit), on its line; npos where it is not.
std::size_t find_closing(std::string_view text, std::size_t pos, std::size_t limit, unsigned kind);
}
