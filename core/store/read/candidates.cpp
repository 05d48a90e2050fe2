#include "core/store/read/candidates.hpp"

#include "core/base/text.hpp"
#include "core/store/read/search_syntax.hpp"
#include "core/store/read/word_search.hpp"
#include "core/store/sql.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::store {
namespace {
using search::Node;
using search::Term;

// More ids than these are not handed back and forth.
constexpr std::size_t k_max_candidates = 100'000, k_few_candidates = 300;
constexpr int k_max_subtechnique = 99; // ATT&CK's T1546 has the most: 17 in version 16

template <class Names>
std::string to_text_array(const Names& names) {
    db::TextArray array;
    for (const auto& name : names) array.add(name);
    return array.finish();
}

// A technique is meant with its parts. They are listed, as only equality finds them by the index, whatever
// the database's collation.
bool is_whole_technique(const Term& term) {
    constexpr std::size_t size = 5; // of "T1059"
    return term.types == std::vector{IndicatorType::attack_technique} && term.value.size() == size;
}

// Values are kept in the case of their type: hosts and hashes are small, identifiers are capitals.
std::string forms_of(const Term& term) {
    auto upper = term.value;
    std::ranges::transform(upper, upper.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    std::vector<std::string> forms{term.value, ascii_lower(term.value), upper};
    if (is_whole_technique(term))
        for (int number = 1; number <= k_max_subtechnique; ++number)
            forms.push_back(fmt::format("{}.{:03}", upper, number));
    return to_text_array(forms);
}

// The articles that an index names for a part of a query: by their ids, or by a statement that has them.
struct IdSet {
    std::optional<std::vector<int>> ids;
    std::string select;
    bool is_exact = true;
    bool is_known() const { return ids || !select.empty(); } // to an index
};

std::string select_of(const IdSet& set, db::Params& params) {
    if (!set.ids) return set.select;
    return fmt::format("SELECT unnest({}::int[]) AS id", params.add(int_array(*set.ids)));
}

class Indexes {
public:
    Indexes(WordSearch& words, db::Params& params) : m_words(words), m_params(params) {}

    IdSet find(const Node& node) {
        if (search::is_words(node)) return with_words(node);
        switch (node.kind) {
        case Node::Kind::term: return with_term(node.term);
        case Node::Kind::any: return with_any(node);
        case Node::Kind::all: return with_first(node);
        case Node::Kind::none: break;
        }
        return {};
    }

private:
    // All but some are no candidates.
    IdSet with_words(const Node& node) {
        auto set = m_words.find(node);
        if (set.is_all_but) return {};
        return {std::move(set.ids), {}, !search::has_phrase(node)};
    }
    IdSet with_term(const Term& term) {
        if (term.kind == Term::Kind::indicator) return {{}, select_with_indicator(term, m_params)};
        if (term.kind == Term::Kind::analysis) return {{}, select_with_analysis(term, m_params)};
        if (term.kind != Term::Kind::pattern || term.words.empty()) return {};
        auto set = with_words(words_of(term));
        set.is_exact = false;
        return set;
    }
    // Either: all that each of them names.
    IdSet with_any(const Node& node) {
        IdSet all;
        for (const auto& child : node.children) {
            const auto one = find(child);
            if (!one.is_known()) return {};
            all.select += fmt::format("{}SELECT id FROM ({}) AS part",
                                      all.select.empty() ? "" : " UNION ALL ", select_of(one, m_params));
            all.is_exact &= one.is_exact;
        }
        return all;
    }
    IdSet with_first(const Node& node) {
        for (const auto& child : node.children)
            if (auto one = find(child); one.is_known()) {
                one.is_exact = false;
                return one;
            }
        return {};
    }

    WordSearch& m_words;
    db::Params& m_params;
};

// The order in which to ask: what is rare and cheap to look up first.
int cost_of(const Node& node) {
    if (search::is_words(node)) return 1;
    if (node.kind == Node::Kind::any) return 2;
    if (node.kind != Node::Kind::term) return 1;
    const auto kind = node.term.kind;
    if (kind != Term::Kind::indicator && kind != Term::Kind::analysis) return 1;
    return search::has_wildcard(node.term.value) ? 3 : 0;
}

// What must all be true; the parts that are words alone are one, as they are one question to the index.
std::vector<Node> cheapest_first(const Node& root) {
    if (root.kind != Node::Kind::all || search::is_words(root)) return {root};
    std::vector<Node> parts;
    Node words;
    words.kind = Node::Kind::all;
    for (const auto& child : root.children)
        (search::is_words(child) ? words.children : parts).push_back(child);
    if (!words.children.empty()) parts.push_back(std::move(words));
    std::ranges::stable_sort(parts, {}, cost_of);
    return parts;
}

std::vector<int> among(const std::vector<int>& ids, const std::optional<std::vector<int>>& others) {
    return others ? search::in_both({ids}, {*others}).ids : ids;
}

// Of `among`, where there are some; nothing: too many.
std::optional<std::vector<int>> read_ids(db::Transaction& transaction, const std::string& select,
                                         const std::optional<std::vector<int>>& among, db::Params& params) {
    if (select.empty()) return std::nullopt;
    const auto where =
        among ? fmt::format("WHERE s.id = ANY ({}::int[])", params.add(int_array(*among))) : "";
    const auto rows = run(
        transaction,
        fmt::format("SELECT s.id FROM ({}) AS s {} LIMIT {}", select, where, k_max_candidates + 1), params);
    if (static_cast<std::size_t>(rows.size()) > k_max_candidates) return std::nullopt;
    std::vector<int> ids;
    ids.reserve(static_cast<std::size_t>(rows.size()));
    for (const auto& row : rows) ids.push_back(number<int>(row[0]));
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}
}

// The whole words of a pattern, each by itself.
Node words_of(const Term& pattern) {
    Node all;
    all.kind = Node::Kind::all;
    for (const auto& word : pattern.words) {
        Node one;
        one.term.words = {word}, one.term.in_title = pattern.in_title;
        all.children.push_back(std::move(one));
    }
    return all;
}

std::string is_indicator(const Term& term, db::Params& params) {
    auto which = search::has_wildcard(term.value)
                     ? fmt::format("i.value ILIKE {}", params.add(like_of(term.value)))
                     : fmt::format("i.value = ANY ({}::text[])", params.add(forms_of(term)));
    if (term.types.empty()) return which;
    std::vector<std::string_view> names;
    for (const auto type : term.types) names.push_back(name_of(type));
    return fmt::format("{} AND i.type = ANY ({}::text[])", which, params.add(to_text_array(names)));
}

std::string select_with_indicator(const Term& term, db::Params& params) {
    return "SELECT i.article_id AS id FROM cti.indicators i WHERE " + is_indicator(term, params);
}

std::string select_with_analysis(const Term& term, db::Params& params) {
    const auto begin = "SELECT n.article_id AS id FROM cti.analyses n WHERE ";
    const auto whole = (term.analysis_kind.empty() ? "" : term.analysis_kind + ':') + term.value;
    if (search::has_wildcard(term.value))
        return fmt::format("{}EXISTS (SELECT 1 FROM unnest(n.terms) AS t (term) WHERE t.term LIKE {})", begin,
                           params.add(like_of(whole)));
    const auto has = [&](const std::vector<std::string>& terms) {
        return fmt::format("n.terms @> {}::text[]", params.add(to_text_array(terms)));
    };
    const auto words = search::split_words(term.value);
    if (!term.analysis_kind.empty() || words.empty()) return begin + has({whole});
    return fmt::format("{}({} OR {})", begin, has({whole}), has(words));
}

bool Candidates::are_few() const { return ids && ids->size() <= k_few_candidates; }

namespace {
// Where an index names more than fit. Words alone are exact, and what is not words is asked as a whole.
void add_checks(Node&& part, Candidates& found) {
    const bool is_check =
        part.kind == Node::Kind::term && (part.term.kind == Term::Kind::pattern || search::is_words(part));
    if (search::is_words(part) && !search::has_phrase(part)) return;
    if (is_check)
        found.checks.push_back(std::move(part.term));
    else if (part.kind == Node::Kind::all && search::is_words(part))
        for (auto& child : part.children) add_checks(std::move(child), found);
    else
        found.rest.children.push_back(std::move(part));
}
}

namespace {
// Whether to read the texts of all candidates here, at some 40 us each, which leaves nothing to ask. Where
// phrases are found often the database asks only as many as are wanted, but takes .2 ms or more for each.
bool is_seldom(const std::vector<int>& ids, const Node& words, WordSearch& search) {
    constexpr std::size_t most = 5000, sample = 200;
    if (ids.size() > most) return false;
    if (ids.size() <= sample) return true;
    const std::vector<int> newest(ids.end() - sample, ids.end());
    return search.read_matching(newest, words).size() * 10 < sample;
}
}

Candidates find_candidates(db::Transaction& transaction, const Node& root, WordSearch& words) {
    Candidates found;
    found.rest.kind = Node::Kind::all;
    for (auto& part : cheapest_first(root)) {
        db::Params params;
        const auto set = found.are_few() ? IdSet{} : Indexes(words, params).find(part);
        auto ids =
            set.ids ? among(*set.ids, found.ids) : read_ids(transaction, set.select, found.ids, params);
        if (!ids)
            found.rest.children.push_back(std::move(part));
        else if (search::is_words(part) && search::has_phrase(part) && is_seldom(*ids, part, words))
            ids = words.read_matching(*ids, part);
        else if (!set.is_exact)
            add_checks(std::move(part), found);
        if (ids) found.ids = std::move(ids);
    }
    return found;
}
}
