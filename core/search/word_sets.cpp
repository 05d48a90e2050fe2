#include "core/search/word_sets.hpp"

#include "core/search/words.hpp"

#include <algorithm>
#include <iterator>

namespace cti::search {
namespace {
ArticleSet all_but(ArticleSet set) {
    set.is_all_but = !set.is_all_but;
    return set;
}

void add_ranges(const Node& node, std::vector<TermRange>& ranges) {
    if (node.kind != Node::Kind::term)
        for (const auto& child : node.children) add_ranges(child, ranges);
    else
        for (auto& range : term_ranges(node.term))
            if (std::ranges::find(ranges, range) == ranges.end()) ranges.push_back(std::move(range));
}

// With blanks around it, as it stands in a folded text; without the last where the last word may go on.
std::string folded_phrase(const Term& term) {
    std::string text(1, ' ');
    for (const auto& word : term.words) text.append(word) += ' ';
    if (term.is_prefix) text.pop_back();
    return text;
}
}

ArticleSet in_both(const ArticleSet& a, const ArticleSet& b) {
    ArticleSet out;
    const auto into = std::back_inserter(out.ids);
    if (a.is_all_but && b.is_all_but) {
        std::ranges::set_union(a.ids, b.ids, into);
        out.is_all_but = true;
    } else if (a.is_all_but) {
        std::ranges::set_difference(b.ids, a.ids, into);
    } else if (b.is_all_but) {
        std::ranges::set_difference(a.ids, b.ids, into);
    } else {
        std::ranges::set_intersection(a.ids, b.ids, into);
    }
    return out;
}

ArticleSet in_either(const ArticleSet& a, const ArticleSet& b) {
    return all_but(in_both(all_but(a), all_but(b)));
}

std::vector<TermRange> term_ranges(const Term& term) {
    std::vector<TermRange> ranges;
    for (const auto& word : term.words) {
        TermRange range{term.in_title ? k_title_mark + word : word, ""};
        // No byte of UTF-8 is 0xFF: the next of the same length is the end of all that begin so.
        if (term.is_prefix && &word == &term.words.back()) range.end = range.first, ++range.end.back();
        ranges.push_back(std::move(range));
    }
    return ranges;
}

std::vector<TermRange> term_ranges(const Node& words) {
    std::vector<TermRange> ranges;
    add_ranges(words, ranges);
    return ranges;
}

bool is_words(const Node& node) {
    if (node.kind == Node::Kind::term) return node.term.kind == Term::Kind::words;
    return std::ranges::all_of(node.children, is_words);
}

bool has_phrase(const Node& words) {
    if (words.kind == Node::Kind::term) return words.term.words.size() > 1;
    return std::ranges::any_of(words.children, has_phrase);
}

namespace {
// is_upper: at least those that match. Else at most those, which is what NOT takes away from all: of a phrase
// none.
ArticleSet evaluate_bound(const Node& words, const FindTerm& find, bool is_upper) {
    ArticleSet set{{}, words.kind == Node::Kind::all || words.kind == Node::Kind::term};
    if (words.kind == Node::Kind::term) {
        if (!is_upper && has_phrase(words)) return {};
        for (const auto& range : term_ranges(words.term)) set = in_both(set, {find(range)});
    }
    for (const auto& child : words.children) {
        const auto part = evaluate_bound(child, find, words.kind == Node::Kind::none ? !is_upper : is_upper);
        set = words.kind == Node::Kind::all    ? in_both(set, part)
              : words.kind == Node::Kind::none ? all_but(part)
                                               : in_either(set, part);
    }
    return set;
}
}

ArticleSet evaluate(const Node& words, const FindTerm& find) { return evaluate_bound(words, find, true); }

bool matches(const Node& words, std::string_view folded_title, std::string_view folded_content) {
    const auto holds = [&](const Node& child) { return matches(child, folded_title, folded_content); };
    switch (words.kind) {
    case Node::Kind::all: return std::ranges::all_of(words.children, holds);
    case Node::Kind::any: return std::ranges::any_of(words.children, holds);
    case Node::Kind::none: return !holds(words.children[0]);
    case Node::Kind::term: break;
    }
    const auto phrase = folded_phrase(words.term);
    return folded_title.find(phrase) != folded_title.npos ||
           (!words.term.in_title && folded_content.find(phrase) != folded_content.npos);
}
}
