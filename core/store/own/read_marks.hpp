#pragma once
#include "core/base/time.hpp"
#include "core/db/database.hpp"

#include <string_view>
#include <unordered_map>
#include <vector>

// Who has read which article: cti.read_marks. A reader is any name.
namespace cti::store {

// Those that are marked already keep their time. Returns how many were not.
long mark_read(db::Transaction& transaction, std::string_view reader, const std::vector<int>& article_ids);
// Returns how many were marked.
long mark_unread(db::Transaction& transaction, std::string_view reader, const std::vector<int>& article_ids);

// When the reader has read them; those that are unread have no entry.
std::unordered_map<int, Time> find_read(db::Transaction& transaction, std::string_view reader,
                                        const std::vector<int>& article_ids);
}
