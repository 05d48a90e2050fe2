#include "core/pipeline/intelligence.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>

namespace cti::pipeline {
namespace {
// A list of ten thousand addresses is kept; a text made to fill the table is not.
constexpr std::size_t k_max_findings = 20000, k_max_original_bytes = 16384;

Finding to_finding(std::string_view text, const intel::Indicator& indicator, bool in_title) {
    Finding finding;
    finding.type = indicator.type;
    finding.value = indicator.value;
    finding.original = repair_utf8(
        text.substr(indicator.start, std::min(indicator.end - indicator.start, k_max_original_bytes)));
    finding.sentence = repair_utf8(intel::sentence_around(text, indicator.start, indicator.end));
    finding.verdict = indicator.verdict;
    finding.reading = indicator.reading;
    finding.start = indicator.start, finding.end = indicator.end;
    finding.in_title = in_title;
    finding.count = static_cast<int>(indicator.count);
    return finding;
}
}

Intelligence::Intelligence(intel::Extractor extractor, intel::Lexicon of_2025, intel::Lexicon of_2026)
    : m_extractor(std::move(extractor)), m_scorer_2025(std::move(of_2025), Generation::web_2025),
      m_scorer_2026(std::move(of_2026), Generation::web_2026) {}

std::vector<Finding> Intelligence::find(std::string_view title, std::string_view content,
                                        std::string_view url) const {
    intel::ExtractOptions options;
    options.own_site = split_url(url).host;
    options.most = k_max_findings;
    std::vector<Finding> findings;
    const auto of_content = m_extractor.extract(content, options).indicators;
    findings.reserve(of_content.size());
    for (const auto& indicator : of_content) findings.push_back(to_finding(content, indicator, false));
    for (const auto& indicator : m_extractor.extract(title, options).indicators) {
        const bool known = std::ranges::any_of(of_content, [&](const intel::Indicator& other) {
            return other.type == indicator.type && other.value == indicator.value;
        });
        if (!known) findings.push_back(to_finding(title, indicator, true));
    }
    return findings;
}

void Intelligence::add_score(Article& article, bool is_2025) const {
    intel::ArticleText text(article.title, article.content);
    add_score(article, text, is_2025);
}

void Intelligence::add_score(Article& article, intel::ArticleText& text, bool is_2025) const {
    const auto& scorer = is_2025 ? m_scorer_2025 : m_scorer_2026;
    std::string metadata;
    JsonWriter json(metadata);
    json.begin_object().members_of(article.metadata_json);
    scorer.append_metadata(json, scorer.score(text));
    json.end_object();
    article.metadata_json = std::move(metadata);
}
}
