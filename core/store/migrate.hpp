#pragma once
#include <span>

namespace cti::store {

struct Migration {
    const char* name;
    const char* sql;
};
std::span<const Migration> migrations();
const char* web_schema_sql();
}
