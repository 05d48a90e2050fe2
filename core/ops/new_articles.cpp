#include "core/ops/new_articles.hpp"

#include <algorithm>
#include <functional>

namespace cti::ops {
namespace {

// A first run may store a hundred thousand: nobody waits for their sum.
constexpr std::size_t k_max_articles = 20'000;

void keep_newest(std::vector<int>& ids) {
    if (ids.size() <= k_max_articles) return;
    std::ranges::nth_element(ids, ids.begin() + k_max_articles, std::greater{});
    ids.resize(k_max_articles);
}

std::vector<StoredArticle> find_best(db::Transaction& tx, const db::Schema& schema,
                                     const std::vector<int>& ids, int limit) {
    store::Selection selection;
    selection.ids = ids;
    selection.order = store::Order::score;
    selection.limit = limit;
    const store::Detail detail{.content = false,
                               .findings = false,
                               .score = true,
                               .types = {},
                               .marked = false,
                               .discovered_at = false};
    std::vector<StoredArticle> found;
    store::for_each_article(tx, schema, selection, detail,
                            [&](const StoredArticle& article) { found.push_back(article); });
    return found;
}
}

NewArticles sum_up_articles(const Environment& environment, std::vector<int> ids, int best, int values) {
    keep_newest(ids);
    auto database = environment.connect();
    db::Transaction tx(database, db::Access::read_only);
    const auto schema = db::read_schema(tx);
    NewArticles news;
    news.best = find_best(tx, schema, ids, best);
    news.cves = store::find_frequent(tx, IndicatorType::cve, ids, values);
    news.techniques = store::find_frequent(tx, IndicatorType::attack_technique, ids, values);
    return news;
}
}
