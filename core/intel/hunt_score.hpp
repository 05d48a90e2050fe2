#pragma once
#include "core/base/json.hpp"
#include "core/intel/keyword_matcher.hpp"
#include "core/intel/lexicon.hpp"

// How much there is to hunt with in an article, as the web service counts it.
namespace cti::intel {

class ArticleText;

struct HuntScore {
    double score = 0;                                // 2025: 0 to 100, 2026: 0 to 99.9; one decimal
    std::vector<std::string> perfect, good, lolbas;  // the lexicon's words that were found, in its order
    std::vector<std::string> intelligence, negative; // 2026 only
    std::vector<std::string> hunting_terms;          // 2025 only
    double keyword_density = 0, technical_depth = 0; // 2025 only
};

// Made once, used for all articles and by several threads.
class HuntScorer {
public:
    // By the formula of the web service of 2025, or of 2026, which tables of both have too: their scores are
    // not comparable.
    HuntScorer(Lexicon lexicon, Generation generation);

    // title and content as they are stored; simple HTML in the content is stripped as the web service does
    // it.
    HuntScore score(ArticleText& text) const;
    HuntScore score(std::string_view title, std::string_view content) const;

    // The members of article_metadata that this generation of the web service reads, into an open object.
    void append_metadata(JsonWriter& json, const HuntScore& score) const;

private:
    HuntScore score_2025(const std::string& text) const;
    HuntScore score_2026(const std::string& text) const;
    HuntScore find_words(const std::string& text) const;

    Generation m_generation;
    Lexicon m_lexicon;
    KeywordMatcher m_matcher; // over the lists one after the other
};
}
