#include "core/intel/names.hpp"

#include "core/base/dotted_words.hpp"
#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/intel/name_company.hpp"
#include "core/intel/name_words.hpp"
#include "core/intel/neighbours.hpp"
#include "core/intel/positions.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <yaml-cpp/yaml.h>

namespace cti::intel {
namespace {
constexpr std::size_t k_min_written_bytes = 3, k_max_written_bytes = 60;
// The matcher takes some hundred bytes for each letter.
constexpr std::size_t k_max_text_bytes = 512UL * 1024;

[[noreturn]] void fail(const std::string& name, const std::string& why) {
    throw Error(ExitCode::usage, fmt::format("cannot read '{}': {}", name, why));
}

std::optional<Type> kind_of_cluster(std::string_view type) {
    if (is_any_of(
            type,
            "threat-actor mitre-intrusion-set mitre-enterprise-attack-intrusion-set mitre-mobile-attack-intrusion-set microsoft-activity-group 360net-threat-actor "))
        return Type::threat_actor;
    if (is_any_of(type,
                  "tool mitre-tool mitre-enterprise-attack-tool mitre-mobile-attack-tool exploit-kit tds "))
        return Type::tool;
    if (is_any_of(
            type,
            "malpedia ransomware rat backdoor stealer banker botnet android cryptominers mitre-malware mitre-enterprise-attack-malware mitre-mobile-attack-malware "))
        return Type::malware;
    return std::nullopt;
}

// "APT29 - G0016" of the clusters made from ATT&CK.
std::string without_id(std::string name) {
    const auto dash = name.rfind(" - ");
    if (dash != name.npos && name.size() - dash == 8 &&
        all_of(std::string_view(name).substr(dash + 4), k_digit))
        name.erase(dash);
    return name;
}

// "BumbleBee" and "ZeuS" are written as no word is.
bool has_inner_capital(std::string_view written) {
    bool is_after_small = false;
    for (const char c : written) {
        if (is_after_small && is_ascii_upper(c)) return true;
        is_after_small |= c >= 'a' && c <= 'z';
    }
    return false;
}
}

std::vector<KnownName> parse_names(std::string_view yaml, const std::string& name) {
    std::vector<KnownName> names;
    try {
        const auto root = YAML::Load(std::string(yaml));
        if (!root.IsMap()) fail(name, "a map of lists is expected");
        for (const auto& list : root) {
            const auto type = find_value<Type>(list.first.Scalar());
            if (!type || *type < Type::malware)
                fail(name, fmt::format("unknown list '{}'", printable(list.first.Scalar())));
            for (const auto& item : list.second) {
                KnownName known{*type, {}, {}};
                for (const auto part : split(item.Scalar(), '|')) {
                    const auto word = std::string(trim(part));
                    if (known.canonical.empty())
                        known.canonical = word;
                    else
                        known.aliases.push_back(word);
                }
                names.push_back(std::move(known));
            }
        }
    } catch (const YAML::Exception& e) {
        fail(name, e.what());
    }
    return names;
}

std::vector<KnownName> parse_galaxy(std::string_view json, const std::string& name) {
    constexpr int deepest = 40;
    if (is_nested_deeper(json, deepest)) fail(name, "its brackets are nested too deeply");
    const auto root = nlohmann::json::parse(json, nullptr, false);
    if (root.is_discarded() || !root.is_object()) fail(name, "it is not a JSON object");
    const auto cluster = root.value("type", nlohmann::json());
    const auto type = cluster.is_string() ? kind_of_cluster(cluster.get<std::string>()) : std::nullopt;
    std::vector<KnownName> names;
    const auto values = root.find("values");
    if (!type || values == root.end() || !values->is_array()) return names;
    for (const auto& value : *values) {
        if (!value.is_object() || !value.contains("value") || !value["value"].is_string()) continue;
        KnownName known{*type, without_id(value["value"].get<std::string>()), {}};
        const auto meta = value.find("meta");
        if (meta != value.end() && meta->is_object() && meta->contains("synonyms") &&
            (*meta)["synonyms"].is_array())
            for (const auto& synonym : (*meta)["synonyms"])
                if (synonym.is_string()) known.aliases.push_back(synonym.get<std::string>());
        names.push_back(std::move(known));
    }
    return names;
}

std::vector<NameMatcher::Entry> NameMatcher::make_entries(const std::vector<KnownName>& names) {
    std::vector<Entry> entries;
    std::unordered_set<std::string> seen; // The first list that has a name decides.
    std::size_t bytes = 0;
    const auto add = [&](const KnownName& known, const std::string& written) {
        const auto lower = ascii_lower(written);
        const bool is_ascii = std::ranges::all_of(written, [](char c) { return c >= ' ' && c <= '~'; });
        if (!is_ascii || written.size() < k_min_written_bytes || written.size() > k_max_written_bytes ||
            all_of(written, k_digit) || bytes + written.size() > k_max_text_bytes)
            return;
        if (!seen.insert(lower).second) return;
        bytes += written.size();
        Entry entry{written, known.canonical, known.type, false, false};
        const bool is_short =
            written.size() <= 4 && written != lower && lower.substr(1) == std::string_view(written).substr(1);
        entry.is_word = all_of(written, k_letter) && (is_name_word(lower) || is_short);
        entry.exact_case = written.size() <= 5;
        entries.push_back(std::move(entry));
    };
    for (const auto& known : names) {
        add(known, known.canonical);
        for (const auto& alias : known.aliases) add(known, alias);
    }
    return entries;
}

namespace {
std::vector<Keyword> keywords_of(const auto& entries) {
    std::vector<Keyword> keywords;
    for (const auto& entry : entries) keywords.push_back({ascii_lower(entry.written), Edge::any, Edge::any});
    return keywords;
}
}

NameMatcher::NameMatcher(const std::vector<KnownName>& names)
    : m_entries(make_entries(names)), m_matcher(keywords_of(m_entries)) {}

namespace {
// "“Lazarus Group.pdf”": a quoted text that ends like a file.
bool is_in_file_name(std::string_view piece, std::size_t start) {
    constexpr std::size_t max_bytes = 100;
    const auto kind = opening_kind(piece, start);
    const auto close = kind == 0 ? piece.npos : find_closing(piece, start, start + max_bytes, kind);
    if (close == piece.npos) return false;
    const auto quoted = piece.substr(start, close - start);
    const auto dot = quoted.rfind('.');
    return dot != quoted.npos && is_file_extension(quoted.substr(dot + 1));
}
}

bool NameMatcher::is_name(std::string_view piece, const Match& match) const {
    const auto& entry = m_entries[match.entry];
    if (is_word_at(piece, match.end) || is_word_before(piece, match.start)) return false;
    // Not the label of a host or the name of a file.
    if (at(piece, match.end) == '.' && is(at(piece, match.end + 1), k_alnum)) return false;
    if (at(piece, match.end) == '[' && !is(at(piece, match.end + 1), k_digit)) return false;
    if (is_in_file_name(piece, match.start)) return false;
    // A folder: "D:\Evil Corp\x.exe".
    if (at(piece, match.end) == '\\' || before(piece, match.start) == '\\') return false;
    const bool is_exact = piece.substr(match.start, match.end - match.start) == entry.written;
    return is_exact || (entry.is_word ? is_ascii_upper(piece[match.start]) : !entry.exact_case);
}

// Capitals that no word has say enough, in a text that is not all in capitals.
bool NameMatcher::is_certain(std::string_view piece, const Match& match) const {
    const auto& entry = m_entries[match.entry];
    if (!entry.is_word || is_in_company(piece, match.start, match.end)) return true;
    if (piece.substr(match.start, match.end - match.start) != entry.written) return false;
    return has_inner_capital(entry.written) || (std::ranges::all_of(entry.written, is_ascii_upper) &&
                                                !is_among_capitals(piece, match.start, match.end));
}

// In "Responder, Sliver and Impacket" each says what the one beside it is: once forwards and once backwards.
void NameMatcher::spread_certainty(std::string_view piece, std::vector<Match>& matches) {
    const auto join = [piece](const Match& left, const Match& right, const Match& sure, Match& unsure) {
        constexpr std::size_t longest = 8;
        const bool is_beside = left.end <= right.start && right.start - left.end <= longest &&
                               is_list_mark(piece.substr(left.end, right.start - left.end));
        if (sure.is_certain && is_beside && !begins_longer_name(piece, unsure.end)) unsure.is_certain = true;
    };
    for (std::size_t i = 1; i < matches.size(); ++i)
        join(matches[i - 1], matches[i], matches[i - 1], matches[i]);
    for (std::size_t i = matches.size(); i-- > 1;)
        join(matches[i - 1], matches[i], matches[i], matches[i - 1]);
    std::erase_if(matches, [](const Match& match) { return !match.is_certain; });
}

std::vector<NameMatcher::Match> NameMatcher::find_matches(std::string_view text) const {
    // A name begins after no letter or digit, "_", "-" or ".".
    Positions edges(text, [](Bytes bytes, Bytes behind) {
        const auto joined =
            are_letters(bytes) | are_digits(bytes) | are(bytes, '_') | are_from(bytes, '-', 2);
        return ~joined & are_from(behind, '!', 1 + '~' - '!'); // names are ASCII
    });
    std::vector<Match> matches;
    for (std::size_t start = 0; start < text.size(); start = edges.next(start) + 1) {
        m_matcher.for_each_at(text, start, [&](std::size_t keyword, std::size_t end) {
            Match match{start, end, keyword, true};
            if (!is_name(text, match)) return;
            match.is_certain = is_certain(text, match);
            matches.push_back(match);
        });
    }
    // The longest of those that overlap: "Cobalt Strike", not "Cobalt".
    std::ranges::sort(matches, [](const Match& a, const Match& b) {
        return a.start != b.start ? a.start < b.start : a.end > b.end;
    });
    spread_certainty(text, matches);
    return matches;
}

void NameMatcher::find(const Refanged& piece, Places places, Findings& out) const {
    const auto matches = find_matches(piece.text());
    if (!matches.empty() && !std::ranges::is_sorted(places)) std::ranges::sort(places);
    std::size_t taken = 0, place_end = 0;
    auto place = places.begin();
    for (const auto& match : matches) {
        for (; place != places.end() && place->first <= match.start; ++place)
            place_end = std::max(place_end, place->second);
        if (match.start < taken || match.start < place_end) continue;
        taken = match.end;
        const auto& entry = m_entries[match.entry];
        Indicator found;
        found.type = entry.type, found.reading = Reading::listed;
        found.start = piece.original_start(match.start), found.end = piece.original_end(match.end);
        found.value = entry.canonical;
        out.add(std::move(found));
    }
}
}
