#include "core/base/error.hpp"
#include "core/intel/hunt_score.hpp"
#include "core/intel/known_hosts.hpp"
#include "core/intel/names.hpp"

#include <cstdint>
#include <cstdlib>

namespace {
template <class Work>
void tolerate(const Work& work) {
    try {
        work();
    } catch (const cti::Error& error) {
        if (*error.what() == '\0') std::abort(); // What is no lexicon is refused, with a reason.
    }
}
}

// The loaders of everything that a user may give: words of the hunt score, names, warninglists.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cti::intel;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    tolerate([&] {
        const HuntScorer scorer(parse_lexicon(text, Generation::web_2026, "fuzz"), Generation::web_2026);
        const auto score = scorer.score("a title", "rundll32.exe ran powershell from HKLM").score;
        if (score < 0 || score > 99.9) std::abort();
    });
    tolerate([&] { static_cast<void>(NameMatcher(parse_names(text, "fuzz")).size()); });
    tolerate([&] { static_cast<void>(NameMatcher(parse_galaxy(text, "fuzz")).size()); });
    tolerate([&] { KnownHosts().add_warninglist(text, "fuzz"); });
    return 0;
}
