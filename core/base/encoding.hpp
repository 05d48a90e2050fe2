#pragma once
#include <string>
#include <string_view>

// From bytes to UTF-8: labels of the WHATWG Encoding Standard and the aliases of the wild.
namespace cti {

// The standard's name of an encoding ("windows-1252" for "ISO-8859-1" or "latin1"), or "" for an unknown
// label.
std::string_view encoding_name(std::string_view label);

// The charset parameter of a Content-Type, as written, or "".
std::string_view charset_of(std::string_view content_type);

// What windows-1252 means by a byte.
char32_t windows_1252(unsigned char byte);

struct Decoded {
    std::string_view
        text; // Valid UTF-8 without a BOM: a view into the input where that is possible, else into `storage`.
    std::string storage;
    std::string encoding; // WHATWG name; utf-32be, utf-32le and ibm037 beside it.
    std::string warning;  // What had to be guessed or dropped, or "".

    Decoded() = default;
    Decoded(const Decoded&) = delete;
    Decoded& operator=(const Decoded&) = delete;
};

// Fills `out` from `bytes`, which must outlive it. In this order: byte order mark, the zero bytes of UTF-16
// and UTF-32, valid UTF-8 (whatever the labels say), the Content-Type's charset, the document's own
// declaration (XML or <meta>), detection. Bytes that mean nothing in the encoding chosen are dropped.
void decode(std::string_view bytes, std::string_view content_type, Decoded& out);
}
