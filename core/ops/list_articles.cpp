#include "core/ops/list_articles.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace cti::ops {
namespace {

constexpr std::size_t k_portion = 2000; // articles of two statements

// Which they are, before anything else of them is read: a cursor lets no other statement in between.
std::vector<int> find_ids(db::Transaction& tx, const db::Schema& schema, const store::Selection& selection) {
    std::vector<int> ids;
    const store::Detail detail{.content = selection.accept != nullptr,
                               .findings = false,
                               .score = false,
                               .types = {},
                               .marked = false,
                               .discovered_at = false};
    store::for_each_article(tx, schema, selection, detail,
                            [&](const StoredArticle& article) { ids.push_back(article.id); });
    return ids;
}

std::vector<ListedArticle> read_portion(db::Transaction& tx, const db::Schema& schema,
                                        const ListOptions& options, std::vector<int> ids) {
    store::Selection selection;
    selection.order = options.selection.order;
    selection.ids = std::move(ids);
    auto counts =
        store::count_indicators(tx, options.counts_indicators ? *selection.ids : std::vector<int>());
    const store::Detail detail{.content = false,
                               .findings = false,
                               .score = true,
                               .types = {},
                               .marked = false,
                               .discovered_at = true};
    std::vector<ListedArticle> portion;
    store::for_each_article(tx, schema, selection, detail, [&](const StoredArticle& article) {
        portion.push_back({article, std::move(counts[article.id])});
    });
    return portion;
}
}

bool list_articles(const Environment& environment, const ListOptions& options,
                   const std::function<void(const ListedArticle&)>& use) {
    const auto selected = select_articles(options.selection, environment.now());
    const auto limit = options.selection.limit;
    if (limit) selected->selection.limit = *limit + 1; // One more tells whether there are more.
    auto database = environment.connect();
    db::Transaction tx(database, db::Access::read_only);
    const auto schema = db::read_schema(tx);
    select_sources(tx, schema, options.selection, *selected);
    warn_of_unindexed(environment, tx, *selected);
    auto ids = find_ids(tx, schema, selected->selection);
    const bool has_more = limit && ids.size() > static_cast<std::size_t>(*limit);
    if (has_more) ids.pop_back();
    for (std::span<const int> rest(ids); !rest.empty() && !environment.is_stopped();) {
        const auto head = rest.first(std::min(rest.size(), k_portion));
        for (const auto& article : read_portion(tx, schema, options, {head.begin(), head.end()}))
            use(article);
        rest = rest.subspan(head.size());
    }
    return has_more;
}
}
