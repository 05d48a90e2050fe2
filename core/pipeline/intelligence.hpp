#pragma once
#include "core/intel/article_text.hpp"
#include "core/intel/extract.hpp"
#include "core/intel/hunt_score.hpp"
#include "core/intel/lexicon.hpp"
#include "core/model.hpp"

#include <functional>

// What is in an article, for the row that is stored of it.
namespace cti::pipeline {

// Made once, used for all articles and by several threads.
class Intelligence {
public:
    // The words of the hunt score for the web service of 2025 and of 2026: its formulas differ.
    Intelligence(intel::Extractor extractor, intel::Lexicon of_2025, intel::Lexicon of_2026);

    // `url`: where the article was published.
    std::vector<Finding> find(std::string_view title, std::string_view content, std::string_view url) const;

    // Adds the hunt score's keys to the metadata, as the web service that the tables belong to reads them.
    // Tables that cti made have the columns of both generations; the later web service works on them.
    void add_score(Article& article, bool is_2025) const;
    void add_score(Article& article, intel::ArticleText& text, bool is_2025) const;

private:
    intel::Extractor m_extractor;
    intel::HuntScorer m_scorer_2025, m_scorer_2026;
};
}
