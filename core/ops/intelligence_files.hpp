#pragma once
#include "core/intel/extract.hpp"
#include "core/intel/lexicon.hpp"
#include "core/pipeline/intelligence.hpp"

#include <string>
#include <vector>

namespace cti::ops {

// The files that say what is looked for in texts.
struct IntelligenceFiles {
    std::string galaxy; // directory of a MISP galaxy: names beside those that ship with the tool; "": none
    std::vector<std::string> warninglists; // files, or directories of list.json
    std::string lexicon;                   // in place of the one that ships with the tool; "": that one
};

// Throw Error(usage) on a file that cannot be read or is none of its kind.
intel::Extractor make_extractor(const IntelligenceFiles& given);
std::shared_ptr<const pipeline::Intelligence> make_intelligence(const IntelligenceFiles& given);
}
