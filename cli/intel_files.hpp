#pragma once
#include "core/intel/extract.hpp"
#include "core/intel/lexicon.hpp"
#include "core/pipeline/intelligence.hpp"

#include <string>
#include <vector>

namespace cti::cli {

class Options;

// The files that say what is looked for in texts.
struct IntelOptions {
    std::string galaxy;                    // --galaxy, CTI_GALAXY
    std::vector<std::string> warninglists; // files, or directories of list.json
    std::string lexicon;                   // --lexicon, CTI_LEXICON
};
void add_extractor_options(Options& app, IntelOptions& options);
void add_lexicon_option(Options& app, IntelOptions& options);

// Throw Error(usage) on a file that cannot be read or is none of its kind.
intel::Extractor make_extractor(const IntelOptions& options);
std::shared_ptr<const pipeline::Intelligence> make_intelligence(const IntelOptions& options);
}
