#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Defanging: "hxxp", "[.]", " dot " and their many cousins, and what else stands inside a value without
// belonging to it (zero-width characters, soft hyphens).
namespace cti::intel {

// A piece of text in which marks of defanging stand no longer, and where everything was.
class Refanged {
public:
    // `base`: where the piece begins in the whole text. Linear in its size.
    void assign(std::string_view piece, std::size_t base);

    std::string_view text() const { return m_text; }
    std::size_t original_start(std::size_t pos) const;
    std::size_t original_end(std::size_t end) const {
        return end == 0 ? m_base : original_start(end - 1) + 1;
    }
    bool is_edited(std::size_t start, std::size_t end) const; // defanged in [start, end)

private:
    // Why something else stands there: a blank of another kind is no way of defanging.
    enum class Why : std::uint8_t { defanged, blank };
    struct Edit {
        std::size_t pos, original; // from `pos` of the new text on, `original` of the piece stood there
        Why why = Why::defanged;
    };
    friend class Refanger;

    std::string m_text;
    std::vector<Edit> m_edits;
    std::size_t m_base = 0;
};

// A single value, with its scheme ("hxxps://a[.]example" is "https://a.example").
std::string refang(std::string_view value);

// The scheme that is meant, in lower case ("hXXps": "https"); "" for what is none. `is_changed` tells whether
// it was written otherwise.
std::string refang_scheme(std::string_view scheme, bool& is_changed);

enum class DefangStyle { square, round, curly, words, scheme };
// `value` made unclickable. refang() undoes each style on URLs, e-mail addresses, domains and IP addresses.
std::string defang(std::string_view value, DefangStyle style);
}
