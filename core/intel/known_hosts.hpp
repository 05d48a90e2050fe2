#pragma once
#include "core/intel/indicator.hpp"

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

// Values that are well known and harmless by themselves: a short list of our own, and files in the format of
// the MISP warninglists. Beside them the hosts that everybody uses, good or bad: only their addresses tell.
namespace cti::intel {

class KnownHosts {
public:
    KnownHosts(); // with our own lists

    // JSON: {"name", "type": "hostname"|"string"|"substring"|"cidr", "list": […]}. Lists of regular
    // expressions are passed over. Returns how many values were read. Throws Error(usage) on what is none;
    // `name` is for messages. A list that is about hosts and not about URLs, or about shorteners and services
    // for files, names shared hosts.
    std::size_t add_warninglist(std::string_view json, const std::string& name);

    // benign, shared_host or none
    Verdict verdict_of(const Indicator& indicator) const;
    bool is_known(const Indicator& indicator) const;

private:
    bool is_known(const Indicator& indicator, std::string_view host) const;
    bool is_shared(std::string_view host) const;
    Verdict verdict_of_shared_url(const Indicator& indicator) const;
    static std::size_t end_of(std::string_view host);
    void add_shared(std::string_view host); // with a dot in front: all below it too
    std::size_t add_value(std::string_view kind, const std::string& value, bool names_shared_hosts);
    bool is_known_host(std::string_view host) const;
    bool is_known_address(std::string_view address) const;
    void add_host(std::string_view host);
    bool add_network(std::string_view cidr);

    std::unordered_set<std::string> m_exact;    // hosts of our own list, values of "string" lists
    std::unordered_set<std::string> m_hosts;    // with all that is below them
    std::unordered_set<std::string> m_networks; // length and bytes of the prefix
    std::vector<unsigned> m_bits4, m_bits6;     // lengths of prefixes that occur
    std::vector<std::string> m_parts;
    std::unordered_set<std::string> m_shared, m_shared_above; // the hosts; those with all that is below them
    std::vector<bool>
        m_shared_ends; // by a hash of the last two labels: most hosts are sorted out at a glance
};

// What ships with the tool: config/shared_hosts.yaml as it was built in.
std::string_view default_shared_hosts();

// The host of a URL or an e-mail address, the name of a domain; "" where there is none.
std::string_view host_of(const Indicator& indicator);
bool is_same_or_below(std::string_view host, std::string_view domain);
}
