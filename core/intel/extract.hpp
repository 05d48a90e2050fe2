#pragma once
#include "core/intel/indicator.hpp"
#include "core/intel/known_hosts.hpp"
#include "core/intel/names.hpp"
#include "core/intel/scan.hpp"

#include <memory>

// Text in, indicators out. One pass, linear in the text; the memory beside the findings is bounded.
namespace cti::intel {

// Changes with what is found: articles that were read by an older one can be read again.
constexpr int k_extractor_version = 4;

struct ExtractOptions {
    std::string_view own_site; // the host that the text was published at
    std::size_t most = 250000; // distinct indicators
    bool explain = false;
};

struct Extraction {
    std::vector<Indicator> indicators; // by their first occurrence
    std::size_t dropped = 0;           // beyond the most
    std::vector<Rejected> rejected;    // with `explain`, 10,000 at most
};

// Made once, used for all texts and by several threads.
class Extractor {
public:
    Extractor(); // with what ships with the tool
    Extractor(std::shared_ptr<const NameMatcher> names, std::shared_ptr<const KnownHosts> known)
        : m_names(std::move(names)), m_known(std::move(known)) {}

    // Ill-formed UTF-8 is read around.
    Extraction extract(std::string_view text, const ExtractOptions& options = {}) const;

private:
    void assign_verdicts(std::vector<Indicator>& found, std::string_view text,
                         std::string_view own_site) const;

    std::shared_ptr<const NameMatcher> m_names; // none: no names are looked for
    std::shared_ptr<const KnownHosts> m_known;
};

// The sentence or the line around [start, end), 600 bytes at most, cut between characters.
std::string_view sentence_around(std::string_view text, std::size_t start, std::size_t end);
}
