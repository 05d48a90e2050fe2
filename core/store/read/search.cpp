#include "core/store/read/search.hpp"

#include "core/base/text.hpp"
#include "core/store/read/search_syntax.hpp"
#include "core/store/sql.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cti::store {
namespace {
using search::Node;
using search::Term;

constexpr int k_max_subtechnique = 99; // ATT&CK's T1546 has the most: 17 in version 16

constexpr const char* k_query = "to_tsquery('pg_catalog.simple', {})";

bool is_words(const Node& node) {
    if (node.kind == Node::Kind::term) return node.term.kind == Term::Kind::words;
    return std::ranges::all_of(node.children, is_words);
}

template <class Names>
std::string text_array(const Names& names) {
    db::TextArray array;
    for (const auto& name : names) array.add(name);
    return array.finish();
}

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
    Builder(const db::Schema& schema, std::string zone, long indexed_to, db::Params& params)
        : m_schema(schema), m_zone(std::move(zone)), m_indexed_to(indexed_to), m_params(params) {}

    SearchCondition build(const Node& root) {
        m_out.where = condition(root);
        return std::move(m_out);
    }

private:
    std::string condition(const Node& node) {
        if (is_words(node)) return words(tsquery_of(node));
        if (node.kind == Node::Kind::term) return term(node.term);
        if (node.kind == Node::Kind::none) return "NOT " + condition(node.children[0]);
        // Parts that are words alone are one question to the index.
        std::vector<std::string> parts, tsqueries;
        for (const auto& child : node.children)
            is_words(child) ? tsqueries.push_back(tsquery_of(child)) : parts.push_back(condition(child));
        const bool all = node.kind == Node::Kind::all;
        if (!tsqueries.empty()) parts.insert(parts.begin(), words(join(tsqueries, all ? " & " : " | ")));
        return '(' + join(parts, all ? " AND " : " OR ") + ')';
    }

    std::string words(const std::string& tsquery) {
        const auto query = fmt::format(fmt::runtime(k_query), m_params.add(tsquery));
        const auto name = fmt::format("found_{}", m_out.with.size() + 1);
        // OFFSET 0: only the articles that are not in the index are read, which takes a millisecond each.
        m_out.with.push_back(fmt::format(R"sql({0} AS (
            SELECT w.article_id AS id
            FROM cti.article_words w
            WHERE w.words @@ {1}
            UNION ALL
            SELECT u.id
            FROM (SELECT n.id, n.title, n.content
                  FROM public.articles n
                  WHERE n.id > {2} AND NOT EXISTS (SELECT 1 FROM cti.article_words w WHERE w.article_id = n.id)
                  OFFSET 0) AS u
            WHERE cti.search_words(u.title, u.content) @@ {1}
        ))sql",
                                         name, query, m_indexed_to));
        return fmt::format("a.id IN (SELECT id FROM {})", name);
    }

    std::string term(const Term& term) {
        switch (term.kind) {
        case Term::Kind::words: return words(tsquery_of(term));
        case Term::Kind::pattern: return pattern(term);
        case Term::Kind::source:
            return fmt::format(
                "a.source_id IN (SELECT s.id FROM public.sources s WHERE lower(s.identifier) LIKE lower({}))",
                m_params.add(like_of(term.value)));
        case Term::Kind::tag: return fmt::format("cti.has_tag(a.tags::text, {})", m_params.add(term.value));
        case Term::Kind::indicator: return indicator(term);
        case Term::Kind::score:
            return fmt::format(
                "coalesce(cti.score_of(a.article_metadata::text) {} {}::double precision, false)",
                operator_of(term.comparison), m_params.add(term.number));
        case Term::Kind::after: return published(">=", term.time);
        case Term::Kind::before: return published("<", term.time);
        }
        return "true";
    }

    std::string pattern(const Term& term) {
        const auto regex = m_params.add(regex_of(term.value));
        const auto match = fmt::format("(a.title ~* {0} OR a.content ~* {0})", regex);
        return term.words.empty() ? match : fmt::format("({} AND {})", words(tsquery_of(term)), match);
    }

    std::string indicator(const Term& term) {
        const auto which = search::has_wildcard(term.value)
                               ? fmt::format("i.value ILIKE {}", m_params.add(like_of(term.value)))
                               : fmt::format("i.value = ANY ({}::text[])", m_params.add(forms_of(term)));
        std::vector<std::string_view> names;
        for (const auto type : term.types) names.push_back(name_of(type));
        const auto types =
            names.empty() ? std::string()
                          : fmt::format(" AND i.type = ANY ({}::text[])", m_params.add(text_array(names)));
        return fmt::format("a.id IN (SELECT i.article_id FROM cti.indicators i WHERE {}{})", which, types);
    }
    // Values are kept in the case of their type: hosts and hashes are small, identifiers are capitals.
    static std::string forms_of(const Term& term) {
        auto upper = term.value;
        std::ranges::transform(upper, upper.begin(),
                               [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
        std::vector<std::string> forms{term.value, ascii_lower(term.value), upper};
        if (is_whole_technique(term))
            for (int number = 1; number <= k_max_subtechnique; ++number)
                forms.push_back(fmt::format("{}.{:03}", upper, number));
        return text_array(forms);
    }
    // A technique is meant with its parts. They are listed, as only equality finds them by the index,
    // whatever the database's collation.
    static bool is_whole_technique(const Term& term) {
        constexpr std::size_t size = 5; // of "T1059"
        return term.types == std::vector{IndicatorType::attack_technique} && term.value.size() == size;
    }

    std::string published(const char* comparison, Time time) {
        const auto moment = m_params.add(timestamp_text(time)) + "::timestamptz";
        return fmt::format(
            "a.published_at {} {}", comparison,
            as_column_time(m_schema.articles.columns.find("published_at")->second, moment, m_zone));
    }

    const db::Schema& m_schema;
    std::string m_zone;
    long m_indexed_to;
    db::Params& m_params;
    SearchCondition m_out;
};

}

SearchCondition make_condition(const search::Query& query, const db::Schema& schema, const std::string& zone,
                               long indexed_to, db::Params& params) {
    return Builder(schema, zone, indexed_to, params).build(query.root);
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
