#include "core/store/read/search.hpp"

#include "core/base/text.hpp"
#include "core/store/read/candidates.hpp"
#include "core/store/read/search_syntax.hpp"
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
    // looks_into_each: there are so few articles that no index is asked.
    Builder(db::Transaction& transaction, const db::Schema& schema, std::string zone, long indexed_to,
            bool looks_into_each, db::Params& params)
        : m_transaction(transaction), m_schema(schema), m_zone(std::move(zone)), m_indexed_to(indexed_to),
          m_looks_into_each(looks_into_each), m_params(params) {}

    SearchCondition build(const Node& root) {
        m_out.where = condition(root);
        return std::move(m_out);
    }

private:
    std::string condition(const Node& node) {
        if (node.kind == Node::Kind::all && node.children.empty()) return "true";
        if (is_words(node)) return words(node);
        if (node.kind == Node::Kind::term) return term(node.term);
        if (node.kind == Node::Kind::none) return "NOT " + condition(node.children[0]);
        // Parts that are words alone are one question to the index.
        std::vector<std::string> parts;
        Node alone;
        alone.kind = node.kind;
        for (const auto& child : node.children)
            is_words(child) ? alone.children.push_back(child) : parts.push_back(condition(child));
        if (!alone.children.empty()) parts.insert(parts.begin(), words(alone));
        return '(' + join(parts, node.kind == Node::Kind::all ? " AND " : " OR ") + ')';
    }

    std::string words(const Node& node) {
        if (m_looks_into_each) return words_of_each(node);
        const auto name = fmt::format("found_{}", m_out.with.size() + 1);
        m_out.with.push_back(
            fmt::format("{} AS ({})", name, select_with_words(node, m_indexed_to, m_params)));
        return fmt::format("a.id IN (SELECT id FROM {})", name);
    }
    std::string words_of_each(const Node& node) {
        const auto query = fmt::format("to_tsquery('pg_catalog.simple', {})", m_params.add(tsquery_of(node)));
        return fmt::format(
            "coalesce((SELECT w.words @@ {0} FROM cti.article_words w WHERE w.article_id = a.id), "
            "CASE WHEN a.id > {1} THEN cti.search_words(a.title, a.content) @@ {0} END, false)",
            query, m_indexed_to);
    }

    std::string term(const Term& term) {
        switch (term.kind) {
        case Term::Kind::words: return words(as_node(term));
        case Term::Kind::pattern: return pattern(term);
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

    std::string pattern(const Term& term) {
        const auto regex = m_params.add(regex_of(term.value));
        const auto match = fmt::format("(a.title ~* {0} OR a.content ~* {0})", regex);
        return term.words.empty() ? match : fmt::format("({} AND {})", words(as_node(term)), match);
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
    long m_indexed_to;
    bool m_looks_into_each;
    db::Params& m_params;
    SearchCondition m_out;
};

}

SearchCondition make_condition(db::Transaction& transaction, const search::Query& query,
                               const db::Schema& schema, const std::string& zone, db::Params& params) {
    const auto indexed_to = read_indexed_to(transaction);
    auto candidates = find_candidates(transaction, query.root, indexed_to);
    auto out =
        Builder(transaction, schema, zone, indexed_to, candidates.are_few(), params).build(candidates.rest);
    out.ids = std::move(candidates.ids);
    return out;
}

// Of whichever version: the words of an older one are looked up too until they are made again.
long read_indexed_to(db::Transaction& transaction) {
    const auto rows = run(transaction, "SELECT done_to FROM cti.progress WHERE task = 'words'");
    return rows.empty() ? 0 : number<long>(rows[0][0]);
}

long count_unindexed(db::Transaction& transaction, long max) {
    const auto from = read_indexed_to(transaction);
    return number<long>(run(transaction, fmt::format(R"sql(
        SELECT count(*)
        FROM (SELECT 1
              FROM public.articles a
              WHERE a.id > {} AND NOT EXISTS (SELECT 1 FROM cti.article_words w WHERE w.article_id = a.id)
              LIMIT {}) AS unindexed)sql",
                                                     from, max))[0][0]);
}
}
