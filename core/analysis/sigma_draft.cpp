#include "core/analysis/sigma_draft.hpp"

#include "core/base/text.hpp"
#include "core/base/uuid.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::analysis {
namespace {

// Ours; drawn once.
constexpr Uuid k_draft_namespace = uuid_literal("6b7de4a8-5c0f-4a8e-9d43-0f6f1b2c7e55");
constexpr std::size_t k_max_draft_title = 200; // in code points; Sigma allows 256

// How a log source is called in Sigma, and the field that holds such a value there.
struct SigmaSource {
    std::string_view role, logsource, field;
};
constexpr SigmaSource k_sigma_sources[] = {
    {"process_creation", "category: process_creation", "CommandLine"},
    {"file_event", "category: file_event", "TargetFilename"},
    {"registry", "category: registry_event", "TargetObject"},
    {"network_connection", "category: network_connection", "DestinationHostname"},
    {"dns", "category: dns_query", "QueryName"},
    {"web_proxy", "category: proxy", "c-uri"},
    {"powershell", "category: ps_script", "ScriptBlockText"},
    {"image_load", "category: image_load", "ImageLoaded"},
    {"pipe", "category: pipe_created", "PipeName"},
    {"service_creation", "product: windows\n  service: system", "ImagePath"},
};

// A value in which '*' and '?' mean themselves: both are wildcards of Sigma, and '\' before one is its
// escape.
std::string escape_wildcards(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto end = std::min(value.find_first_not_of('\\', i), value.size());
        const bool is_before_wildcard = end < value.size() && (value[end] == '*' || value[end] == '?');
        if (value[i] == '\\' && is_before_wildcard) out += '\\';
        if (value[i] == '*' || value[i] == '?') out += '\\';
        out += value[i];
    }
    return out;
}

// A YAML string in single quotes, on one line.
std::string yaml_string(std::string_view text) {
    std::string out = "'";
    for (const char c : printable(fold_space(text))) out += c == '\'' ? "''" : std::string(1, c);
    return out + '\'';
}

std::string draft_of(const DraftOrigin& origin, const SigmaSource& source,
                     const std::vector<std::string>& values) {
    auto name = origin.url + '\n' + std::string(source.role);
    for (const auto& value : values) name += '\n' + value;
    auto out = fmt::format("title: {}\nid: {}\nstatus: experimental\n",
                           yaml_string(head_code_points("Draft: " + origin.title, k_max_draft_title)),
                           to_string(uuid_v5(k_draft_namespace, name)));
    out += "description: 'A draft from what a language model quoted. Nobody has tried it.'\n";
    if (!origin.url.empty()) out += fmt::format("references:\n  - {}\n", yaml_string(origin.url));
    out += fmt::format("logsource:\n  {}\ndetection:\n  selection:\n    {}|contains:\n", source.logsource,
                       source.field);
    for (const auto& value : values) out += fmt::format("      - {}\n", yaml_string(escape_wildcards(value)));
    return out + "  condition: selection\nfalsepositives:\n  - 'Unknown'\nlevel: low\n";
}
}

std::vector<std::string> sigma_drafts(const DraftOrigin& origin, const std::vector<Item>& items) {
    std::vector<std::string> drafts;
    for (const auto& source : k_sigma_sources) {
        std::vector<std::string> values;
        for (const auto& item : items)
            if (item.role == source.role && std::ranges::find(values, item.value) == values.end())
                values.push_back(item.value);
        if (!values.empty()) drafts.push_back(draft_of(origin, source, values));
    }
    return drafts;
}
}
