#pragma once
#include "core/db/schema.hpp"

#include <fmt/format.h>
#include <string>

// Parts of statements on public.articles `a` and cti.derived `d`.
namespace cti::store {

// cti.derived.text_key of the text that stands there now; NULL where nothing tells one text from another.
inline std::string text_key(const db::Schema& schema) {
    return schema.articles.has("content_hash") ? "hashtextextended(a.content_hash, 0)" : "NULL::bigint";
}

// Whether the step is still to be made. `d` is its row, if there is one; `version` a parameter.
inline std::string is_pending(const db::Schema& schema, const std::string& version) {
    return fmt::format("(d.article_id IS NULL OR d.version < {}::int OR d.text_key <> {})", version,
                       text_key(schema));
}
}
