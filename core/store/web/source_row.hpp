#pragma once
#include "core/db/schema.hpp"
#include "core/model.hpp"
#include "core/store/sql.hpp"

#include <string>
#include <vector>

// Reading public.sources in several statements.
namespace cti::store {

// "SELECT … FROM public.sources s"; its first parameter is Schema::time_zone.
std::string select_sources(const db::Schema& schema, db::Params& params);
// Of such a statement, without the web service's own rows.
std::vector<Source> query_sources(db::Transaction& transaction, const std::string& sql,
                                  const db::Params& params);
}
