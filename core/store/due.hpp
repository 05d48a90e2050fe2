#pragma once
#include "core/store/schema.hpp"

#include <string>

namespace cti::store {

// Sources that are not the web service's own, see is_internal(); `s` is public.sources.
inline constexpr const char* k_not_internal =
    "s.identifier NOT IN ('manual', 'eval_articles') AND s.url ~* '^https?://'";

// SQL for the moment (timestamptz) from which on a source is due: `s` is public.sources, `t`
// cti.source_state, whose row may be missing. zone: a placeholder that holds Schema::time_zone.
std::string due_moment(const Schema& schema, const std::string& zone);
}
