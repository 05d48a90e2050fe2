#include "core/ops/sources/named_sources.hpp"

#include "core/base/text.hpp"
#include "core/sources/spec.hpp"
#include "core/store/web/sources.hpp"

#include <fmt/format.h>
#include <utility>

namespace cti::ops {

Error unknown_source(std::string_view wanted, const std::vector<std::string>& identifiers) {
    const auto near = closest(wanted, identifiers);
    return {ExitCode::usage, fmt::format("unknown source '{}'", wanted),
            near.empty() ? "See 'cti sources list'." : fmt::format("Did you mean '{}'?", near)};
}

Source get_source(db::Transaction& tx, const db::Schema& schema, std::string_view identifier) {
    if (auto found = store::find_source(tx, schema, identifier)) return std::move(*found);
    if (sources::is_reserved_identifier(identifier))
        throw Error{ExitCode::usage,
                    fmt::format("source '{}' belongs to the web service and is left alone", identifier)};
    std::vector<std::string> identifiers;
    for (const auto& source : store::list_sources(tx, schema)) identifiers.push_back(source.identifier);
    throw unknown_source(identifier, identifiers);
}
}
