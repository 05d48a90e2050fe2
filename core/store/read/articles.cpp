#include "core/store/read/articles.hpp"

#include "core/base/text.hpp"
#include "core/store/read/article_analyses.hpp"
#include "core/store/read/search.hpp"
#include "core/store/sql.hpp"
#include "core/store/web/score.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <future>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace cti::store {
namespace {

constexpr long k_portion_bytes = 4 << 20;
constexpr long k_max_portion_rows = 4000;

using Json = nlohmann::json;

// ["a", "b"] without a backslash, as nearly all lists are: false where it is anything else.
bool read_plain_list(std::string_view text, std::vector<std::string>& list) {
    if (text.size() < 2 || text.front() != '[' || text.find('\\') != text.npos) return false;
    std::size_t pos = 1;
    const auto skip_blanks = [&] {
        while (pos < text.size() && text[pos] == ' ') ++pos;
    };
    skip_blanks();
    if (pos + 1 == text.size() && text[pos] == ']') return true;
    for (; pos < text.size(); ++pos) {
        skip_blanks();
        const auto close = pos < text.size() && text[pos] == '"' ? text.find('"', pos + 1) : text.npos;
        if (close == text.npos) return false;
        list.emplace_back(text.substr(pos + 1, close - pos - 1));
        pos = close + 1;
        skip_blanks();
        if (pos + 1 == text.size() && text[pos] == ']') return true;
        if (pos >= text.size() || text[pos] != ',') return false;
    }
    return false;
}

// Tolerant: real rows hold null, a single string, or numbers between the strings.
void read_list(std::string_view text, std::vector<std::string>& list) {
    list.clear();
    if (read_plain_list(text, list)) return;
    list.clear();
    const auto json = Json::parse(text, nullptr, false);
    if (!json.is_array()) return;
    for (const auto& item : json)
        if (item.is_string()) list.push_back(item.get<std::string>());
}

// Into an article that was used before, whose memory is used again. An iterator over the fields is a field
// itself: one by its number would count references to the result up and down each time.
void read_article(const pqxx::row& row, StoredArticle& article) {
    auto field = row.begin();
    article.id = number<int>(field), ++field;
    article.source_id = number<int>(field), ++field;
    article.title.assign(view(field)), ++field;
    article.url.assign(view(field)), ++field;
    const auto published = maybe_time(field);
    article.discovered_at = maybe_time(++field).value_or(Time{});
    article.published_at = published.value_or(article.discovered_at);
    read_list(view(++field), article.authors);
    read_list(view(++field), article.tags);
    article.summary = maybe_text(++field);
    article.content.assign(view(++field));
    article.word_count = maybe_number<int>(++field);
    article.threat_hunting_score = read_score(view(++field));
    article.findings.clear();
    article.analyses.clear();
}

// All sources by id, also those that are not ours: articles may be theirs.
struct SourceNames {
    std::string identifier, name, url;
};
std::unordered_map<int, SourceNames> read_source_names(db::Transaction& transaction) {
    std::unordered_map<int, SourceNames> names;
    for (const auto& row :
         run(transaction, "SELECT id, identifier, name, url FROM public.sources ORDER BY id"))
        names.emplace(number<int>(row[0]), SourceNames{text(row[1]), text(row[2]), text(row[3])});
    return names;
}

// Few are fetched by their ids and then put in order. Where there are many and only the first of them are
// wanted, articles are looked at in that order until there are enough: IS TRUE keeps the ids a table of
// hashes that each row is looked up in.
std::string is_candidate(const std::vector<int>& ids, const Selection& selection, db::Params& params) {
    constexpr std::size_t k_max_fetched = 5000;
    const auto array = params.add(int_array(ids));
    if (ids.size() <= k_max_fetched) return fmt::format("a.id = ANY ({}::int[])", array);
    const bool by_time = selection.order == Order::newest || selection.order == Order::oldest;
    const auto is_one = fmt::format("a.id IN (SELECT unnest({}::int[]))", array);
    return selection.limit && by_time ? fmt::format("({}) IS TRUE", is_one) : is_one;
}

// What the selection asks of the row `a`.
SearchCondition conditions(db::Transaction& transaction, const db::Schema& schema, const Selection& selection,
                           const std::string& zone, db::Params& params) {
    SearchCondition out;
    if (selection.query != nullptr) out = make_condition(transaction, *selection.query, schema, zone, params);
    std::vector<std::string> where{schema.articles.has("archived") ? "a.archived IS NOT TRUE" : "true"};
    if (!out.where.empty()) where.push_back(out.where);
    if (out.ids) where.push_back(is_candidate(*out.ids, selection, params));
    // Within coalesce() the planner takes it to hold for every second article, and goes by date until there
    // are enough; a regular expression it believes to hold for none, and would ask all.
    if (!out.check.empty()) where.push_back(fmt::format("coalesce({}, false)", out.check));
    const std::string column = selection.by_discovered ? "discovered_at" : "published_at";
    const auto bound = [&](const char* comparison, Time time) {
        const auto moment = params.add(timestamp_text(time)) + "::timestamptz";
        const auto& type = schema.articles.columns.find(column)->second;
        where.push_back(fmt::format("a.{} {} {}", column, comparison, as_column_time(type, moment, zone)));
    };
    if (selection.since) bound(">=", *selection.since);
    if (selection.until) bound("<", *selection.until);
    const auto one_of = [&](const char* name, const std::vector<int>& ids) {
        where.push_back(fmt::format("a.{} = ANY ({}::int[])", name, params.add(int_array(ids))));
    };
    if (!selection.source_ids.empty()) one_of("source_id", selection.source_ids);
    if (selection.ids) one_of("id", *selection.ids);
    if (selection.behind)
        where.push_back(fmt::format("a.id > {}::int AND a.id <> ALL ({}::int[])",
                                    params.add(selection.behind->last_id),
                                    params.add(int_array(selection.behind->beyond))));
    if (!selection.unread_by.empty())
        where.push_back(fmt::format(
            "NOT EXISTS (SELECT 1 FROM cti.read_marks r WHERE r.article_id = a.id AND r.reader = {})",
            params.add(selection.unread_by)));
    if (selection.min_score)
        where.push_back(fmt::format("coalesce({}, 0) >= {}::double precision", score_of(schema),
                                    params.add(*selection.min_score)));
    std::vector<std::string> tags;
    for (const auto& tag : selection.tags)
        tags.push_back(fmt::format("cti.has_tag(a.tags::text, {})", params.add(tag)));
    if (!tags.empty()) where.push_back('(' + join(tags, " OR ") + ')');
    out.where = join(where, " AND ");
    return out;
}

// Without "NULLS LAST" where there are none: the index on the column is of use only then.
std::string order_by(const db::Schema& schema, Order order) {
    const bool nullable = schema.articles.columns.find("published_at")->second.nullable;
    switch (order) {
    case Order::newest: return fmt::format("a.published_at DESC{}, a.id DESC", nullable ? " NULLS LAST" : "");
    case Order::oldest: return fmt::format("a.published_at{}, a.id", nullable ? " NULLS FIRST" : "");
    case Order::best:
        return fmt::format("{} DESC NULLS LAST, a.published_at DESC{}, a.id DESC", score_of(schema),
                           nullable ? " NULLS LAST" : "");
    case Order::score: return score_of(schema) + " DESC NULLS LAST, a.id DESC";
    }
    return "a.id";
}

void declare_cursor(db::Transaction& transaction, const db::Schema& schema, const Selection& selection,
                    const Detail& detail) {
    const auto& table = schema.articles;
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto condition = conditions(transaction, schema, selection, zone, params);
    // It stands in for a published_at that is none.
    auto discovered_at = read_time(schema, table, "discovered_at", zone);
    if (!detail.discovered_at)
        discovered_at = fmt::format("CASE WHEN isfinite(published_at) THEN NULL ELSE {} END", discovered_at);
    // What is looked at here is not counted by the server's LIMIT.
    const auto limit = selection.limit && !selection.accept
                           ? fmt::format("LIMIT {}::bigint", params.add(*selection.limit))
                           : "";
    run(transaction,
        fmt::format(R"sql(
        DECLARE cti_articles NO SCROLL CURSOR FOR
        SELECT a.id, a.source_id, a.title, a.canonical_url, {}, {}, a.authors, a.tags, {}, {}, {}, {}
        FROM public.articles a
        WHERE {}
        ORDER BY {}
        {})sql",
                    read_time(schema, table, "published_at", zone), discovered_at,
                    read_column(table, "summary"), detail.content ? "a.content" : "NULL::text",
                    read_column(table, "word_count"), detail.score ? "a.article_metadata" : "NULL::text",
                    condition.where, order_by(schema, selection.order), limit),
        params);
}

// So many rows that the next portion is near k_portion_bytes, if its rows are like the largest of this one.
// At most twice as many as before, as a few short rows say little about those to come. Only the columns that
// may be long are asked for their size.
long next_portion(const pqxx::result& rows, const Detail& detail, long portion) {
    constexpr int summary = 8, content = 9, metadata = 11;
    long largest = k_portion_bytes / k_max_portion_rows;
    const long share = detail.analyses ? 40 : detail.findings ? 8 : 1; // what is read beside the rows
    const long most = k_max_portion_rows / share;
    if (!detail.content && !detail.score) return std::min(portion * 2, most); // all are short
    for (pqxx::result::size_type i = 0; i < rows.size(); ++i) {
        const auto row = rows[i];
        largest = std::max(
            largest, static_cast<long>(row[summary].size() + row[content].size() + row[metadata].size()));
    }
    return std::clamp(k_portion_bytes / largest, 1L,
                      detail.analyses ? std::min(portion * 2, most) : portion * 2);
}

// The findings of some articles, by article.
using FindingsById = std::unordered_map<int, std::vector<Finding>>;

FindingsById read_findings(db::Transaction& transaction, const Detail& detail, const std::vector<int>& ids) {
    db::Params params;
    const auto articles = params.add(int_array(ids));
    std::string where;
    if (!detail.types.empty()) {
        db::TextArray types;
        for (const auto type : detail.types) types.add(name_of(type));
        where += fmt::format(" AND i.type = ANY ({}::text[])", params.add(types.finish()));
    }
    if (!detail.marked && detail.system_files)
        where += " AND i.verdict IN ('', 'system_file')";
    else if (!detail.marked)
        where += " AND i.verdict = ''";
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        SELECT i.article_id, i.type, i.value, i.original, i.sentence, i.verdict, i.reading, i.start_offset, i.end_offset,
               i.in_title, i.count
        FROM cti.indicators i
        WHERE i.article_id = ANY ({}::int[]){}
        ORDER BY i.article_id, i.position)sql",
                                      articles, where),
                          params);
    FindingsById found;
    for (const auto& row : rows)
        found[number<int>(row[0])].push_back(
            {Named<IndicatorType>(text(row[1])), text(row[2]), text(row[3]), text(row[4]),
             Named<IndicatorVerdict>(text(row[5])), Named<IndicatorReading>(text(row[6])),
             number<std::size_t>(row[7]), number<std::size_t>(row[8]), flag(row[9]), number<int>(row[10])});
    return found;
}

struct Portion {
    pqxx::result articles;
    FindingsById findings;
    AnalysesById analyses;
};

Portion fetch_portion(db::Transaction& transaction, const Detail& detail, long size) {
    Portion portion{run(transaction, fmt::format("FETCH {} FROM cti_articles", size)), {}, {}};
    if ((!detail.findings && !detail.analyses) || portion.articles.empty()) return portion;
    std::vector<int> ids;
    for (const auto& row : portion.articles) ids.push_back(number<int>(row[0]));
    if (detail.findings) portion.findings = read_findings(transaction, detail, ids);
    if (detail.analyses) portion.analyses = read_analyses(transaction, ids);
    return portion;
}
}

namespace {
void name_source(const std::unordered_map<int, SourceNames>& sources, StoredArticle& article) {
    const auto found = sources.find(article.source_id);
    static const SourceNames none;
    const auto& [identifier, name, url] = found == sources.end() ? none : found->second;
    article.source = identifier, article.source_name = name, article.source_url = url;
}
}

std::vector<int> find_article_ids(db::Transaction& transaction, const db::Schema& schema,
                                  const Selection& selection) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto condition = conditions(transaction, schema, selection, zone, params);
    // The zone is a parameter that not each condition refers to, and needs a type all the same.
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        SELECT a.id
        FROM public.articles a
        WHERE {} AND {}::text IS NOT NULL
        ORDER BY {}
        LIMIT {}::bigint)sql",
                                      condition.where, zone, order_by(schema, selection.order),
                                      params.add(selection.limit.value())),
                          params);
    std::vector<int> ids;
    for (const auto& row : rows) ids.push_back(number<int>(row[0]));
    return ids;
}

long for_each_article(db::Transaction& transaction, const db::Schema& schema, const Selection& selection,
                      const Detail& wanted, const std::function<void(const StoredArticle&)>& use) {
    const auto sources = read_source_names(transaction);
    auto detail = wanted;
    // Most databases have none: nothing is asked for each portion then.
    detail.analyses = wanted.analyses && has_analyses(transaction);
    declare_cursor(transaction, schema, selection, detail);
    const long limit = selection.limit.value_or(-1);
    long count = 0, size = 8;
    // The server makes the next portion while this one is used. A future of async() waits for its thread when
    // it goes, so that nobody else uses the transaction, also when `use` throws.
    const auto fetch = [&] {
        return std::async(std::launch::async,
                          [&transaction, &detail, size] { return fetch_portion(transaction, detail, size); });
    };
    auto coming = fetch();
    StoredArticle article;
    while (count != limit) {
        const auto portion = coming.get();
        if (portion.articles.empty()) break;
        size = next_portion(portion.articles, detail, size);
        coming = fetch();
        for (pqxx::result::size_type i = 0; i < portion.articles.size() && count != limit; ++i) {
            read_article(portion.articles[i], article);
            if (selection.accept && !selection.accept(article)) continue;
            name_source(sources, article);
            if (const auto found = portion.findings.find(article.id); found != portion.findings.end())
                article.findings = found->second;
            if (const auto found = portion.analyses.find(article.id); found != portion.analyses.end())
                article.analyses = found->second;
            use(article);
            ++count;
        }
    }
    if (coming.valid()) coming.wait();
    run(transaction, "CLOSE cti_articles");
    return count;
}
}
