#pragma once
#include "core/base/time.hpp"
#include "core/model/analysis.hpp"
#include "core/model/indicator.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cti {

// A step that was run on a text, see core/pipeline/step.hpp. Names are those of its table.
struct StepDone {
    std::string_view name;
    int version = 0;
};
// What a step asks of an article that is stored already: its title and text; these only where cti stored it;
// or nothing but what the database can compute from the row.
enum class StepReads { text, own_text, fingerprint };

// One article that is ready to be stored: public.articles, in the web service's terms.
struct Article {
    std::string url; // canonical_url, exactly as the feed gives it: the web service compares exact strings
    std::string title;
    Time published_at;
    std::optional<Time> modified_at;
    std::vector<std::string> authors, tags;
    std::optional<std::string> summary;
    std::string content; // plain text, UTF-8, no NUL
    // SHA-256 hex by the three formulas that stand in content_hash of real databases; [0] is the one that is
    // stored.
    std::array<std::string, 3> hashes;
    std::uint64_t simhash = 0;
    int word_count = 0;
    std::string metadata_json = "{}";
    std::vector<Finding> findings;
    std::optional<std::string> terms; // of the search index, by search::find_terms()
    std::vector<StepDone> steps;      // that were run on its text; of version 0: are to be run later
};

// An article as it is read back, for export and people. Any text may hold anything that a database takes.
struct StoredArticle {
    int id = 0, source_id = 0;
    std::string source; // identifier; empty when the source is gone
    std::string title, url;
    Time published_at, discovered_at;
    std::vector<std::string> authors, tags;
    std::optional<std::string> summary;
    std::string content;
    std::optional<int> word_count;
    std::optional<double> threat_hunting_score;
    std::string source_name, source_url;        // empty when the source is gone
    std::vector<Finding> findings;              // in the order of the text; those that were asked for
    std::vector<ArticleAnalysis> analyses = {}; // where asked for: the last of each task, by its name
};
}
