#pragma once
#include "core/db/schema.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cti::store {

// threat_hunting_score of an article_metadata, which keeps it as a number or as text. Read here and not by
// the server's ->>: that fails on a "\u0000" anywhere in the object, and would end the whole statement.
std::optional<double> read_score(std::string_view metadata);

// SQL for the same of public.articles `a`: what cti.score_of() says, which is only called where the score is
// not plainly written, as it takes several times as long.
std::string score_of(const db::Schema& schema);
}
