#include "core/intel/known_hosts.hpp"

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/intel/families/ip.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <functional>
#include <nlohmann/json.hpp>

namespace cti::intel {
namespace {
constexpr std::size_t k_ends = 65536;
constexpr std::size_t k_max_parts = 2000; // Each is looked for in each value.

// Hosts that reports link to and that everybody reaches. Only the hosts themselves: anything may be below
// them.
constexpr std::string_view k_own[] = {
    "google.com",
    "youtube.com",
    "microsoft.com",
    "learn.microsoft.com",
    "msrc.microsoft.com",
    "support.microsoft.com",
    "windowsupdate.com",
    "update.microsoft.com",
    "login.microsoftonline.com",
    "office.com",
    "bing.com",
    "apple.com",
    "support.apple.com",
    "amazon.com",
    "aws.amazon.com",
    "cloudflare.com",
    "github.com",
    "gist.github.com",
    "docs.github.com",
    "gitlab.com",
    "bitbucket.org",
    "stackoverflow.com",
    "wikipedia.org",
    "en.wikipedia.org",
    "archive.org",
    "web.archive.org",
    "twitter.com",
    "x.com",
    "facebook.com",
    "linkedin.com",
    "instagram.com",
    "reddit.com",
    "medium.com",
    "mastodon.social",
    "infosec.exchange",
    "bsky.app",
    "virustotal.com",
    "hybrid-analysis.com",
    "any.run",
    "app.any.run",
    "tria.ge",
    "urlscan.io",
    "shodan.io",
    "censys.io",
    "bazaar.abuse.ch",
    "urlhaus.abuse.ch",
    "threatfox.abuse.ch",
    "abuse.ch",
    "mitre.org",
    "attack.mitre.org",
    "cve.mitre.org",
    "cve.org",
    "nvd.nist.gov",
    "nist.gov",
    "cisa.gov",
    "us-cert.cisa.gov",
    "cert.gov.ua",
    "ncsc.gov.uk",
    "first.org",
    "exploit-db.com",
    "malpedia.caad.fkie.fraunhofer.de",
    "misp-project.org",
    "lolbas-project.github.io",
    "gtfobins.github.io",
    "welivesecurity.com",
    "unit42.paloaltonetworks.com",
    "paloaltonetworks.com",
    "blog.talosintelligence.com",
    "talosintelligence.com",
    "crowdstrike.com",
    "mandiant.com",
    "securelist.com",
    "kaspersky.com",
    "sentinelone.com",
    "proofpoint.com",
    "trendmicro.com",
    "symantec.com",
    "sophos.com",
    "news.sophos.com",
    "thedfirreport.com",
    "bleepingcomputer.com",
    "thehackernews.com",
    "krebsonsecurity.com",
    "zdnet.com",
    "wired.com",
    "adobe.com",
    "mozilla.org",
    "w3.org",
    "schemas.microsoft.com",
    "oracle.com",
    "java.com",
    "python.org",
    "pypi.org",
    "npmjs.com",
    "openssl.org",
    "debian.org",
    "ubuntu.com",
    "redhat.com",
    "kernel.org",
    "docker.com",
    "hub.docker.com",
    "letsencrypt.org",
    "digicert.com",
    "verisign.com",
};

std::string prefix_key(const std::uint8_t* bytes, unsigned bits, char family) {
    std::string key{family, static_cast<char>(bits)};
    for (unsigned i = 0; i < (bits + 7) / 8; ++i) {
        const unsigned kept = std::min(8U, bits - 8 * i);
        key += static_cast<char>(bytes[i] & (0xFF00U >> kept));
    }
    return key;
}

// By the kinds of attributes that a list is matched with, and by its name.
bool names_shared_hosts(const nlohmann::json& root) {
    const auto label = root.value("name", nlohmann::json());
    const auto name = label.is_string() ? ascii_lower(label.get<std::string>()) : std::string();
    for (const std::string_view word :
         {"shortener", "file sharing", "file-sharing", "pastebin", "paste site"})
        if (name.find(word) != name.npos) return true;
    const auto attributes = root.value("matching_attributes", nlohmann::json());
    bool has_hosts = false, has_addresses = false;
    if (attributes.is_array())
        for (const auto& attribute : attributes) {
            has_hosts |= attribute == "domain" || attribute == "hostname";
            has_addresses |= attribute == "url" || attribute == "uri" || attribute == "link";
        }
    return has_hosts && !has_addresses;
}

[[noreturn]] void fail(const std::string& name, const std::string& why) {
    throw Error(ExitCode::usage, fmt::format("cannot read '{}': {}", name, why),
                "A MISP warninglist is expected: an object with 'type' and 'list'.");
}
}

std::string_view host_of(const Indicator& indicator) {
    const std::string_view value = indicator.value;
    if (indicator.type == Type::domain || indicator.type == Type::onion) return value;
    if (indicator.type == Type::email) return value.substr(value.rfind('@') + 1);
    if (indicator.type != Type::url) return {};
    if (value.find("://") != value.npos) return split_url(value).host;
    return value.substr(0, value.find_first_of("/:?#"));
}

bool is_same_or_below(std::string_view host, std::string_view domain) {
    return host == domain || (host.size() > domain.size() && host.ends_with(domain) &&
                              host[host.size() - domain.size() - 1] == '.');
}

KnownHosts::KnownHosts() {
    for (const auto host : k_own) m_exact.emplace(host);
    // A line of a list is "  - host"; whatever else there is, are headings and comments.
    for (const auto line : split(default_shared_hosts(), '\n'))
        if (const auto item = trim(line); item.starts_with("- ")) add_shared(trim(item.substr(2)));
}

// The place of the last two labels in m_shared_ends.
std::size_t KnownHosts::end_of(std::string_view host) {
    const auto dot = host.rfind('.');
    const auto second = dot == host.npos || dot == 0 ? host.npos : host.rfind('.', dot - 1);
    const auto labels = host.substr(second == host.npos ? 0 : second + 1);
    return std::hash<std::string_view>{}(labels) % k_ends;
}

void KnownHosts::add_shared(std::string_view host) {
    const bool with_below = host.starts_with('.');
    auto lower = ascii_lower(host.substr(with_below ? 1 : 0));
    m_shared_ends.resize(k_ends);
    m_shared_ends[end_of(lower)] = true;
    (with_below ? m_shared_above : m_shared).insert(std::move(lower));
}

void KnownHosts::add_host(std::string_view host) {
    if (host.starts_with('.')) host.remove_prefix(1);
    if (!host.empty()) m_hosts.insert(ascii_lower(host));
}

bool KnownHosts::add_network(std::string_view cidr) {
    const auto slash = cidr.find('/');
    const auto address = cidr.substr(0, slash);
    const auto v4 = parse_ipv4(address);
    const auto v6 = v4 ? std::nullopt : parse_ipv6(address);
    if (!v4 && !v6) return false;
    unsigned bits = v4 ? 32 : 128;
    if (slash != cidr.npos) {
        unsigned given = 0;
        const auto digits = cidr.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), given);
        if (error != std::errc() || end != digits.data() + digits.size() || given > bits) return false;
        bits = given;
    }
    auto& lengths = v4 ? m_bits4 : m_bits6;
    if (std::ranges::find(lengths, bits) == lengths.end()) lengths.push_back(bits);
    m_networks.insert(prefix_key(v4 ? v4->data() : v6->data(), bits, v4 ? '4' : '6'));
    return true;
}

std::size_t KnownHosts::add_warninglist(std::string_view json, const std::string& name) {
    constexpr int deepest = 20;
    if (is_nested_deeper(json, deepest)) fail(name, "its brackets are nested too deeply");
    const auto root = nlohmann::json::parse(json, nullptr, false);
    if (root.is_discarded() || !root.is_object()) fail(name, "it is not a JSON object");
    const auto type = root.value("type", nlohmann::json()), list = root.value("list", nlohmann::json());
    if (!type.is_string() || !list.is_array()) fail(name, "'type' or 'list' is missing");
    const auto kind = type.get<std::string>();
    const bool shared = names_shared_hosts(root);
    std::size_t count = 0;
    for (const auto& item : list) {
        if (!item.is_string()) fail(name, "'list' holds something else than texts");
        count += add_value(kind, item.get<std::string>(), shared);
    }
    return count;
}

std::size_t KnownHosts::add_value(std::string_view kind, const std::string& value, bool names_shared_hosts) {
    if (kind == "cidr") return add_network(value) ? 1 : 0;
    if (kind == "hostname" && names_shared_hosts)
        add_shared('.' + value.substr(value.starts_with('.') ? 1 : 0));
    else if (kind == "string" && names_shared_hosts)
        add_shared(value);
    else if (kind == "hostname")
        add_host(value);
    else if (kind == "string")
        m_exact.insert(ascii_lower(value));
    else if (kind == "substring" && !value.empty() && m_parts.size() < k_max_parts)
        m_parts.push_back(ascii_lower(value));
    else
        return 0;
    return 1;
}

namespace {
bool is_in_or_below(const std::string& host, const std::unordered_set<std::string>& hosts) {
    for (std::size_t pos = 0; !hosts.empty() && pos < host.size();) {
        if (hosts.contains(host.substr(pos))) return true;
        const auto dot = host.find('.', pos);
        pos = dot == host.npos ? host.size() : dot + 1;
    }
    return false;
}

// Where sites for code hand out files as they are.
bool serves_a_file(std::string_view url) {
    for (const std::string_view mark :
         {"/raw/", "/releases/download/", "/archive/", "/downloads/", "raw=true"})
        if (url.find(mark) != url.npos) return true;
    return false;
}
}

bool KnownHosts::is_known_host(std::string_view host) const {
    const auto lower = ascii_lower(host);
    if (m_exact.contains(lower) || (lower.starts_with("www.") && m_exact.contains(lower.substr(4))))
        return true;
    return is_in_or_below(lower, m_hosts) || is_known_address(lower);
}

bool KnownHosts::is_shared(std::string_view host) const {
    // The host of an indicator is in small letters already.
    if (m_shared_ends.empty() || !m_shared_ends[end_of(host)]) return false;
    const auto lower = ascii_lower(host);
    return m_shared.contains(lower) || (lower.starts_with("www.") && m_shared.contains(lower.substr(4))) ||
           is_in_or_below(lower, m_shared_above);
}

Verdict KnownHosts::verdict_of(const Indicator& indicator) const {
    const bool has_host = indicator.type == Type::domain || indicator.type == Type::url;
    const auto host = has_host ? host_of(indicator) : std::string_view();
    if (has_host && is_shared(host))
        return indicator.type == Type::domain ? Verdict::shared_host : verdict_of_shared_url(indicator);
    return is_known(indicator, host) ? Verdict::benign : Verdict::none;
}

bool KnownHosts::is_known(const Indicator& indicator) const {
    const bool has_host = indicator.type == Type::domain || indicator.type == Type::url;
    return is_known(indicator, has_host ? host_of(indicator) : std::string_view());
}

// That the host is on a list of harmless ones says nothing of what is fetched there: only of our own list,
// whose sites reports link to, other addresses than those of files are.
Verdict KnownHosts::verdict_of_shared_url(const Indicator& indicator) const {
    const auto lower = ascii_lower(indicator.value);
    const bool is_listed = m_exact.contains(lower) || std::ranges::any_of(m_parts, [&](const auto& part) {
                               return lower.find(part) != lower.npos;
                           });
    auto host = host_of(indicator);
    if (istarts_with(host, "www.")) host.remove_prefix(4);
    const bool is_reference =
        std::ranges::find(k_own, ascii_lower(host)) != std::end(k_own) && !serves_a_file(lower);
    return is_listed || is_reference ? Verdict::benign : Verdict::none;
}

bool KnownHosts::is_known_address(std::string_view address) const {
    if (m_networks.empty()) return false;
    if (const auto v4 = parse_ipv4(address))
        return std::ranges::any_of(
            m_bits4, [&](unsigned bits) { return m_networks.contains(prefix_key(v4->data(), bits, '4')); });
    if (const auto v6 = parse_ipv6(address))
        return std::ranges::any_of(
            m_bits6, [&](unsigned bits) { return m_networks.contains(prefix_key(v6->data(), bits, '6')); });
    return false;
}

bool KnownHosts::is_known(const Indicator& indicator, std::string_view host) const {
    const std::string_view value = indicator.value;
    switch (indicator.type) {
    case Type::ipv4:
    case Type::ipv6:
        if (is_known_address(value)) return true;
        break;
    case Type::ip_port:
        if (is_known_address(value.substr(0, value.rfind(':')))) return true;
        break;
    case Type::domain:
    case Type::url:
        if (is_known_host(host)) return true;
        break;
    default: break;
    }
    const auto lower = ascii_lower(value);
    return m_exact.contains(lower) ||
           std::ranges::any_of(m_parts, [&](const auto& part) { return lower.find(part) != lower.npos; });
}
}
