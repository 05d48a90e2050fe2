#include "core/sources/reading.hpp"

#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/sources/source_json.hpp"

#include <fmt/format.h>

namespace cti::sources {
namespace {

struct Remedy {
    std::string_view fault, text;
};
// The faults of core/net/transfer_failure.cpp that lie in the machine rather than in a site, by how they
// begin.
constexpr Remedy k_remedies[] = {
    {"cannot resolve the host name",
     "Is this machine online? Does its name server answer? Behind a proxy, set https_proxy or CTI_PROXY."},
    {"cannot connect to the proxy", "Correct https_proxy or CTI_PROXY, or add the sites to no_proxy."},
    {"cannot resolve the proxy's name", "Correct https_proxy or CTI_PROXY, or add the sites to no_proxy."},
    {"cannot connect", "Is this machine online? Behind a firewall, set https_proxy or CTI_PROXY."},
    {"no connection within", "Is this machine online? Behind a firewall, set https_proxy or CTI_PROXY."},
    {"timed out", "Is this machine online? Behind a firewall, set https_proxy or CTI_PROXY."},
    {"TLS", "Is the clock right, is ca-certificates installed? A proxy that opens TLS needs fetch.ca_file."},
};

// Faults that lie in a site, by how they begin; {} is the source's identifier.
constexpr Remedy k_site_remedies[] = {
    {"HTTP 429",
     "It asks for patience: the next check waits as long as it said; --host-delay makes runs slower."},
    {"HTTP 403",
     "It may refuse unknown programs: cti sources edit {} --set fetch.user_agent='\"Mozilla/5.0 (…)\"'."},
    {"HTTP 404", "Is there a new address? cti sources discover URL; cti sources edit {} --rss-url URL."},
    {"HTTP 410", "Is there a new address? cti sources discover URL; cti sources edit {} --rss-url URL."},
    {"cannot resolve the host name",
     "Is its address right? cti sources show {0}; with a new one: cti sources edit {0} --rss-url URL."},
    {"refused to connect to",
     "Addresses that are not public are asked with --allow-private, or with the "
     "source's fetch.allow_private: cti sources edit {} --set fetch.allow_private=true."},
    {"redirected more than",
     "Give it the address where its feed is now: cti sources discover URL; cti sources edit {} --rss-url URL."},
    {"more than one layer", "Only its site can mend that; 'cti sources disable {}' ends it."},
    {"more than", "Let it be larger: cti sources edit {} --set fetch.max_mib=32."},
};
constexpr const char* k_any_remedy = "See 'cti sources show {0}'; 'cti sources disable {0}' ends it.";

// Null: they have several.
const std::string* shared_fault(const Reading& reading) {
    const auto& faults = reading.faults;
    return faults.size() == 1 && faults.begin()->second == reading.unread ? &faults.begin()->first : nullptr;
}
}

std::string_view fault_of(std::string_view error) { return trim(error.substr(0, error.find(": "))); }

Reading assess_reading(std::span<const SourceState> states) {
    Reading reading;
    for (const auto& [source, error] : states) {
        if (!source->active) continue;
        ++reading.active;
        if (!source->last_check) continue;
        ++reading.asked;
        if (source->consecutive_failures == 0) continue;
        ++reading.unread;
        reading.failing += health_of(*source) == "failing" ? 1 : 0;
        if (!error.empty()) ++reading.faults[std::string(fault_of(error))];
    }
    return reading;
}

bool is_dead(const Reading& reading) {
    if (reading.asked < k_min_shared || reading.unread < reading.asked) return false;
    return shared_fault(reading) != nullptr || reading.failing == reading.asked;
}

std::string reading_fault(const Reading& reading) {
    if (reading.asked == 0 || reading.unread < reading.asked) return {};
    const auto what = fmt::format("none of {} can be read", count_of(reading.asked, "source"));
    const auto* const fault = shared_fault(reading);
    return fault == nullptr ? what : what + ": " + *fault;
}

std::string reading_remedy(const Reading& reading) {
    const auto* const fault = shared_fault(reading);
    const auto remedy = fault == nullptr ? std::string_view() : remedy_of(*fault);
    return remedy.empty() ? "See 'cti sources list', and 'cti sources show ID' for the reason of each."
                          : std::string(remedy);
}

std::string site_remedy(std::string_view error, std::string_view identifier) {
    for (const auto& [words, text] : k_site_remedies)
        if (error.starts_with(words)) return fmt::format(fmt::runtime(text), identifier);
    // A proxy is this machine's, however few sources are asked.
    if (fault_of(error).find("proxy") != std::string_view::npos) return std::string(remedy_of(error));
    return fmt::format(fmt::runtime(k_any_remedy), identifier);
}

std::string_view remedy_of(std::string_view fault) {
    for (const auto& [words, text] : k_remedies)
        if (fault.starts_with(words)) return text;
    return {};
}
}
