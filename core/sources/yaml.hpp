#pragma once
#include "core/model.hpp"

#include <string>
#include <string_view>
#include <vector>

// sources.yaml, in the form of both generations of the web service (scope, discovery, extract and
// content_selector at the source itself, or all of it below `config`).
namespace cti::sources {

struct Problem {
    std::string file;
    int line = 0; // 0: the file as a whole
    std::string message;
};
std::string to_string(const Problem& problem); // "config/sources.yaml: line 14: 'url' is missing"

struct LoadResult {
    std::vector<SourceSpec> sources; // complete only where there are no errors
    std::vector<Problem> errors, warnings;
};

// All that is wrong is told, not only the first. At most 10 MiB, 64 levels.
LoadResult load_sources(std::string_view text, std::string file_name);

// One more file of a directory. An id that stands in two files is an error.
void append(LoadResult& all, LoadResult next);
}
