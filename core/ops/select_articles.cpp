#include "core/ops/select_articles.hpp"

#include "core/base/text.hpp"
#include "core/export/ascii_names.hpp"
#include "core/intel/python_text.hpp"
#include "core/intel/refang.hpp"
#include "core/io/read_input.hpp"
#include "core/model/indicator.hpp"
#include "core/ops/sources/named_sources.hpp"
#include "core/store/read/word_search.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace cti::ops {
namespace {
Time parse_time_option(const std::string& name, const std::string& text, Time now) {
    if (const auto time = parse_time_argument(text, now)) return *time;
    throw Error{ExitCode::usage, fmt::format("{}: '{}' is no time", name, printable(text)),
                "Write 7d, 12h, 2026-11-01 or 2026-11-01T08:00:00Z."};
}

// As the extractor writes it: refanged, the name of a host in punycode.
std::string as_stored(std::string_view written, const std::vector<IndicatorType>& types) {
    auto value = intel::refang(written);
    const bool may_be_host = types.empty() || std::ranges::find(types, IndicatorType::domain) != types.end();
    if (!may_be_host) return value;
    const auto lower = intel::python_lower(value);
    auto host = exporter::ascii_host(lower);
    return host == lower ? value : host; // What is ASCII, or no name of a host, stays as it is.
}

search::Language language(Time now) { return {.now = now, .as_stored = as_stored}; }

void choose_query(const SelectionOptions& options, Time now, SelectedArticles& selected) {
    if (options.web_compat) {
        const auto query = std::make_shared<search::WebQuery>(options.query);
        selected.selection.accept = [query](const StoredArticle& article) {
            return query->matches(article.title, article.content);
        };
        for (const auto& term : query->terms())
            if (!term.is_wildcard && term.op != search::WebQuery::Term::Operator::none)
                selected.shown.push_back(search::split_words(term.text));
        return;
    }
    try {
        selected.query = search::parse_query(options.query, language(now));
    } catch (const search::SyntaxError& error) {
        throw Error{ExitCode::usage,
                    fmt::format("cannot read the query: {} (at character {} of '{}')", error.message,
                                error.position, printable(options.query)),
                    "'cti search --help' shows what a query may hold."};
    }
    selected.selection.query = &*selected.query;
    selected.shown = selected.query->shown;
}

// "280" and "280,281" are ids; a file of such a name is "./280".
bool is_list_of_ids(std::string_view text) {
    return is_ascii_digit(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_ascii_digit(c) || c == ',' || c == ' '; });
}

std::vector<int> read_ids(const std::string& given, const std::function<bool()>& is_stopped) {
    std::vector<int> ids;
    const bool is_list = is_list_of_ids(given);
    const auto lines = is_list ? given : io::read_input(given, is_stopped);
    for (const auto line : split(lines, is_list ? ',' : '\n')) {
        const auto text = trim(line);
        if (text.empty()) continue;
        int id = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
        if (error != std::errc() || end != text.data() + text.size())
            throw Error{
                ExitCode::usage, fmt::format("--ids: '{}' is no id of an article", printable(text)),
                "Write one number a line, as 'cti search --format ids' does, or numbers with commas between them."};
        ids.push_back(id);
    }
    return ids;
}

// The sources that a query names without wildcards.
void add_named_sources(const search::Node& node, std::vector<std::string>& names) {
    if (node.kind == search::Node::Kind::term && node.term.kind == search::Term::Kind::source &&
        !search::has_wildcard(node.term.value))
        names.push_back(node.term.value);
    for (const auto& child : node.children) add_named_sources(child, names);
}
}

std::unique_ptr<SelectedArticles> select_articles(const SelectionOptions& options, Time now,
                                                  const std::function<bool()>& is_stopped) {
    auto selected = std::make_unique<SelectedArticles>();
    auto& selection = selected->selection;
    if (options.days) selection.since = now - std::chrono::days{*options.days};
    if (!options.since.empty()) selection.since = parse_time_option("--since", options.since, now);
    if (!options.until.empty()) selection.until = parse_time_option("--until", options.until, now);
    selection.by_discovered = options.by_discovered;
    selection.order = options.order;
    selection.tags = options.tags;
    selection.min_score = options.min_score;
    selection.limit = options.limit;
    if (!options.ids.empty()) selection.ids = read_ids(options.ids, is_stopped);
    if (!options.query.empty() || options.web_compat) choose_query(options, now, *selected);
    return selected;
}

void select_sources(db::Transaction& tx, const db::Schema& schema, const SelectionOptions& options,
                    SelectedArticles& selected) {
    std::vector<std::string> named;
    if (selected.query) add_named_sources(selected.query->root, named);
    if (options.sources.empty() && named.empty()) return;
    const auto all = store::list_sources(tx, schema);
    std::vector<std::string> identifiers;
    for (const auto& source : all) identifiers.push_back(source.identifier);
    for (const auto& wanted : named)
        if (std::ranges::none_of(identifiers, [&](const auto& known) { return iequals(known, wanted); }))
            throw unknown_source(wanted, identifiers);
    for (const auto& wanted : options.sources) {
        const auto it = std::ranges::find(all, wanted, &Source::identifier);
        if (it == all.end()) throw unknown_source(wanted, identifiers);
        selected.selection.source_ids.push_back(it->id);
    }
}

void warn_of_unindexed(const Environment& environment, db::Transaction& tx, const db::Schema& schema,
                       const SelectedArticles& selected) {
    constexpr long slow = 1000;
    if (!selected.query || store::count_unindexed(tx, schema, slow) < slow) return;
    environment.warn(
        fmt::format("{} articles or more are not in the search index yet, and are read one by one", slow),
        "Run 'cti intel backfill' once; 'cti collect' keeps the index up from then on.");
}

std::vector<std::string> indicator_type_names() {
    return {k_names<IndicatorType>.begin(), k_names<IndicatorType>.end()};
}
}
