#include "core/store/read/candidates.hpp"

#include "core/base/text.hpp"
#include "core/store/read/search_syntax.hpp"
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

// Without a word that must be there the index would be read from end to end.
bool has_required_word(const Node& node) {
    if (node.kind == Node::Kind::term) return true;
    if (node.kind == Node::Kind::none) return false;
    if (node.kind == Node::Kind::all) return std::ranges::any_of(node.children, has_required_word);
    return !node.children.empty() && std::ranges::all_of(node.children, has_required_word);
}

// The articles that an index names for a part of a query.
struct IdSet {
    std::string select; // "": no index knows
    bool is_exact = true;
    int cost = 0; // the order in which to ask
};

IdSet id_set(const Node& node, long indexed_to, db::Params& params);

IdSet set_of_term(const Node& node, long indexed_to, db::Params& params) {
    const auto& term = node.term;
    if (term.kind == Term::Kind::indicator)
        return {select_with_indicator(term, params), true, search::has_wildcard(term.value) ? 3 : 0};
    if (term.kind == Term::Kind::analysis)
        return {select_with_analysis(term, params), true, search::has_wildcard(term.value) ? 3 : 0};
    if (term.kind == Term::Kind::pattern && !term.words.empty())
        return {select_with_words(node, indexed_to, params), false, 1};
    return {};
}

// Either: all that each of them names.
IdSet set_of_any(const Node& node, long indexed_to, db::Params& params) {
    IdSet all{{}, true, 2};
    for (const auto& child : node.children) {
        const auto one = id_set(child, indexed_to, params);
        if (one.select.empty()) return {};
        all.select +=
            fmt::format("{}SELECT id FROM ({}) AS part", all.select.empty() ? "" : " UNION ALL ", one.select);
        all.is_exact &= one.is_exact, all.cost = std::max(all.cost, one.cost);
    }
    return all;
}

IdSet id_set(const Node& node, long indexed_to, db::Params& params) {
    if (is_words(node))
        return has_required_word(node) ? IdSet{select_with_words(node, indexed_to, params), true, 1}
                                       : IdSet{};
    if (node.kind == Node::Kind::term) return set_of_term(node, indexed_to, params);
    if (node.kind == Node::Kind::any) return set_of_any(node, indexed_to, params);
    if (node.kind == Node::Kind::all)
        for (const auto& child : node.children)
            if (auto one = id_set(child, indexed_to, params); !one.select.empty()) {
                one.is_exact = false;
                return one;
            }
    return {};
}

// What must all be true; the parts that are words alone are one, as they are one question to the index.
std::vector<Node> conjuncts_of(const Node& root) {
    if (root.kind != Node::Kind::all || is_words(root)) return {root};
    std::vector<Node> parts;
    Node words;
    words.kind = Node::Kind::all;
    for (const auto& child : root.children) (is_words(child) ? words.children : parts).push_back(child);
    if (!words.children.empty()) parts.push_back(std::move(words));
    return parts;
}

struct Conjunct {
    Node node;
    int cost;
};
std::vector<Conjunct> cheapest_first(const Node& root, long indexed_to) {
    std::vector<Conjunct> parts;
    for (auto& node : conjuncts_of(root)) {
        db::Params unused;
        const int cost = id_set(node, indexed_to, unused).cost;
        parts.push_back({std::move(node), cost});
    }
    std::ranges::stable_sort(parts, {}, &Conjunct::cost);
    return parts;
}

// Of `among`, where there are some; nothing: too many.
std::optional<std::vector<int>> read_ids(db::Transaction& transaction, const std::string& select,
                                         const std::optional<std::vector<int>>& among, db::Params& params) {
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

bool is_words(const Node& node) {
    if (node.kind == Node::Kind::term) return node.term.kind == Term::Kind::words;
    return std::ranges::all_of(node.children, is_words);
}

std::string is_indicator(const Term& term, db::Params& params) {
    const auto which = search::has_wildcard(term.value)
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

std::string select_with_words(const Node& words, long indexed_to, db::Params& params) {
    const auto query = fmt::format("to_tsquery('pg_catalog.simple', {})", params.add(tsquery_of(words)));
    // OFFSET 0: only the articles that are not in the index are read, which takes a millisecond each.
    return fmt::format(R"sql(
            SELECT w.article_id AS id
            FROM cti.article_words w
            WHERE w.words @@ {0}
            UNION ALL
            SELECT u.id
            FROM (SELECT n.id, n.title, n.content
                  FROM public.articles n
                  WHERE n.id > {1} AND NOT EXISTS (SELECT 1 FROM cti.article_words w WHERE w.article_id = n.id)
                  OFFSET 0) AS u
            WHERE cti.search_words(u.title, u.content) @@ {0})sql",
                       query, indexed_to);
}

bool Candidates::are_few() const { return ids && ids->size() <= k_few_candidates; }

Candidates find_candidates(db::Transaction& transaction, const Node& root, long indexed_to) {
    Candidates found;
    found.rest.kind = Node::Kind::all;
    for (auto& part : cheapest_first(root, indexed_to)) {
        db::Params params;
        const auto set = id_set(part.node, indexed_to, params);
        auto ids = set.select.empty() || found.are_few()
                       ? std::nullopt
                       : read_ids(transaction, set.select, found.ids, params);
        if (!ids || !set.is_exact) found.rest.children.push_back(std::move(part.node));
        if (ids) found.ids = std::move(ids);
    }
    return found;
}
}
