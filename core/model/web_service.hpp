#pragma once

namespace cti {

// Whose tables these are: its version of 2025 or of 2026, which differ in columns, words and formulas.
// `both`: the superset that cti itself makes.
enum class Generation { web_2025, web_2026, both };
}
