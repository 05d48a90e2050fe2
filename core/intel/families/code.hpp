#pragma once
#include "core/intel/families/host.hpp"

namespace cti::intel {

// Whether a dotted word is a field of an event, a member of an object or a package rather than a domain,
// judged by its first label and by the company it keeps.
enum class CodeLikeness { none, likely, certain };

// `host` was written plainly, and its last label is a top-level domain.
CodeLikeness assess_code(std::string_view text, const Host& host);
}
