#pragma once
#include "core/db/schema.hpp"

#include <string>

namespace cti::store {

// Sources that are not the web service's own, see is_internal(); `s` is public.sources.
inline constexpr const char* k_not_internal =
    "s.identifier NOT IN ('manual', 'eval_articles') AND s.url ~* '^https?://'";

// SQL for the moment (timestamptz) from which on a source is due: `s` is public.sources, `t`
// cti.source_state, whose row may be missing. At once where somebody took last_check away (or as if it had
// been checked then, where it was set back) or the feed has another address than the one that was asked last;
// else what the last check planned, or last_check and check_frequency where that one has changed since. zone:
// the parameter ($1) that holds Schema::time_zone.
std::string due_moment(const db::Schema& schema, const std::string& zone);

// SQL for how much before its moment a source may be claimed: see ClaimOptions::early. seconds: a parameter
// ($1).
std::string early_allowance(const std::string& seconds);
}
