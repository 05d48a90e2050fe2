#include "core/ops/list_articles.hpp"

#include "core/store/own/read_marks.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace cti::ops {
namespace {

constexpr std::size_t k_portion = 2000; // articles of two statements
constexpr long k_max_page = 5000;       // ids that one answer may have

struct SelectedIds {
    std::vector<int> ids;
    bool has_more = false; // than the limit
};

// Which they are, before anything else of them is read: a cursor lets no other statement in between.
SelectedIds select_ids(const Environment& environment, db::Transaction& tx, const db::Schema& schema,
                       const ListOptions& options) {
    const auto selected =
        select_articles(options.selection, environment.now(), [&] { return environment.is_stopped(); });
    const auto limit = options.selection.limit;
    auto& selection = selected->selection;
    if (limit) selection.limit = *limit + 1; // One more tells whether there are more.
    if (options.only_unread) selection.unread_by = options.reader;
    select_sources(tx, schema, options.selection, *selected);
    warn_of_unindexed(environment, tx, schema, *selected);
    const store::Detail detail{.content = selection.accept != nullptr,
                               .findings = false,
                               .score = false,
                               .types = {},
                               .marked = false,
                               .discovered_at = false};
    SelectedIds found;
    if (limit && *limit <= k_max_page && !selection.accept)
        found.ids = store::find_article_ids(tx, schema, selection);
    else
        store::for_each_article(tx, schema, selection, detail,
                                [&](const StoredArticle& article) { found.ids.push_back(article.id); });
    found.has_more = limit && found.ids.size() > static_cast<std::size_t>(*limit);
    if (found.has_more) found.ids.pop_back();
    return found;
}

std::vector<ListedArticle> read_portion(db::Transaction& tx, const db::Schema& schema,
                                        const ListOptions& options, std::vector<int> ids) {
    store::Selection selection;
    selection.order = options.selection.order;
    selection.ids = std::move(ids);
    auto counts =
        store::count_indicators(tx, options.counts_indicators ? *selection.ids : std::vector<int>());
    std::unordered_map<int, Time> read;
    if (!options.reader.empty()) read = store::find_read(tx, options.reader, *selection.ids);
    const store::Detail detail{.content = false,
                               .findings = false,
                               .score = true,
                               .types = {},
                               .marked = false,
                               .discovered_at = true};
    std::vector<ListedArticle> portion;
    store::for_each_article(tx, schema, selection, detail, [&](const StoredArticle& article) {
        const auto mark = read.find(article.id);
        portion.push_back({article, std::move(counts[article.id]),
                           mark == read.end() ? std::nullopt : std::optional(mark->second)});
    });
    return portion;
}
}

bool list_articles(const Environment& environment, const ListOptions& options,
                   const std::function<void(const ListedArticle&)>& use) {
    auto database = environment.connect();
    db::Transaction tx(database, db::Access::read_only);
    const auto schema = db::read_schema(tx);
    const auto [ids, has_more] = select_ids(environment, tx, schema, options);
    for (std::span<const int> rest(ids); !rest.empty() && !environment.is_stopped();) {
        const auto head = rest.first(std::min(rest.size(), k_portion));
        for (const auto& article : read_portion(tx, schema, options, {head.begin(), head.end()}))
            use(article);
        rest = rest.subspan(head.size());
    }
    return has_more;
}

std::optional<NextArticle> find_next(const Environment& environment, const ListOptions& given) {
    auto options = given;
    options.only_unread = true;
    options.selection.order = store::Order::best;
    const auto limit = options.selection.limit.value_or(k_max_unread);
    options.selection.limit = std::min(limit, k_max_unread) + 1;
    auto database = environment.connect();
    db::Transaction tx(database, db::Access::read_only);
    const auto schema = db::read_schema(tx);
    const auto ids = select_ids(environment, tx, schema, options).ids;
    if (ids.empty()) return std::nullopt;
    return NextArticle{get_whole_article(tx, schema, ids.front()), static_cast<long>(ids.size()) - 1};
}

long mark_articles(const Environment& environment, const std::string& reader, const std::vector<int>& ids,
                   ReadMark mark) {
    auto database = environment.connect();
    long changed = 0;
    db::with_retry(database, [&](db::Transaction& tx) {
        changed =
            mark == ReadMark::read ? store::mark_read(tx, reader, ids) : store::mark_unread(tx, reader, ids);
    });
    return changed;
}

long mark_selected(const Environment& environment, const ListOptions& options, ReadMark mark) {
    std::vector<int> ids;
    {
        auto database = environment.connect();
        db::Transaction tx(database, db::Access::read_only);
        ids = select_ids(environment, tx, db::read_schema(tx), options).ids;
    }
    return ids.empty() ? 0 : mark_articles(environment, options.reader, ids, mark);
}
}
