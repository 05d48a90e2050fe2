#pragma once
#include "core/source/kind.hpp"

#include <memory>
#include <string>
#include <string_view>

// A reader of one kind, and in its place a reader of another where the first one has nothing to say for
// several checks in a row. The first one is asked in every check all the same, so that the source goes back
// to it.
namespace cti::source {

// As often as a redirect or a 410 is believed. Looking at the pages too early costs a request or two and
// doubles nothing; too late, it costs the posts that a list shows no longer.
constexpr int k_rounds_until_fallback = 3;

// What is remembered, in the cursor, around the first reader's own.
struct FallbackState {
    int rounds = 0;      // without anything to say, in a row
    std::string silence; // why
    std::string cursor;  // of the first reader
};
// Any other text is the cursor of a reader that has something to say.
FallbackState read_fallback_state(std::string_view cursor);
// For people, or "".
std::string describe_fallback(const FallbackState& state);

// `first` asks for one document. Null where it is.
std::unique_ptr<Reader> make_reader_with_fallback(const Input& input,
                                                  std::unique_ptr<Reader> (*make_first)(const Input&),
                                                  const Kind& second);
}
