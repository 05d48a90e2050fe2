#include "core/ops/secrets_file.hpp"

#include "core/io/read_input.hpp"

namespace cti::ops {

std::shared_ptr<const sources::Secrets> read_secrets(const std::string& path) {
    if (path.empty()) return nullptr;
    return std::make_shared<const sources::Secrets>(
        sources::parse_secrets(io::read_input(path, io::Readers::owner_and_group), path));
}
}
