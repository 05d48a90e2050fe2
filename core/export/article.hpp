#pragma once
#include "core/base/time.hpp"

#include <optional>
#include <string>
#include <vector>

// `export` is a word of the language, so this folder's namespace is `exporter`.
namespace cti::exporter {

// One article as it goes out. Any text may hold anything: the writers repair and escape it.
struct ExportArticle {
    int id = 0, source_id = 0;
    std::string source; // identifier; empty when the source is gone
    std::string title, url;
    Time published_at, discovered_at;
    std::vector<std::string> authors, tags;
    std::optional<std::string> summary;
    std::string content;
    std::optional<int> word_count;
    std::optional<double> threat_hunting_score;
};
}
