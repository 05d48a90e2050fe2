#include "core/intel/names.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/intel/neighbours.hpp"
#include "core/intel/positions.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <yaml-cpp/yaml.h>

namespace cti::intel {
namespace {
constexpr std::size_t k_min_name_bytes = 3, k_max_name_bytes = 60;
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

// English words and words of the trade that are names too.
bool is_word(std::string_view lower) {
    return is_any_of(
        lower,
        "agent akira amnesia anchor angel anger anvil apollo apple arrow ash atlas atom avenger bad bandit banker basic bear beast beacon bird bit black "
        "blade blaze blizzard blood blue bolt bomb bot box brain bronze bug bull bunny burner cactus camel cannon carbon cat chaos cherry china chimera cloud "
        "cobalt comet conti core cosmic crab crash cross crow crown cube cyber danger dark dawn dead death delta demon diamond dino doctor dog dragon dragonfly "
        "dream drone droplet duke dust eagle earth echo eclipse eight eleven elite ember empire energy engine enigma everest evil explorer fabric falcon fire "
        "flame flash flax flea fog force fox frog frost fury fusion galaxy gamma gazer ghost giant glass global gold gorilla grace granite griffin ground group "
        "guard hammer hawk havoc head helix hermes hero hive hornet hunter hydra ice icon impact inc india infinity iron jade jaguar jasper joker judge jump "
        "jupiter kitten knight lab lance lead legion leopard light lightning lion lock lotus lunar lynx mac machine magic magnet mantis marble mask maze mercury "
        "meteor mimic mint mirror mist mole monkey monster moon mosaic mouse net neptune night ninja nitro nova oak octopus olympic omega onyx opal oracle "
        "orbit orion panda panther paradise pearl phantom phoenix pirate pixel planet play pluto poison power prince prism prophet pulse puma python quantum rage "
        "rain rapid raven ray red relic revenge rhino ring rocket rose royal ruby rush sage salt sandman saturn scarab scorpion scout shadow shark shell shield "
        "silence silver sleet sling smoke snake snow solar sonic spark sphinx spider spirit splash spring squid star stealth steel sting stone storm stream strike "
        "sun surge swan sword tank team temp tempest thief thor thunder tiger titan tornado toxic tropic trojan tsunami tundra turbo typhoon ultra unicorn union "
        "vampire vault venom venus viper virus void volcano volt vortex vulture wave whale wind winter wizard wolf worm zero zeus zombie ransomware malware loader "
        "stealer downloader dropper backdoor rootkit exploit payload remote access tool admin system windows linux android macos apt rat unknown none other test "
        "demo default service update security defender office word excel shell power keylogger miner clipper injector crypter packer spyware adware cerberus "
        "anonymous lapsus comment chart bluenoroff regin generic mirage nemesis sliver mythic covenant merlin brute impacket metasploit empire ");
}

bool has_kind_behind(std::string_view piece, std::size_t end) {
    const auto word = skip(piece, end, k_space, 2);
    const auto stop = skip(piece, word, k_letter, 16);
    return word > end &&
           is_any_of(
               ascii_lower(piece.substr(word, stop - word)),
               "ransomware malware rat stealer infostealer loader backdoor trojan botnet group gang actor actors operator operators affiliate affiliates worm implant "
               "framework spyware rootkit wiper dropper downloader infection infections campaign apt c2 samples sample payload ");
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

std::vector<KnownName> parse_galaxy(std::string_view text, const std::string& name) {
    constexpr int deepest = 40;
    if (is_nested_deeper(text, deepest)) fail(name, "its brackets are nested too deeply");
    const auto root = nlohmann::json::parse(text, nullptr, false);
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
        if (!is_ascii || written.size() < k_min_name_bytes || written.size() > k_max_name_bytes ||
            all_of(written, k_digit) || bytes + written.size() > k_max_text_bytes)
            return;
        if (!seen.insert(lower).second) return;
        bytes += written.size();
        Entry entry{written, known.canonical, known.type, false, false};
        const bool one_word = all_of(written, k_letter);
        entry.needs_kind =
            one_word && (is_word(lower) || (written.size() <= 4 && written != lower &&
                                            lower.substr(1) == std::string_view(written).substr(1)));
        entry.exact_case = entry.needs_kind || written.size() <= 5;
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

bool NameMatcher::is_name(std::string_view piece, const Match& match) const {
    const auto& entry = m_entries[match.entry];
    if (is_word_at(piece, match.end) || is_word_before(piece, match.start)) return false;
    // Not the label of a host or the name of a file.
    if ((at(piece, match.end) == '.' && is(at(piece, match.end + 1), k_alnum)) || at(piece, match.end) == '[')
        return false;
    if (entry.exact_case && piece.substr(match.start, match.end - match.start) != entry.written) return false;
    return !entry.needs_kind || has_kind_behind(piece, match.end);
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
            const Match match{start, end, keyword};
            if (is_name(text, match)) matches.push_back(match);
        });
    }
    // The longest of those that overlap: "Cobalt Strike", not "Cobalt".
    std::ranges::sort(matches, [](const Match& a, const Match& b) {
        return a.start != b.start ? a.start < b.start : a.end > b.end;
    });
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
