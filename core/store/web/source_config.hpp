#pragma once
#include "core/db/schema.hpp"

#include <string>
#include <string_view>

// The JSON in sources.config, which the web service keeps in several shapes.
namespace cti::store {

// Flat: 2026's nested form {"check_frequency":…,"config":{…}} is unwrapped. What is not an object becomes {}.
std::string flat_config(std::string_view text);

// What is to be written: `ours` over `theirs` (both flat), key by key. image_ocr_enabled belongs to the
// operator of the web service: what the database says of it stays. Where 2025 reads it, its six keys are
// there with the types that it insists on: one row that lacks them empties its whole list of sources.
std::string merged_config(std::string_view theirs, std::string_view ours, db::Generation generation);
}
