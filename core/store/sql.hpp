#pragma once
#include "core/db/columns.hpp"
#include "core/db/pqxx_impl.hpp"

// Private to core/store: what of core/db its statements are written with.
namespace cti::store {

using db::as_column_time;
using db::as_moment;
using db::flag;
using db::in_savepoint;
using db::int_array;
using db::maybe_number;
using db::maybe_text;
using db::maybe_time;
using db::number;
using db::read_column;
using db::read_int_array;
using db::read_moment;
using db::read_time;
using db::read_time_of;
using db::run;
using db::run_script;
using db::text;
using db::timestamp_text;
using db::view;
using db::with_retry;
}
