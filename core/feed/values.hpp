#pragma once
#include "core/feed/feed.hpp"
#include "core/feed/scanner.hpp"

#include <optional>
#include <string>
#include <string_view>

// Reading one element's value off the scanner, and making of it what the structs of feed.hpp hold.
namespace cti::feed {

enum class Form {
    plain,   // the text means itself
    html,    // the text is markup
    unknown, // RSS and untyped Atom: markup where it looks like it
};
struct Value {
    std::string text;
    Form form = Form::plain;
};

// Both are called after the start of the element and return after its end. Where the element was never
// closed and the next field of the entry starts, they return after that start: `next_started` says so.
struct ValueReader {
    Scanner& scanner;
    bool next_started = false;

    // `form` is what the format says where the element's own type and mode say nothing.
    Value read(Form form);
    Person read_person();
    std::string read_text(References where = References::in_text); // decoded, tags left out, trimmed
    void skip();
};

std::string to_title(const Value& value);
// HTML with absolute links. White space at the ends is cut off.
std::string to_html(Value value, const std::string& base);

// "me@example.com (My Name)", "My Name <me@example.com>", "mailto:me@example.com", "My Name".
Person parse_person(std::string_view raw);

std::string decode_base64(std::string_view text);
}
