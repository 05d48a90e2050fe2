#pragma once
#include "core/feed/opml.hpp"
#include "core/model.hpp"

#include <string>
#include <vector>

// Subscription lists of other readers as sources, and the other way round.
namespace cti::ops {

struct ImportedOpml {
    std::vector<SourceSpec> added;
    std::vector<std::string> known;    // feed addresses that a source has already
    std::vector<std::string> warnings; // outlines that were left out, and why
};
// The identifier is made of the title (else of the host): lower-case letters, digits and '_', with a number
// after it where it is taken. Addresses that differ only in http or https, the case of the host or the slash
// at the end are one feed. Categories become `config.categories`.
ImportedOpml to_specs(const feed::Opml& opml, const std::vector<Source>& rows);

// Sources with a feed, in the order of the rows.
std::vector<feed::Outline> to_outlines(const std::vector<Source>& rows);
}
