#include "core/intel/fingerprint.hpp"
#include "core/pipeline/intelligence.hpp"
#include "core/pipeline/step.hpp"
#include "core/search/words.hpp"

#include <algorithm>
#include <stdexcept>

namespace cti::pipeline {
namespace {

bool find_indicators(const StepTools& tools, intel::ArticleText&, Article& article) {
    if (tools.intelligence == nullptr) return false;
    article.findings = tools.intelligence->find(article.title, article.content, article.url);
    return true;
}

bool add_score(const StepTools& tools, intel::ArticleText& text, Article& article) {
    if (tools.intelligence == nullptr) return false;
    tools.intelligence->add_score(article, text, tools.is_2025);
    return true;
}

bool find_words(const StepTools&, intel::ArticleText&, Article& article) {
    article.terms = search::find_terms(article.title, article.content);
    return true;
}

bool compute_simhash(const StepTools&, intel::ArticleText& text, Article& article) {
    article.simhash = intel::simhash(text);
    return true;
}

constexpr Step k_steps[] = {
    {"indicators", intel::k_extractor_version, true, StepReads::text, "cti.indicators",
     "indicators, names and what speaks against them", find_indicators},
    {"score", 2, true, StepReads::own_text, "public.articles.article_metadata",
     "the hunt score of what cti stored", add_score},
    {"words", search::k_terms_version, false, StepReads::text, "cti.word_segments, cti.word_blocks",
     "the words that search looks up", find_words},
    {"simhash", 1, true, StepReads::fingerprint, "cti.simhashes, cti.near_duplicates",
     "what near-duplicates are found by", compute_simhash},
};
}

std::span<const Step> steps() { return k_steps; }

const Step* find_step(std::string_view name) {
    const auto* const found = std::ranges::find(k_steps, name, &Step::name);
    return found == std::end(k_steps) ? nullptr : found;
}

const Step& get_step(std::string_view name) {
    if (const auto* const step = find_step(name)) return *step;
    throw std::logic_error("no step is named " + std::string(name));
}

namespace {
bool run_on_text(const Step& step, const StepTools& tools, intel::ArticleText& text, Article& article) {
    if (!step.run(tools, text, article)) return false;
    article.steps.push_back({step.name, step.version});
    return true;
}
}

bool run_step(const Step& step, const StepTools& tools, Article& article) {
    intel::ArticleText text(article.title, article.content);
    return run_on_text(step, tools, text, article);
}

void run_steps(const StepTools& tools, intel::ArticleText& text, Article& article) {
    for (const auto& step : k_steps)
        if (!step.in_article_transaction)
            article.steps.push_back({step.name, 0}); // marked as still to be made
        else
            run_on_text(step, tools, text, article);
}

void run_steps(const StepTools& tools, Article& article) {
    intel::ArticleText text(article.title, article.content);
    run_steps(tools, text, article);
}
}
