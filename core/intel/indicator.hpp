#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What is found in a text.
namespace cti::intel {

// The order is that of the table of names in indicator.cpp. The numbers are stored nowhere.
enum class Type : std::uint8_t {
    ipv4,
    ipv6,
    cidr,
    ip_port,
    domain,
    onion,
    url,
    email,
    md5,
    sha1,
    sha256,
    sha512,
    ssdeep,
    imphash,
    authentihash,
    cve,
    ghsa,
    cvss,
    attack_technique,
    attack_tactic,
    attack_software,
    attack_group,
    attack_mitigation,
    filename,
    file_path,
    registry_key,
    mutex,
    named_pipe,
    service,
    scheduled_task,
    user_agent,
    asn,
    mac,
    btc,
    eth,
    xmr,
    telegram,
    phone,
    google_analytics,
    google_adsense,
    yara_rule,
    sigma_rule,
    command_line,
    malware,
    tool,
    threat_actor,
};
constexpr std::size_t k_type_count = static_cast<std::size_t>(Type::threat_actor) + 1;

// What speaks against taking an indicator at its word. Such a one is kept, and left out of exports unless
// asked for.
enum class Verdict : std::uint8_t {
    none,
    private_range,
    loopback,
    link_local,
    documentation, // addresses and names that are reserved for examples
    multicast,
    reserved, // no address of a host in the internet, for another reason
    empty_file,
    own_site,
    benign,         // on a list of well-known hosts
    file_name_like, // a file by its name that could be a domain, or the reverse
    unknown_suffix, // under no public suffix
    part_of_path,   // looks like a hash, but stands in an address or a path, and may be any token
    shared_host,    // everybody uses it: its addresses may be bad, it is not
    code_like,      // written like a domain, but a field, a member or a package in source code or a query
};
constexpr std::size_t k_verdict_count = static_cast<std::size_t>(Verdict::code_like) + 1;

// How a value was read.
enum class Reading : std::uint8_t {
    plain,
    defanged, // what stood there was changed before it was a value
    derived,  // the host of a URL or an e-mail address, an id in an address
    labelled, // by the word before it
    listed,   // by a list of names
};
constexpr std::size_t k_reading_count = static_cast<std::size_t>(Reading::listed) + 1;

std::string_view name_of(Type type);
std::string_view name_of(Verdict verdict); // "" for none
std::string_view name_of(Reading reading);
std::optional<Type> find_type(std::string_view name);

// One value. `start` and `end` are bytes of the text: its first occurrence, as it stood there.
struct Indicator {
    Type type = Type::ipv4;
    Verdict verdict = Verdict::none;
    Reading reading = Reading::plain;
    std::uint32_t count = 1;
    std::size_t start = 0, end = 0;
    std::string value; // refanged and normalised
};
}
