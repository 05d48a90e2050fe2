#include "core/ops/read_article.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/intel/refang.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace cti::ops {
namespace {

constexpr const char* k_see_list = "'cti articles' lists what is there.";

store::Detail without_text() {
    return {.content = false,
            .findings = false,
            .score = true,
            .types = {},
            .marked = false,
            .discovered_at = true};
}

std::vector<StoredArticle> read_articles(db::Transaction& tx, const db::Schema& schema, std::vector<int> ids,
                                         const store::Detail& detail) {
    std::vector<StoredArticle> articles;
    if (ids.empty()) return articles;
    store::Selection selection;
    selection.ids = std::move(ids);
    selection.order = store::Order::oldest;
    store::for_each_article(tx, schema, selection, detail,
                            [&](const StoredArticle& article) { articles.push_back(article); });
    return articles;
}

// What people type is not always what the feed said.
std::vector<std::string> spellings(const std::string& url) {
    const auto rest = url.substr(url.find("://"));
    std::vector<std::string> all{url};
    for (const auto* scheme : {"https", "http"}) {
        all.push_back(scheme + rest);
        all.push_back(rest.ends_with('/') ? scheme + rest.substr(0, rest.size() - 1) : scheme + rest + '/');
    }
    return all;
}
}

int find_article(db::Transaction& tx, const db::Schema& schema, std::string_view which) {
    const auto text = trim(which);
    int id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    const bool is_number = !text.empty() && std::ranges::all_of(text, is_ascii_digit);
    if (is_number && error == std::errc() && end == text.data() + text.size()) return id;
    if (is_number) throw Error{ExitCode::usage, fmt::format("there is no article {}", text), k_see_list};
    const auto url = intel::refang(text);
    if (!is_http_url(url))
        throw Error{ExitCode::usage,
                    fmt::format("'{}' is neither the id of an article nor an address", printable(which)),
                    k_see_list};
    auto urls = spellings(url);
    urls.emplace_back(text);
    const auto ids = store::find_ids_by_url(tx, schema, urls);
    if (ids.empty())
        throw Error{ExitCode::usage, fmt::format("no article has the address '{}'", printable(url)),
                    k_see_list};
    return ids.front();
}

StoredArticle get_article(db::Transaction& tx, const db::Schema& schema, int id,
                          const store::Detail& detail) {
    auto found = read_articles(tx, schema, {id}, detail);
    if (found.empty()) throw Error{ExitCode::usage, fmt::format("there is no article {}", id), k_see_list};
    return std::move(found.front());
}

WholeArticle get_whole_article(db::Transaction& tx, const db::Schema& schema, int id) {
    WholeArticle whole;
    whole.article = get_article(tx, schema, id,
                                {.content = true,
                                 .findings = true,
                                 .score = true,
                                 .types = {},
                                 .marked = true,
                                 .discovered_at = true});
    whole.near = read_articles(tx, schema, store::find_near_articles(tx, id), without_text());
    whole.origin = store::read_origin(tx, whole.article);
    whole.analyses = store::find_last_analyses(tx, id);
    return whole;
}
}
