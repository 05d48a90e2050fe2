#include "core/export/platform_ids.hpp"

#include <algorithm>

namespace cti::exporter {
namespace {
// Drawn once for this tool. With another one every id of every export would change.
constexpr auto k_namespace = uuid_literal("d2c21b78-393c-49f4-9036-a02554552dfc");

// The source may be gone while its articles are still there.
std::string source_key(const StoredArticle& article) {
    return article.source.empty() ? "\n" + std::to_string(article.source_id) : article.source;
}
}

Uuid own_uuid(std::string_view kind, std::string_view name) {
    return uuid_v5(k_namespace, std::string(kind) + '\n' + std::string(name));
}

Uuid source_uuid(const StoredArticle& article) { return own_uuid("source", source_key(article)); }

std::string source_label(const StoredArticle& article) {
    if (!article.source_name.empty()) return article.source_name;
    return article.source.empty() ? "unknown source" : article.source;
}

Uuid ArticleUuids::assign(const StoredArticle& article) {
    const auto name = source_key(article) + '\n' + article.url;
    auto uuid = own_uuid("article", name);
    if (!m_taken.insert(uuid).second) {
        uuid = own_uuid("article", name + '\n' + std::to_string(article.id));
        m_taken.insert(uuid);
    }
    return uuid;
}

Time last_change(const StoredArticle& article) {
    return std::max(article.published_at, article.discovered_at);
}

std::string_view name_of(Tlp tlp) {
    switch (tlp) {
    case Tlp::none: return "";
    case Tlp::clear: return "clear";
    case Tlp::green: return "green";
    case Tlp::amber: return "amber";
    case Tlp::amber_strict: return "amber+strict";
    case Tlp::red: return "red";
    }
    return "";
}
}
