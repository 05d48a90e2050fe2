#include "core/store/read/search.hpp"

#include "core/base/text.hpp"
#include "core/store/read/candidates.hpp"
#include "core/store/read/search_syntax.hpp"
#include "core/store/read/word_search.hpp"
#include "core/store/sql.hpp"
#include "core/store/web/score.hpp"

#include <fmt/format.h>

namespace cti::store {
namespace {
using search::Node;
using search::Term;

std::string_view operator_of(search::Comparison comparison) {
    switch (comparison) {
    case search::Comparison::less: return "<";
    case search::Comparison::less_or_equal: return "<=";
    case search::Comparison::equal: return "=";
    case search::Comparison::greater_or_equal: return ">=";
    case search::Comparison::greater: return ">";
    }
    return "=";
}

class Builder {
public:
    // looks_into_each: there are so few articles that no index of indicators is asked.
    Builder(db::Transaction& transaction, const db::Schema& schema, std::string zone, WordSearch& word_search,
            bool looks_into_each, db::Params& params)
        : m_transaction(transaction), m_schema(schema), m_zone(std::move(zone)), m_word_search(word_search),
          m_looks_into_each(looks_into_each), m_params(params) {}

    SearchCondition build(const Candidates& candidates) {
        SearchCondition out;
        out.where = condition(candidates.rest);
        std::vector<std::string> checks;
        for (const auto& term : candidates.checks) checks.push_back(match(term));
        out.check = join(checks, " AND ");
        return out;
    }

private:
    std::string condition(const Node& node) {
        if (node.kind == Node::Kind::all && node.children.empty()) return "true";
        if (search::is_words(node) && !search::has_phrase(node)) return words(node);
        if (node.kind == Node::Kind::term) return term(node.term);
        if (node.kind == Node::Kind::none) return "NOT " + condition(node.children[0]);
        // Parts that are words alone are one question to the index.
        std::vector<std::string> parts;
        Node alone;
        alone.kind = node.kind;
        for (const auto& child : node.children)
            search::is_words(child) && !search::has_phrase(child) ? alone.children.push_back(child)
                                                                  : parts.push_back(condition(child));
        if (!alone.children.empty()) parts.insert(parts.begin(), words(alone));
        return '(' + join(parts, node.kind == Node::Kind::all ? " AND " : " OR ") + ')';
    }

    // In this form the planner keeps the ids in a table of hashes; it would join them as if they were few.
    std::string words(const Node& node) {
        const auto set = m_word_search.find(node);
        return fmt::format("(a.id IN (SELECT unnest({}::int[]))) {}", m_params.add(int_array(set.ids)),
                           set.is_all_but ? "IS NOT TRUE" : "IS TRUE");
    }

    // The index knows that the words are there; the text, that they stand one after the other, or in the
    // pattern.
    std::string match(const Term& term) {
        if (term.kind == Term::Kind::pattern)
            return fmt::format("(a.title ~* {0} OR a.content ~* {0})", m_params.add(regex_of(term.value)));
        const auto regex = m_params.add(phrase_regex(term));
        return term.in_title ? fmt::format("a.title ~ {}", regex)
                             : fmt::format("(a.title ~ {0} OR a.content ~ {0})", regex);
    }
    std::string match_with_words(const Term& term) {
        const auto is_pattern = term.kind == Term::Kind::pattern;
        if (is_pattern && term.words.empty()) return match(term);
        return fmt::format("({} AND {})", words(is_pattern ? words_of(term) : as_node(term)), match(term));
    }

    std::string term(const Term& term) {
        switch (term.kind) {
        case Term::Kind::words:
        case Term::Kind::pattern: return match_with_words(term);
        case Term::Kind::source: return source(term);
        case Term::Kind::tag: return fmt::format("cti.has_tag(a.tags::text, {})", m_params.add(term.value));
        case Term::Kind::indicator: return indicator(term);
        case Term::Kind::score:
            return fmt::format("coalesce({} {} {}::double precision, false)", score_of(m_schema),
                               operator_of(term.comparison), m_params.add(term.number));
        case Term::Kind::after: return published(">=", term.time);
        case Term::Kind::before: return published("<", term.time);
        case Term::Kind::analysis: return fmt::format("a.id IN ({})", select_with_analysis(term, m_params));
        }
        return "true";
    }

    // By their ids: the planner knows how many articles a source has, but not how many those of a subquery.
    std::string source(const Term& term) {
        db::Params named;
        const auto rows =
            run(m_transaction,
                fmt::format("SELECT s.id FROM public.sources s WHERE lower(s.identifier) LIKE lower({})",
                            named.add(like_of(term.value))),
                named);
        std::vector<int> ids;
        for (const auto& row : rows) ids.push_back(number<int>(row[0]));
        return fmt::format("a.source_id = ANY ({}::int[])", m_params.add(int_array(ids)));
    }

    std::string indicator(const Term& term) {
        if (!m_looks_into_each) return fmt::format("a.id IN ({})", select_with_indicator(term, m_params));
        return fmt::format(
            "EXISTS (SELECT 1 FROM cti.indicators i WHERE i.article_id = a.id AND {} OFFSET 0)",
            is_indicator(term, m_params));
    }

    static Node as_node(const Term& term) {
        Node node;
        node.term = term;
        return node;
    }

    std::string published(const char* comparison, Time time) {
        const auto moment = m_params.add(timestamp_text(time)) + "::timestamptz";
        return fmt::format(
            "a.published_at {} {}", comparison,
            as_column_time(m_schema.articles.columns.find("published_at")->second, moment, m_zone));
    }

    db::Transaction& m_transaction;
    const db::Schema& m_schema;
    std::string m_zone;
    WordSearch& m_word_search;
    bool m_looks_into_each;
    db::Params& m_params;
};

}

SearchCondition make_condition(db::Transaction& transaction, const search::Query& query,
                               const db::Schema& schema, const std::string& zone, db::Params& params) {
    WordSearch words(transaction, schema);
    auto candidates = find_candidates(transaction, query.root, words);
    auto out = Builder(transaction, schema, zone, words, candidates.are_few(), params).build(candidates);
    out.ids = std::move(candidates.ids);
    return out;
}
}
