#include "core/export/article_facts.hpp"

#include "core/export/attack_names.hpp"
#include "core/export/harmless.hpp"

#include <algorithm>
#include <array>

namespace cti::exporter {
namespace {
using Type = IndicatorType;

constexpr std::array k_techniques{Type::attack_technique, Type::attack_tactic, Type::attack_mitigation};
constexpr std::array k_named{Type::malware, Type::tool, Type::threat_actor, Type::attack_software,
                             Type::attack_group};

std::vector<FactGroup>& section_of(ArticleFacts& facts, FactKind kind) {
    switch (kind) {
    case FactKind::indicator: break;
    case FactKind::technique: return facts.techniques;
    case FactKind::name: return facts.names;
    }
    return facts.indicators;
}

// Types of a later version come last.
std::size_t place_of(const Named<Type>& type) {
    return type.value() ? static_cast<std::size_t>(*type.value()) : k_type_count;
}
}

FactKind kind_of(const Named<Type>& type) {
    const auto is_in = [&](const auto& types) {
        return type.value() && std::ranges::find(types, *type.value()) != types.end();
    };
    if (is_in(k_techniques)) return FactKind::technique;
    return is_in(k_named) ? FactKind::name : FactKind::indicator;
}

ArticleFacts list_facts(const StoredArticle& article) {
    ArticleFacts facts;
    std::vector<const Finding*> order;
    for (const auto& finding : article.findings) {
        if (finding.verdict == IndicatorVerdict::none)
            order.push_back(&finding);
        else
            ++facts.marked[std::string(finding.verdict.name())];
    }
    std::ranges::stable_sort(order, {}, [](const Finding* finding) { return place_of(finding->type); });
    for (const auto* finding : order) {
        auto& section = section_of(facts, kind_of(finding->type));
        const std::string type(finding->type.name());
        if (section.empty() || section.back().type != type) section.push_back({type, {}});
        section.back().facts.push_back({defang_for_people(finding->type.value(), finding->value),
                                        std::string(find_attack_name(finding->value)), finding->count});
    }
    return facts;
}
}
