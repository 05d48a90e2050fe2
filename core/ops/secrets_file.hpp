#pragma once
#include "core/sources/secrets.hpp"

#include <memory>
#include <string>

namespace cti::ops {

// Of a file that only its owner and group may read. Null where the path is "". Throws Error(usage).
std::shared_ptr<const sources::Secrets> read_secrets(const std::string& path);
}
