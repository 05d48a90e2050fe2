#pragma once
#include "core/intel/findings.hpp"
#include "core/intel/keyword_matcher.hpp"
#include "core/intel/refang.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Names of malware, tools and actors.
namespace cti::intel {

struct KnownName {
    Type type = Type::malware; // malware, tool or threat_actor
    std::string canonical;
    std::vector<std::string> aliases; // without the canonical name
};

// YAML: a map of `malware`, `tool` and `threat_actor` to lists of "Name | alias | alias". Throws
// Error(usage).
std::vector<KnownName> parse_names(std::string_view yaml, const std::string& name);
// A cluster file of the MISP galaxy. One of another kind than the three gives nothing. Throws Error(usage).
std::vector<KnownName> parse_galaxy(std::string_view json, const std::string& name);

// What ships with the tool: config/names.yaml as it was built in.
std::string_view default_names();

// Made once, used by several threads.
class NameMatcher {
public:
    explicit NameMatcher(const std::vector<KnownName>& names);
    std::size_t size() const { return m_entries.size(); }

    // Adds the names in the piece, but none that stands in one of `places`: [start, end) of the refanged
    // text.
    using Places = std::vector<std::pair<std::size_t, std::size_t>>;
    void find(const Refanged& piece, Places places, Findings& out) const;

private:
    struct Entry {
        std::string written;
        std::string canonical;
        Type type = Type::malware;
        bool exact_case = false; // as short names are taken
        bool is_word = false;    // needs a capital, and company: see name_company
    };
    struct Match {
        std::size_t start, end, entry;
        bool is_certain; // not only beside a name that is
    };
    static std::vector<Entry> make_entries(const std::vector<KnownName>& names);
    std::vector<Match> find_matches(std::string_view text) const;
    bool is_name(std::string_view piece, const Match& match) const;
    bool is_certain(std::string_view piece, const Match& match) const;
    static void spread_certainty(std::string_view piece, std::vector<Match>& matches);

    std::vector<Entry> m_entries;
    KeywordMatcher m_matcher;
};
}
