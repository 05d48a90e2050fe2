#include "core/intel/families/hash.hpp"
#include "core/intel/families/host.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
constexpr std::size_t k_max_local_bytes = 64;

// The local part that ends at the "@". Of other scripts only what stands after them is taken: ASCII is what
// mail servers take, and text without blanks would be swallowed.
std::size_t find_local_start(const Scan& scan, std::size_t at_sign) {
    auto start = at_sign;
    while (start > scan.floor && at_sign - start < k_max_local_bytes && is(scan.text[start - 1], k_local))
        --start;
    while (start < at_sign && is(scan.text[start], k_dot | k_dash)) ++start;
    // "%20name@example.org"; a sign of markup before a name is none of it.
    if (scan.text.substr(start, 3) == "%20") start += 3;
    while (start < at_sign && (scan.text[start] == '+' || scan.text[start] == '%')) ++start;
    return start;
}
}

std::size_t scan_email(Scan& scan, const Run& run) {
    const auto text = scan.text;
    const auto host_start = run.end + 1;
    const auto start = find_local_start(scan, run.end);
    if (start >= run.end || text[run.end - 1] == '.') return 0;
    if (host_start >= text.size() || !is(text[host_start], k_alnum | k_high)) return 0;
    const auto host_run = read_run(text, host_start);
    const auto end = std::min(host_run.end, text.substr(0, host_run.end).find("..", host_start));
    const auto host = read_host(text, host_start, end);
    // Nothing is known of "user@host" without a dot: shells and source code are full of it.
    const bool believed = host && (host.has_known_suffix || scan.is_edited(start, end));
    if (!believed || host.start != host_start || at(text, host.end) == '@') {
        scan.reject(start, end, "no e-mail address: no public suffix");
        return 0;
    }
    const auto local = text.substr(start, run.end - start);
    if (local == "git" && at(text, host.end) == ':') return host.end;
    const auto written = lower_host(text.substr(host.start, host.end - host.start));
    const auto value = std::string(local) + '@' + (host.kind == Host::Kind::ipv4 ? host.value : written);
    add_hashes(scan, start, run.end, Verdict::part_of_path); // of a message's id
    scan.add(Type::email, start, host.end, ascii_lower(value),
             host.has_known_suffix ? Verdict::none : Verdict::unknown_suffix);
    if (host.has_known_suffix) add_host(scan, host, Reading::derived);
    return host.end;
}
}
