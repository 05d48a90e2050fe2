#include "core/ops/intelligence_files.hpp"

#include "core/base/error.hpp"
#include "core/io/read_input.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace cti::ops {
namespace {
namespace fs = std::filesystem;

// The JSON files of a directory and of those in it, by name; a file is itself.
std::vector<std::string> json_files(const std::string& path) {
    constexpr std::size_t most = 20000;
    std::vector<std::string> files;
    std::error_code error;
    if (!fs::is_directory(path, error)) return {path};
    for (fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error), end;
         !error && it != end; it.increment(error)) {
        constexpr int deepest = 3;
        if (it.depth() >= deepest) it.disable_recursion_pending();
        if (it->path().extension() == ".json" && it->is_regular_file(error))
            files.push_back(it->path().string());
        if (files.size() > most)
            throw Error{ExitCode::usage, fmt::format("cannot read '{}': more than {} files", path, most)};
    }
    if (error) throw Error{ExitCode::usage, fmt::format("cannot read '{}': {}", path, error.message())};
    std::ranges::sort(files);
    return files;
}

std::shared_ptr<const intel::NameMatcher> make_names(const std::string& galaxy) {
    auto names = intel::parse_names(intel::default_names(), "names.yaml");
    if (galaxy.empty()) return std::make_shared<intel::NameMatcher>(names);
    const fs::path clusters = fs::path(galaxy) / "clusters";
    std::error_code error;
    const auto before = names.size();
    for (const auto& file : json_files(fs::is_directory(clusters, error) ? clusters.string() : galaxy)) {
        auto more = intel::parse_galaxy(io::read_input(file), file);
        names.insert(names.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    if (names.size() == before)
        throw Error{ExitCode::usage, fmt::format("no names in '{}'", galaxy),
                    "The directory of a MISP galaxy is expected: clusters of malware, tools and actors."};
    return std::make_shared<intel::NameMatcher>(names);
}
}

intel::Extractor make_extractor(const IntelligenceFiles& given) {
    auto known = std::make_shared<intel::KnownHosts>();
    for (const auto& path : given.warninglists)
        for (const auto& file : json_files(path)) known->add_warninglist(io::read_input(file), file);
    return {make_names(given.galaxy), known};
}

std::shared_ptr<const pipeline::Intelligence> make_intelligence(const IntelligenceFiles& given) {
    const auto name = given.lexicon.empty() ? std::string("lexicon.yaml") : given.lexicon;
    const auto words =
        given.lexicon.empty() ? std::string(intel::default_lexicon()) : io::read_input(given.lexicon);
    return std::make_shared<pipeline::Intelligence>(make_extractor(given),
                                                    intel::parse_lexicon(words, Generation::web_2025, name),
                                                    intel::parse_lexicon(words, Generation::web_2026, name));
}
}
