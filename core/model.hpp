#pragma once
#include "core/base/time.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// The plain structs that the parts of the program hand to each other.
namespace cti {

// A row of public.sources.
struct Source {
    int id = 0;
    std::string identifier, name, url;
    std::optional<std::string> rss_url;
    int check_frequency_s = 3600;
    std::optional<int> lookback_days; // absent in the web service's 2025 tables
    bool active = true;
    std::string config_json = "{}"; // flat: the nested form of 2026 is unwrapped when it is read
    std::optional<Time> last_check, last_success;
    int consecutive_failures = 0;
    int total_articles = 0;
    double average_response_time_s = 0;
};

// A source as a person wrote it: sources.yaml, OPML, `sources add`. What was not written is empty and
// leaves the row of an existing source as it is.
struct SourceSpec {
    std::string identifier, name, url;
    std::optional<std::string> rss_url; // "" clears the address in the database
    std::optional<int> check_frequency_s, lookback_days, tier;
    std::optional<double> weight;
    std::optional<bool> active;
    std::string config_json = "{}"; // flat; `scope` and the legacy top-level keys are folded in
    std::string file;               // where it was read, for messages
    int line = 0;
};

// An indicator of an article's text: a row of cti.indicators, in the words of core/intel.
struct Finding {
    std::string type, value, original, sentence, verdict, reading;
    std::size_t start = 0, end = 0; // bytes of the text, or of the title
    bool in_title = false;
    int count = 1;
};

// The words of an article's title and text, each in the text form of a tsvector.
struct ArticleWords {
    std::string title, content;
};

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
    std::optional<ArticleWords> words; // nothing: the server reads them later
    std::vector<StepDone> steps;       // that were run on its text
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
    std::string source_name, source_url; // empty when the source is gone
    std::vector<Finding> findings;       // in the order of the text; those that were asked for
};

enum class CheckStatus {
    ok,
    not_modified,
    failed,
    postponed
}; // postponed: its host asked for a rest, nothing was sent

// What became of one source in one run. `filtered` counts the entries that were not stored, by reason.
struct CheckResult {
    std::string identifier;
    std::string method = "rss"; // of source_checks, in the words of the web service
    CheckStatus status = CheckStatus::ok;
    int http_status = 0; // 0: no answer
    int entries = 0, inserted = 0, duplicate = 0, near_duplicate = 0, updated = 0;
    std::map<std::string, int> filtered;
    std::string error; // empty unless failed or postponed
    std::chrono::microseconds duration{0};
    std::int64_t bytes = 0; // decoded body
    std::optional<Time> next_check;
};
}
