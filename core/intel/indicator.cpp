#include "core/intel/indicator.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
constexpr std::array<std::string_view, k_type_count> k_types{"ipv4",
                                                             "ipv6",
                                                             "cidr",
                                                             "ip_port",
                                                             "domain",
                                                             "onion",
                                                             "url",
                                                             "email",
                                                             "md5",
                                                             "sha1",
                                                             "sha256",
                                                             "sha512",
                                                             "ssdeep",
                                                             "imphash",
                                                             "authentihash",
                                                             "cve",
                                                             "ghsa",
                                                             "cvss",
                                                             "attack_technique",
                                                             "attack_tactic",
                                                             "attack_software",
                                                             "attack_group",
                                                             "attack_mitigation",
                                                             "filename",
                                                             "file_path",
                                                             "registry_key",
                                                             "mutex",
                                                             "named_pipe",
                                                             "service",
                                                             "scheduled_task",
                                                             "user_agent",
                                                             "asn",
                                                             "mac",
                                                             "btc",
                                                             "eth",
                                                             "xmr",
                                                             "telegram",
                                                             "phone",
                                                             "google_analytics",
                                                             "google_adsense",
                                                             "yara_rule",
                                                             "sigma_rule",
                                                             "command_line",
                                                             "malware",
                                                             "tool",
                                                             "threat_actor"};
constexpr std::array<std::string_view, k_verdict_count> k_verdicts{
    "",           "private",  "loopback", "link_local",     "documentation",  "multicast",    "reserved",
    "empty_file", "own_site", "benign",   "file_name_like", "unknown_suffix", "part_of_path", "shared_host",
    "code_like"};
constexpr std::array<std::string_view, k_reading_count> k_readings{"plain", "defanged", "derived", "labelled",
                                                                   "listed"};
}

std::string_view name_of(Type type) { return k_types.at(static_cast<std::size_t>(type)); }
std::string_view name_of(Verdict verdict) { return k_verdicts.at(static_cast<std::size_t>(verdict)); }
std::string_view name_of(Reading reading) { return k_readings.at(static_cast<std::size_t>(reading)); }

std::optional<Type> find_type(std::string_view name) {
    const auto found = std::ranges::find(k_types, name);
    if (found == k_types.end()) return std::nullopt;
    return static_cast<Type>(found - k_types.begin());
}
}
