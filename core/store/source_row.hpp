#pragma once
#include "core/model.hpp"
#include "core/store/pqxx_impl.hpp"
#include "core/store/schema.hpp"

#include <string>
#include <vector>

// Reading public.sources in several statements.
namespace cti::store {

// "SELECT … FROM public.sources s"; its first parameter is Schema::time_zone.
std::string select_sources(const Schema& schema, Params& params);
// Of such a statement, without the web service's own rows.
std::vector<Source> query_sources(Transaction& transaction, const std::string& sql, const Params& params);
}
