#pragma once
#include "core/model/article.hpp"
#include "core/store/own/seen_entries.hpp"

#include <cstddef>
#include <optional>

// Articles of another database, as rows of this one. Pure.
namespace cti::collect {

// What the file does not say, or not as these tables have it: the number of words, the hashes, and metadata
// that name the import. `discovered_at`: when the other database got it.
void complete_import(Article& article, const std::optional<Time>& discovered_at);

// The entry that it might have been. A feed that brings it later says nothing new with that, as where a list
// of links has brought it before; and once somebody has deleted it, it stays away.
store::SeenEntry make_import_entry(const Article& article, std::size_t candidate);
}
