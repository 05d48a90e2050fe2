#include "cli/job_arguments.hpp"

#include "cli/options/options.hpp"
#include "core/base/json.hpp"
#include "core/ops/sources/named_sources.hpp"

#include <algorithm>

namespace cti::cli {
namespace {
using Type = work::JobArgument::Type;

std::string option_name(std::string_view name) {
    auto option = "--" + std::string(name);
    std::ranges::replace(option, '_', '-');
    return option;
}

void add_argument(Options& app, JobArgumentValues& values, const work::JobArgument& argument) {
    const auto name = option_name(argument.name);
    const std::string help(argument.help), type(argument.type_name);
    const auto add = [&](auto& value) {
        auto option = app.add_option(name, value, help).type_name(type).group("Arguments");
        if (argument.is_required) option.required();
        return option;
    };
    switch (argument.type) {
    case Type::text: add(values.texts[argument.name]); break;
    case Type::texts: add(values.lists[argument.name]).delimiter(','); break;
    case Type::number: add(values.numbers[argument.name]); break;
    case Type::flag: app.add_flag(name, values.flags[argument.name], help).group("Arguments"); break;
    }
}
}

void add_job_arguments(Options& app, const work::JobKind& kind, JobArgumentValues& values) {
    for (const auto& argument : kind.arguments) add_argument(app, values, argument);
}

void require_sources(db::Transaction& transaction, const JobArgumentValues& values) {
    const auto named = values.lists.find("source");
    if (named == values.lists.end() || named->second.empty()) return;
    const auto schema = db::read_schema(transaction);
    for (const auto& identifier : named->second) ops::get_source(transaction, schema, identifier);
}

std::string read_job_arguments(const work::JobKind& kind, const JobArgumentValues& values) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    for (const auto& [name, text] : values.texts)
        if (!text.empty()) json.member(name, text);
    for (const auto& [name, list] : values.lists)
        if (!list.empty()) json.member(name, list);
    for (const auto& [name, number] : values.numbers)
        if (number) json.member(name, *number);
    for (const auto& [name, is_set] : values.flags)
        if (is_set) json.member(name, true);
    json.end_object();
    if (kind.check != nullptr) kind.check(work::Arguments(out));
    return out;
}
}
