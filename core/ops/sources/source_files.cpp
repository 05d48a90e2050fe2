#include "core/ops/sources/source_files.hpp"

#include "core/base/plural.hpp"
#include "core/io/read_input.hpp"
#include "core/sources/yaml.hpp"
#include "core/sources/yaml_tree.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <utility>

namespace cti::ops {
namespace {

namespace fs = std::filesystem;

Error cannot_read(const std::string& path, const std::string& why, const std::string& hint = "") {
    return Error{ExitCode::usage, fmt::format("cannot read '{}': {}", path, why), hint};
}

std::vector<std::string> files_of(const std::string& folder) {
    std::vector<std::string> files;
    std::error_code failed;
    for (auto it = fs::directory_iterator(folder, failed); !failed && it != fs::directory_iterator();
         it.increment(failed)) {
        const auto& path = it->path();
        const bool is_yaml = path.extension() == ".yaml" || path.extension() == ".yml";
        if (is_yaml && !path.filename().string().starts_with('.')) files.push_back(path.string());
    }
    if (failed) throw cannot_read(folder, failed.message());
    if (files.empty()) throw cannot_read(folder, "it has no file that ends with .yaml or .yml");
    std::sort(files.begin(), files.end());
    return files;
}

// A single error is told by the exception itself.
[[noreturn]] void refuse(const Environment& environment, const std::string& path,
                         const std::vector<sources::Problem>& errors) {
    const auto hint = "Nothing was changed; correct the file and try again.";
    if (errors.size() == 1) {
        const auto& only = errors[0];
        throw cannot_read(only.file,
                          only.line == 0 ? only.message : fmt::format("line {}: {}", only.line, only.message),
                          hint);
    }
    for (const auto& error : errors) environment.report_error(sources::to_string(error));
    throw cannot_read(path, fmt::format("it has {}", count_of(static_cast<long>(errors.size()), "error")),
                      hint);
}

std::vector<SourceSpec> accept(const Environment& environment, sources::LoadResult all,
                               const std::string& path) {
    for (const auto& warning : all.warnings) environment.warn(sources::to_string(warning));
    if (!all.errors.empty()) refuse(environment, path, all.errors);
    return std::move(all.sources);
}
}

std::string read_bounded(const std::string& path) {
    errno = 0;
    std::ifstream file(path == "-" ? "/dev/stdin" : path, std::ios::binary);
    if (!file) throw cannot_read(path, std::strerror(errno), io::read_remedy(errno));
    std::string text(sources::k_max_yaml_bytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) throw cannot_read(path, std::strerror(errno), io::read_remedy(errno));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

std::vector<SourceSpec> parse_sources(const Environment& environment, std::string_view text,
                                      const std::string& path) {
    return accept(environment, sources::load_sources(text, path), path);
}

std::vector<SourceSpec> read_sources(const Environment& environment, const std::string& path) {
    sources::LoadResult all;
    std::error_code ignored; // What cannot be asked about cannot be read either, and that is told.
    const bool is_folder = fs::is_directory(path, ignored);
    for (const auto& file : is_folder ? files_of(path) : std::vector<std::string>{path})
        sources::append(all, sources::load_sources(read_bounded(file), file));
    return accept(environment, std::move(all), path);
}

std::optional<std::string> find_default_sources() {
    std::error_code failed;
    const auto program = fs::read_symlink("/proc/self/exe", failed);
    for (const auto& path : {fs::path(k_default_sources_config), fs::path("/etc/cti/sources.yaml"),
                             program.parent_path().parent_path() / "share/cti/sources.yaml"})
        if (fs::exists(path, failed) || failed)
            return path.string(); // Reading tells why it cannot be asked for.
    return std::nullopt;
}

std::optional<std::vector<SourceSpec>> read_configured_sources(const Environment& environment,
                                                               const std::string& config) {
    if (config.empty()) {
        const auto path = find_default_sources();
        return path ? std::optional(read_sources(environment, *path)) : std::nullopt;
    }
    std::error_code failed;
    if (config == "-" || fs::exists(config, failed) || failed) return read_sources(environment, config);
    throw cannot_read(config, "no such file or folder",
                      "Name the file of the sources with --config or SOURCES_CONFIG.");
}

std::vector<SourceSpec> leave_to_operators(db::Transaction& tx, const db::Schema& schema,
                                           const std::vector<SourceSpec>& specs,
                                           sources::ScheduleFrom schedule_from) {
    if (schema.generation != Generation::web_2026) return specs;
    return sources::leave_to_database(store::list_sources(tx, schema), specs, schedule_from);
}

sources::Difference apply_sources(db::Transaction& tx, const db::Schema& schema,
                                  const std::vector<SourceSpec>& specs, sources::ActiveFrom active_from) {
    auto difference = sources::compare(store::list_sources(tx, schema), specs, active_from);
    for (const auto& change : difference.added) store::insert_source(tx, schema, change.spec);
    for (const auto& change : difference.changed)
        store::update_source(tx, schema, change.id, change.spec, active_from == sources::ActiveFrom::file);
    return difference;
}
}
