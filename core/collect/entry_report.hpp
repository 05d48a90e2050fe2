#pragma once
#include "core/collect/triage.hpp"
#include "core/model.hpp"

#include <optional>
#include <string>
#include <vector>

// What became of the entries of a source, for people. Pure.
namespace cti::collect {

struct EntryReport {
    std::string url, title;
    EntryOutcome outcome = EntryOutcome::known;
    std::string reason; // why it was dropped, or why its page's text is missing
    std::optional<Time> published;
    std::vector<std::string> authors;
    int word_count = 0;
    Provenance provenance;
};

// Drafts first, then what was known or dropped before.
std::vector<EntryReport> report_entries(const feed::Feed& feed, const Triage& triaged);
}
