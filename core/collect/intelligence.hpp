#pragma once
#include "core/db/schema.hpp"
#include "core/intel/extract.hpp"
#include "core/intel/hunt_score.hpp"
#include "core/intel/lexicon.hpp"
#include "core/model.hpp"

#include <functional>

// What is in an article, for the row that is stored of it.
namespace cti::collect {

// Made once, used for all articles and by several threads.
class Intelligence {
public:
    // The words of the hunt score for the web service of 2025 and of 2026: its formulas differ.
    Intelligence(intel::Extractor extractor, intel::Lexicon of_2025, intel::Lexicon of_2026);

    // Fills `findings`, and adds the hunt score's keys to the metadata, as the web service that the tables
    // belong to reads them.
    void read(Article& article, db::Generation generation) const;

    // The findings alone. `url`: where the article was published.
    std::vector<Finding> find(std::string_view title, std::string_view content, std::string_view url) const;

private:
    void add_score(Article& article, db::Generation generation) const;

    intel::Extractor m_extractor;
    intel::HuntScorer m_scorer_2025, m_scorer_2026;
};
}
