#include "core/base/text.hpp"
#include "core/search/snippet.hpp"

#include <doctest/doctest.h>

using namespace cti;
using search::make_snippet;

namespace {
// The text with its marks in brackets.
std::string show(const search::Snippet& snippet) {
    std::string out;
    std::size_t pos = 0;
    for (const auto& [start, end] : snippet.marks) {
        out += snippet.text.substr(pos, start - pos) + '[' + snippet.text.substr(start, end - start) + ']';
        pos = end;
    }
    return out + snippet.text.substr(pos);
}
}

TEST_CASE("search::make_snippet: a short text is shown whole, the words marked") {
    CHECK(show(make_snippet("The quiet\n\nHeron returns", {{"heron"}}, 100)) == "The quiet [Heron] returns");
    CHECK(show(make_snippet("The quiet-heron returns", {{"quiet", "heron"}}, 100)) ==
          "The [quiet-heron] returns");
    CHECK(show(make_snippet("powershell.exe", {{"powershell"}, {"exe"}}, 100)) == "[powershell].[exe]");
    CHECK(show(make_snippet("heronry", {{"ron"}}, 100)) == "heronry");
    CHECK(show(make_snippet("", {{"a"}}, 100)).empty());
}

TEST_CASE("search::make_snippet: of a long text the piece with most of the words") {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "filler " + std::string(i % 50 == 7 ? "heron " : "");
    text += "the quiet heron came back " + text;
    const auto out = show(make_snippet(text, {{"heron"}, {"quiet"}}, 60));
    CHECK(out.find("[quiet] [heron]") != out.npos);
    CHECK(out.starts_with("\xE2\x80\xA6"));
    CHECK(out.ends_with("\xE2\x80\xA6"));
    CHECK(out.size() < 120);
}

TEST_CASE("search::make_snippet: whatever the text holds, the piece is valid UTF-8 and marks lie within it") {
    for (const std::string unit :
         {"\xF0\x9F\xA6\x8A", "\xE2\x80\xAE", "\x1B[31m", "\xFF", "a", " ", "\xC3\xA9heron "}) {
        for (const std::size_t size : {1U, 2U, 10U, 63U}) {
            std::string text;
            for (int i = 0; i < 300; ++i) text += unit;
            const auto snippet = make_snippet(text + " heron " + text, {{"heron"}}, size);
            CHECK(is_valid_utf8(snippet.text));
            CHECK(printable(snippet.text) == snippet.text);
            for (const auto& [start, end] : snippet.marks) {
                CHECK(start < end);
                CHECK(end <= snippet.text.size());
                CHECK(iequals(snippet.text.substr(start, end - start), "heron"));
            }
        }
    }
}
