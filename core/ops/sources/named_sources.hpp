#pragma once
#include "core/base/error.hpp"
#include "core/db/schema.hpp"
#include "core/model.hpp"

#include <string>
#include <string_view>
#include <vector>

// Sources as people name them.
namespace cti::ops {

// Error(usage), with "did you mean" where one of the identifiers is nearly so.
Error unknown_source(std::string_view wanted, const std::vector<std::string>& identifiers);

// Throws unknown_source(); the web service's own rows are refused.
Source get_source(db::Transaction& tx, const db::Schema& schema, std::string_view identifier);
}
