#pragma once
#include "core/base/time.hpp"
#include "core/model/indicator.hpp"

#include <string>
#include <string_view>
#include <vector>

// The language of `cti search` and `--query`:
//
//   emotet loader            both words, anywhere in title or text (AND is what stands between by itself)
//   emotet OR qakbot         either; NOT, "-" and parentheses as usual, in capitals; AND binds more than OR
//   "initial access broker"  these words, one after the other
//   ransom* *.exe fo?bar     any characters but blanks; one character
//   title: source: tag:      where a word stands, whose article it is, what it is tagged with
//   cve:CVE-2026-1234 indicator:evil.example ipv4:198.51.100.7 technique:T1059
//   score>60  after:2026-11-01  before:7d
//   analysis:ransomware sector:energy country:Germany platform:Linux
namespace cti::search {

enum class Comparison { less, less_or_equal, equal, greater_or_equal, greater };

// What a leaf of a query asks for.
struct Term {
    enum class Kind {
        words,     // `words`, one after the other
        pattern,   // `value`, with wildcards; `words`: the whole words in it, which must be there too
        source,    // `value`, an identifier, with wildcards
        tag,       // `value`
        indicator, // `value`, with wildcards, of `types`; of any type where there are none
        score,     // `comparison` `number`
        after,     // published at or after `time`
        before,    // published before `time`
        analysis,  // `value`, with wildcards, is what a language model read in it, and could prove
    };
    Kind kind = Kind::words;
    std::vector<std::string> words; // of split_words()
    bool is_prefix = false;         // the last word may go on
    bool in_title = false;
    std::string analysis_kind; // "": any; "sector", "country", "platform"
    std::string value;
    std::vector<IndicatorType> types;
    Comparison comparison = Comparison::equal;
    double number = 0;
    Time time{};
};

struct Node {
    enum class Kind { all, any, none, term }; // none: NOT of its only child
    Kind kind = Kind::term;
    std::vector<Node> children;
    Term term;
};

// A query that makes no sense: `position` counts characters from 1.
struct SyntaxError {
    std::size_t position = 0;
    std::string message;
};

struct Query {
    Node root;
    // Words and phrases that a snippet should show, in lower case and without wildcards.
    std::vector<std::vector<std::string>> shown;
};

// What the words of a query mean where it is asked.
struct Language {
    Time now{}; // what "7d" counts from
    // How a value of one of these types is written in the database; no types: of any.
    std::string (*as_stored)(std::string_view, const std::vector<IndicatorType>&) = nullptr;
};

// Throws SyntaxError. At most 4,096 bytes, 200 terms, 50 levels.
Query parse_query(std::string_view text, const Language& language);

// The words of a text as the index has them, see words.hpp.
std::vector<std::string> split_words(std::string_view text);

// "*" stands for any characters but blanks, "?" for one.
constexpr bool is_wildcard(char c) { return c == '*' || c == '?'; }
bool has_wildcard(std::string_view text);
}
