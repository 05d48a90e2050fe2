#pragma once
#include "cli/term/output.hpp"
#include "core/sources/diff.hpp"

#include <string>

namespace cti::cli {

// CHANGE, SOURCE, FIELD, OLD, NEW; one row a field. missing_word: what becomes of sources that no file names,
// "" leaves them out.
Table difference_table(const sources::Difference& difference, const std::string& missing_word);
}
