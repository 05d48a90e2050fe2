#pragma once
#include "core/base/uuid.hpp"
#include "core/model/indicator.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What an indicator of a text is in STIX 2.1.
namespace cti::exporter {

struct StixObject {
    std::string_view type; // "ipv4-addr"
    Uuid uuid{};
    std::string members; // an object of those after type, spec_version and id: {"value":"198.51.100.3"}

    std::string id() const { return std::string(type) + "--" + to_string(uuid); }
};

struct StixReading {
    std::vector<StixObject> objects; // what is referred to stands first; the last one is the thing itself
    std::string pattern;             // that detects it; empty for what is no observable
};

// Nothing for types and values that STIX has no object for; the table in the .cpp says which and why.
std::optional<StixReading> find_stix_reading(const Named<IndicatorType>& type, std::string_view value);

// As an URI of RFC 3986: what may not stand in one is percent-encoded. Nothing without a scheme, or where the
// authority could not be read by others.
std::optional<std::string> find_uri(std::string_view url);

// The time of objects that stand for a thing of the world and not for an article: such an object is the same
// in every export, whichever article names it first.
constexpr std::string_view k_timeless = "2000-01-01T00:00:00.000Z";
}
