#include "core/work/job_kind.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cti::work {
namespace {
using Json = nlohmann::json;
constexpr std::size_t k_max_arguments_bytes = 16 * 1024; // as much as a request of the status server may have
constexpr int k_max_depth = 8;                           // an object of lists has two

Json parse(const std::string& text) { return Json::parse(text, nullptr, false); }

Json find(const std::string& text, std::string_view name) {
    const auto json = parse(text);
    const auto it = json.find(name);
    return it == json.end() ? Json() : *it;
}

bool is_texts(const Json& value) {
    return value.is_array() && std::ranges::all_of(value, [](const Json& each) { return each.is_string(); });
}

bool has_type(const Json& value, JobArgument::Type type) {
    switch (type) {
    case JobArgument::Type::text: return value.is_string();
    case JobArgument::Type::texts: return is_texts(value);
    case JobArgument::Type::number: return value.is_number_integer();
    case JobArgument::Type::flag: return value.is_boolean();
    }
    return false;
}

std::string_view words_for(JobArgument::Type type) {
    switch (type) {
    case JobArgument::Type::text: return "a text";
    case JobArgument::Type::texts: return "a list of texts";
    case JobArgument::Type::number: return "a whole number";
    case JobArgument::Type::flag: return "true or false";
    }
    return {};
}
}

std::string Arguments::text(std::string_view name, std::string otherwise) const {
    const auto value = find(m_json, name);
    return value.is_string() ? value.get<std::string>() : std::move(otherwise);
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
    const auto value = find(m_json, name);
    return is_texts(value) ? value.get<std::vector<std::string>>() : std::vector<std::string>();
}

std::optional<long> Arguments::number(std::string_view name) const {
    const auto value = find(m_json, name);
    if (!value.is_number_integer()) return std::nullopt;
    return value.get<long>();
}

bool Arguments::flag(std::string_view name) const {
    const auto value = find(m_json, name);
    return value.is_boolean() && value.get<bool>();
}

std::span<const JobKind> job_kinds() {
    static const std::array kinds{k_collect_job, k_export_job, k_backfill_job, k_housekeeping_job,
                                  k_backup_job,  k_verify_job, k_prune_job,    k_analyze_job};
    return kinds;
}

bool has_need(JobNeed need, const WorkerTools& tools) {
    switch (need) {
    case JobNeed::none: return true;
    case JobNeed::export_dir: return !tools.export_dir.empty();
    case JobNeed::backup_dir: return !tools.backups.where.empty();
    case JobNeed::model: return !tools.model.url.empty();
    }
    return false;
}

const JobKind* find_job_kind(std::string_view name, std::span<const JobKind> among) {
    const auto it = std::ranges::find(among, name, &JobKind::name);
    return it == among.end() ? nullptr : &*it;
}

std::string find_argument_fault(const JobKind& kind, const std::string& arguments_json) {
    if (arguments_json.size() > k_max_arguments_bytes) return "its arguments are longer than 16 KiB";
    if (is_nested_deeper(arguments_json, k_max_depth)) return "its arguments are nested too deeply";
    const auto json = parse(arguments_json);
    if (!json.is_object()) return "its arguments are no JSON object";
    for (const auto& [name, value] : json.items()) {
        const auto it = std::ranges::find(kind.arguments, std::string_view(name), &JobArgument::name);
        if (it == kind.arguments.end())
            return fmt::format("{} has no argument '{}'", kind.name, printable(name));
        if (!has_type(value, it->type)) return fmt::format("'{}' is not {}", name, words_for(it->type));
    }
    for (const auto& argument : kind.arguments)
        if (argument.is_required && !json.contains(argument.name))
            return fmt::format("'{}' is missing", argument.name);
    return {};
}
}
