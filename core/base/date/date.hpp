#pragma once
#include "core/base/time.hpp"

#include <optional>
#include <string_view>

namespace cti {

// The dates of feeds and pages, read as people write them: RFC 822 and 2822, ISO 8601 and W3CDTF, RFC 850,
// asctime, Unix seconds and milliseconds, month names of a dozen languages, two-digit years, missing seconds,
// wrong weekdays, 24:00, named and military zones, AM and PM. Without a zone it is UTC. 01/02/2006 is the
// American order, 01.02.2006 and 01-02-2006 are day first, unless the numbers say otherwise. Nothing is
// guessed from today's date: what cannot be read is nullopt. Years from 1 to 9999.
std::optional<Time> parse_date(std::string_view text);

// 1 to 12 for a word that begins as the name of a month does in one of those languages, else 0.
int month_of(std::string_view word);
}
