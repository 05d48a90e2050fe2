#pragma once
#include "core/model/named.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cti {

// What is found in a text. The numbers are stored nowhere.
enum class IndicatorType : std::uint8_t {
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
constexpr std::string_view name_of(IndicatorType value) {
    switch (value) {
    case IndicatorType::ipv4: return "ipv4";
    case IndicatorType::ipv6: return "ipv6";
    case IndicatorType::cidr: return "cidr";
    case IndicatorType::ip_port: return "ip_port";
    case IndicatorType::domain: return "domain";
    case IndicatorType::onion: return "onion";
    case IndicatorType::url: return "url";
    case IndicatorType::email: return "email";
    case IndicatorType::md5: return "md5";
    case IndicatorType::sha1: return "sha1";
    case IndicatorType::sha256: return "sha256";
    case IndicatorType::sha512: return "sha512";
    case IndicatorType::ssdeep: return "ssdeep";
    case IndicatorType::imphash: return "imphash";
    case IndicatorType::authentihash: return "authentihash";
    case IndicatorType::cve: return "cve";
    case IndicatorType::ghsa: return "ghsa";
    case IndicatorType::cvss: return "cvss";
    case IndicatorType::attack_technique: return "attack_technique";
    case IndicatorType::attack_tactic: return "attack_tactic";
    case IndicatorType::attack_software: return "attack_software";
    case IndicatorType::attack_group: return "attack_group";
    case IndicatorType::attack_mitigation: return "attack_mitigation";
    case IndicatorType::filename: return "filename";
    case IndicatorType::file_path: return "file_path";
    case IndicatorType::registry_key: return "registry_key";
    case IndicatorType::mutex: return "mutex";
    case IndicatorType::named_pipe: return "named_pipe";
    case IndicatorType::service: return "service";
    case IndicatorType::scheduled_task: return "scheduled_task";
    case IndicatorType::user_agent: return "user_agent";
    case IndicatorType::asn: return "asn";
    case IndicatorType::mac: return "mac";
    case IndicatorType::btc: return "btc";
    case IndicatorType::eth: return "eth";
    case IndicatorType::xmr: return "xmr";
    case IndicatorType::telegram: return "telegram";
    case IndicatorType::phone: return "phone";
    case IndicatorType::google_analytics: return "google_analytics";
    case IndicatorType::google_adsense: return "google_adsense";
    case IndicatorType::yara_rule: return "yara_rule";
    case IndicatorType::sigma_rule: return "sigma_rule";
    case IndicatorType::command_line: return "command_line";
    case IndicatorType::malware: return "malware";
    case IndicatorType::tool: return "tool";
    case IndicatorType::threat_actor: return "threat_actor";
    }
    return {};
}
constexpr std::size_t k_type_count = count_values<IndicatorType>();

// What speaks against taking an indicator at its word. Such a one is kept, and left out of exports unless
// asked for.
enum class IndicatorVerdict : std::uint8_t {
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
    system_file,    // a program or library that every system has, where it belongs
};
constexpr std::string_view name_of(IndicatorVerdict value) {
    switch (value) {
    case IndicatorVerdict::none: return "";
    case IndicatorVerdict::private_range: return "private";
    case IndicatorVerdict::loopback: return "loopback";
    case IndicatorVerdict::link_local: return "link_local";
    case IndicatorVerdict::documentation: return "documentation";
    case IndicatorVerdict::multicast: return "multicast";
    case IndicatorVerdict::reserved: return "reserved";
    case IndicatorVerdict::empty_file: return "empty_file";
    case IndicatorVerdict::own_site: return "own_site";
    case IndicatorVerdict::benign: return "benign";
    case IndicatorVerdict::file_name_like: return "file_name_like";
    case IndicatorVerdict::unknown_suffix: return "unknown_suffix";
    case IndicatorVerdict::part_of_path: return "part_of_path";
    case IndicatorVerdict::shared_host: return "shared_host";
    case IndicatorVerdict::code_like: return "code_like";
    case IndicatorVerdict::system_file: return "system_file";
    }
    return {};
}

// How a value was read.
enum class IndicatorReading : std::uint8_t {
    plain,
    defanged, // what stood there was changed before it was a value
    derived,  // the host of a URL or an e-mail address, an id in an address
    labelled, // by the word before it
    listed,   // by a list of names
};
constexpr std::string_view name_of(IndicatorReading value) {
    switch (value) {
    case IndicatorReading::plain: return "plain";
    case IndicatorReading::defanged: return "defanged";
    case IndicatorReading::derived: return "derived";
    case IndicatorReading::labelled: return "labelled";
    case IndicatorReading::listed: return "listed";
    }
    return {};
}

// An indicator of an article's text: a row of cti.indicators.
struct Finding {
    Named<IndicatorType> type;
    std::string value, original, sentence;
    Named<IndicatorVerdict> verdict;
    Named<IndicatorReading> reading;
    std::size_t start = 0, end = 0; // bytes of the text, or of the title
    bool in_title = false;
    int count = 1;
};
}
