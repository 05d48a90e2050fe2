#pragma once
#include <string>
#include <string_view>
#include <vector>

// Makes a page small and harmless before a parser builds a tree of it.
namespace cti::page {

struct Limits {
    std::size_t bytes =
        8U * 1024 * 1024; // What stands after is cut off; the largest article measured has 3 MB.
    int tags = 150'000;   // The text after them stays, without its tags.
    int depth = 1'000;    // Elements in each other; deeper ones lose their tags.
    int attributes = 48;  // of one element
    std::size_t attribute_bytes = 16'384; // Longer values are dropped: they are data, not addresses.
};

struct Prepared {
    std::string html;
    std::vector<std::string_view> json_ld; // contents of <script type="application/ld+json">, in the input
    std::string warning;                   // which limit was met, or ""
};

// `html` is valid UTF-8. What comes out has no scripts, styles, comments, templates, drawings, control
// characters or end tags without a start; every reference is decoded or one of &lt; &gt; &amp; &quot;. One
// pass, linear.
Prepared prepare(std::string_view html, const Limits& limits = {});
}
