#include "core/analysis/candidates.hpp"

#include "core/analysis/closed_lists.hpp"
#include "core/analysis/evidence.hpp"
#include "core/base/text.hpp"
#include "core/intel/keyword_matcher.hpp"

#include <algorithm>

namespace cti::analysis {
namespace {

constexpr std::size_t k_max_indicators = 2000, k_max_others = 200, k_max_terms = 8;
constexpr std::size_t k_max_value_bytes = 300;

// Adds terms to the candidate that is there already, or a new one.
void add_candidate(std::vector<Candidate>& list, std::size_t most, Candidate candidate) {
    if (candidate.value.empty() || candidate.value.size() > k_max_value_bytes) return;
    const auto known = std::ranges::find_if(list, [&](const Candidate& each) {
        return each.value == candidate.value && each.kind == candidate.kind;
    });
    if (known == list.end()) {
        if (list.size() < most) list.push_back(std::move(candidate));
        return;
    }
    for (auto& term : candidate.terms)
        if (known->terms.size() < k_max_terms && std::ranges::find(known->terms, term) == known->terms.end())
            known->terms.push_back(std::move(term));
}

bool is_role_bearing(IndicatorType type) {
    switch (type) {
    case IndicatorType::ipv4:
    case IndicatorType::ipv6:
    case IndicatorType::cidr:
    case IndicatorType::ip_port:
    case IndicatorType::domain:
    case IndicatorType::onion:
    case IndicatorType::url:
    case IndicatorType::email:
    case IndicatorType::md5:
    case IndicatorType::sha1:
    case IndicatorType::sha256:
    case IndicatorType::sha512:
    case IndicatorType::filename:
    case IndicatorType::telegram:
    case IndicatorType::btc:
    case IndicatorType::eth:
    case IndicatorType::xmr: return true;
    default: return false;
    }
}

void add_finding(Candidates& all, const Finding& finding) {
    const auto type = finding.type.value();
    if (!type || finding.original.empty() || finding.original.size() > k_max_value_bytes) return;
    Candidate candidate{finding.value, std::string(name_of(*type)), {finding.original}};
    if (*type == IndicatorType::attack_technique) {
        candidate.kind = "technique";
        add_candidate(all.techniques, k_max_others, std::move(candidate));
    } else if (*type == IndicatorType::malware || *type == IndicatorType::tool ||
               *type == IndicatorType::threat_actor) {
        add_candidate(all.names, k_max_others, std::move(candidate));
    } else if (is_role_bearing(*type) && all.indicators.size() < k_max_indicators) {
        add_candidate(all.indicators, k_max_indicators, std::move(candidate));
    }
}

// Which of the words stand in the text, whatever the case.
std::vector<bool> find_words(std::string_view text, const std::vector<std::string>& words) {
    std::vector<intel::Keyword> keywords;
    for (const auto& word : words)
        keywords.push_back({ascii_lower(word), intel::Edge::no_alnum, intel::Edge::no_alnum});
    return intel::KeywordMatcher(std::move(keywords)).find(ascii_lower(text));
}

void add_techniques(Candidates& all, std::string_view text, const TechniqueNames& names) {
    if (names.empty()) return;
    std::vector<std::string> words;
    for (const auto& [id, name] : names) words.push_back(name);
    const auto found = find_words(text, std::move(words));
    for (std::size_t i = 0; i < names.size(); ++i)
        if (found[i])
            add_candidate(all.techniques, k_max_others, {names[i].first, "technique", {names[i].second}});
}

void add_targets(Candidates& all, std::string_view text) {
    std::vector<std::string> words;
    std::vector<const ListedTarget*> meant;
    for (const auto& target : listed_targets())
        for (const auto term : split(target.terms.empty() ? target.value : target.terms, '|')) {
            words.emplace_back(term);
            meant.push_back(&target);
        }
    const auto found = find_words(text, words);
    for (std::size_t i = 0; i < words.size(); ++i)
        if (found[i] && (meant[i]->any_case || has_words(text, words[i])))
            add_candidate(all.targets, k_max_others,
                          {std::string(meant[i]->value), std::string(meant[i]->kind), {words[i]}});
}
}

Candidates find_candidates(std::string_view text, const std::vector<Finding>& findings,
                           const TechniqueNames& names) {
    Candidates all;
    for (const auto& finding : findings) add_finding(all, finding);
    add_techniques(all, text, names);
    add_targets(all, text);
    return all;
}

std::vector<Candidate> candidates_in(std::string_view piece, const std::vector<Candidate>& all,
                                     std::size_t most) {
    const auto lower = ascii_lower(piece);
    std::vector<Candidate> here;
    for (const auto& candidate : all) {
        if (here.size() == most) break;
        if (std::ranges::any_of(candidate.terms, [&](const std::string& term) {
                return lower.find(ascii_lower(term)) != lower.npos;
            }))
            here.push_back(candidate);
    }
    return here;
}
}
