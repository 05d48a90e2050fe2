#include "core/store/read/search.hpp"

#include "core/base/text.hpp"
#include "core/store/own/marks.hpp"
#include "core/store/read/search_syntax.hpp"
#include "core/store/sql.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cti::store {
namespace {
using search::Node;
using search::Term;

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
        const auto which =
            search::has_wildcard(term.value)
                ? fmt::format("i.value ILIKE {}", m_params.add(like_of(term.value)))
                : fmt::format("i.value = ANY ({}::text[])", m_params.add(forms_of(term.value)));
        std::vector<std::string_view> names;
        for (const auto type : term.types) names.push_back(name_of(type));
        const auto types =
            names.empty() ? std::string()
                          : fmt::format(" AND i.type = ANY ({}::text[])", m_params.add(text_array(names)));
        return fmt::format("a.id IN (SELECT i.article_id FROM cti.indicators i WHERE {}{})", which, types);
    }
    // Values are kept in the case of their type: hosts and hashes are small, identifiers are capitals.
    static std::string forms_of(const std::string& value) {
        auto upper = value;
        std::ranges::transform(upper, upper.begin(),
                               [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
        return text_array(std::array{value, ascii_lower(value), upper});
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

constexpr const char* k_setting = "words_indexed_to";
}

SearchCondition make_condition(const search::Query& query, const db::Schema& schema, const std::string& zone,
                               long indexed_to, db::Params& params) {
    return Builder(schema, zone, indexed_to, params).build(query.root);
}

long read_indexed_to(db::Transaction& transaction) { return read_mark(transaction, k_setting); }

long count_unindexed(db::Transaction& transaction, long most) {
    const auto from = read_indexed_to(transaction);
    return number<long>(run(transaction, fmt::format(R"sql(
        SELECT count(*)
        FROM (SELECT 1
              FROM public.articles a
              WHERE a.id > {} AND NOT EXISTS (SELECT 1 FROM cti.article_words w WHERE w.article_id = a.id)
              LIMIT {}) AS unindexed)sql",
                                                     from, most))[0][0]);
}

namespace {
const char* hash_column(const db::Schema& schema) {
    return schema.articles.has("content_hash") ? "a.content_hash" : "NULL::text";
}

// Articles by rising id, as every other process does it.
std::string insert_words(const db::Schema& schema, std::string_view which) {
    return fmt::format(R"sql(
            INSERT INTO cti.article_words (article_id, hash, words)
            SELECT DISTINCT ON (a.id) a.id, {}, cti.search_words(a.title, a.content)
            FROM public.articles a
            WHERE a.id {}
            ORDER BY a.id
            ON CONFLICT (article_id) DO UPDATE SET hash = excluded.hash, words = excluded.words)sql",
                       hash_column(schema), which);
}
}

void index_words_of(db::Transaction& transaction, const db::Schema& schema, const std::vector<int>& ids) {
    db::Params params;
    const auto which = fmt::format(R"sql(= ANY ({}::int[])
              AND NOT EXISTS (SELECT 1 FROM cti.article_words w WHERE w.article_id = a.id AND w.hash IS NOT DISTINCT FROM {}))sql",
                                   params.add(int_array(ids)), hash_column(schema));
    run(transaction, insert_words(schema, which), params);
}

void replace_words(db::Transaction& transaction, const db::Schema& schema,
                   const std::vector<NewWords>& articles) {
    if (articles.empty()) return;
    std::vector<int> unread;
    db::TextArray ids, titles, contents;
    std::size_t bytes = 0;
    for (const auto& [id, article] : articles)
        if (article->words) bytes += article->words->content.size() + 4;
    contents.reserve(bytes);
    for (const auto& [id, article] : articles) {
        if (!article->words) {
            unread.push_back(id);
            continue;
        }
        ids.add(std::to_string(id));
        titles.add(article->words->title);
        contents.add(article->words->content);
    }
    if (!unread.empty()) {
        db::Params params;
        run(transaction,
            fmt::format("DELETE FROM cti.article_words WHERE article_id = ANY ({}::int[])",
                        params.add(int_array(unread))),
            params);
    }
    if (unread.size() == articles.size()) return;
    db::Params params;
    const auto id = params.add(ids.finish()), title = params.add(titles.finish()),
               content = params.add(contents.finish());
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.article_words (article_id, hash, words)
        SELECT a.id, {}, n.title::tsvector || n.content::tsvector
        FROM unnest({}::int[], {}::text[], {}::text[]) AS n (id, title, content)
        JOIN public.articles a ON a.id = n.id
        ORDER BY a.id
        ON CONFLICT (article_id) DO UPDATE SET hash = excluded.hash, words = excluded.words)sql",
                    hash_column(schema), id, title, content),
        params);
}

long index_words(db::Transaction& transaction, const db::Schema& schema, int most, int& from) {
    constexpr long k_most_bytes = 8 << 20;
    db::Params params;
    const auto after = params.add(from), limit = params.add(most);
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        WITH next AS (
            SELECT a.id, octet_length(a.content) AS bytes
            FROM public.articles a
            LEFT JOIN cti.article_words w ON w.article_id = a.id
            WHERE a.id > {0}::int AND (w.article_id IS NULL OR w.hash IS DISTINCT FROM {2})
            ORDER BY a.id
            LIMIT {1}::int
        ), fitting AS (
            SELECT n.id
            FROM (SELECT id, sum(bytes) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) - bytes AS bytes_before FROM next) AS n
            WHERE n.bytes_before < {3}
        ), kept AS ({4}
        )
        SELECT count(DISTINCT f.id), max(f.id)
        FROM fitting f)sql",
                                      after, limit, hash_column(schema), k_most_bytes,
                                      insert_words(schema, "IN (SELECT f.id FROM fitting f)")),
                          params);
    from = number<int>(rows[0][1], from);
    return number<long>(rows[0][0]);
}

void note_indexed(db::Transaction& transaction, const db::Schema& schema) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto& discovered = schema.articles.columns.find("discovered_at")->second;
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.settings (key, value)
        SELECT '{}', a.id::text
        FROM public.articles a
        WHERE a.discovered_at < {}
        ORDER BY a.id DESC
        LIMIT 1
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now()
        WHERE cti.settings.value::bigint < excluded.value::bigint)sql",
                    k_setting, as_column_time(discovered, "now() - interval '1 hour'", zone)),
        params);
}

void forget_words(db::Transaction& transaction) {
    run(transaction, fmt::format("DELETE FROM cti.settings WHERE key = '{}'", k_setting));
    run(transaction, "UPDATE cti.article_words SET hash = NULL WHERE hash IS NOT NULL");
}
}
