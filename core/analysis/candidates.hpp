#pragma once
#include "core/model/indicator.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a text offers: the only values that a model may choose from.
namespace cti::analysis {

struct Candidate {
    std::string value, kind;
    std::vector<std::string> terms; // how it stands in the text
};

struct Candidates {
    std::vector<Candidate> techniques; // kind "technique"
    std::vector<Candidate> names;      // "malware", "tool", "threat_actor"
    std::vector<Candidate> indicators; // kind: its type
    std::vector<Candidate> targets;    // "sector", "country", "platform"
};

// Names of ATT&CK techniques by their ids, as text and as a matcher. Made once.
using TechniqueNames = std::vector<std::pair<std::string, std::string>>;

// Of the whole text. findings: what the extractor or the database has of it. Each list is bounded.
Candidates find_candidates(std::string_view text, const std::vector<Finding>& findings,
                           const TechniqueNames& names);

// Those that stand in the piece, at most so many.
std::vector<Candidate> candidates_in(std::string_view piece, const std::vector<Candidate>& all,
                                     std::size_t most);
}
