#include "core/intel/families/ip.hpp"
#include "core/intel/neighbours.hpp"
#include "core/intel/scan.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
constexpr std::size_t k_max_address_bytes = 45, k_max_group_bytes = 4;

bool is_part(char c) { return is(c, k_hex | k_dot) || c == ':'; }

// Something before the colon in front of it would be a part of the address too.
bool has_group_before(std::string_view text, std::size_t colon) {
    auto start = colon;
    while (start > 0 && colon - start <= k_max_group_bytes && is(text[start - 1], k_alnum | k_underscore))
        --start;
    const auto group = text.substr(start, colon - start);
    return (group.empty() && before(text, start) == ':') ||
           (!group.empty() && group.size() <= k_max_group_bytes && all_of(group, k_hex));
}

// What could be a time, a ratio or "std::dec" is none.
bool is_plausible(std::string_view address) {
    std::size_t digits = 0, longest = 0, group = 0;
    for (const char c : address) {
        digits += is(c, k_hex) ? 1 : 0;
        group = is(c, k_hex) ? group + 1 : 0;
        longest = std::max(longest, group);
    }
    if (std::ranges::none_of(address, is_ascii_digit)) return false;
    if (address == "::1") return true;
    return address.find("::") != address.npos ? digits >= 3 : longest >= 3;
}

std::size_t scan_prefix(Scan& scan, std::size_t start, std::size_t end, const Ipv6& address) {
    const auto digits = skip(scan.text, std::min(end + 1, scan.text.size()), k_digit, 3);
    if (at(scan.text, end) != '/' || digits == end + 1 || is(at(scan.text, digits), k_alnum)) return end;
    const auto bits = std::stoi(std::string(scan.text.substr(end + 1, digits - end - 1)));
    if (bits > 128) return end;
    scan.add(Type::cidr, start, digits, to_text(address) + '/' + std::to_string(bits), verdict_of(address));
    return digits;
}

std::size_t scan_address(Scan& scan, std::size_t start) {
    const auto text = scan.text;
    const char left = before(text, start);
    if (is_word_before(text, start) || is(left, k_dot | k_dash) ||
        (left == ':' && has_group_before(text, start - 1)))
        return 0;
    auto end = start;
    while (end < text.size() && end - start <= k_max_address_bytes && is_part(text[end])) ++end;
    if (is_word_at(text, end) || (is(at(text, end), k_dot | k_dash) && !is_arrow_at(text, end))) return 0;
    while (end > start && (text[end - 1] == '.' || (text[end - 1] == ':' && before(text, end - 1) != ':')))
        --end;
    const auto written = text.substr(start, end - start);
    if (std::ranges::count(written, ':') < 2 || !is_plausible(written)) return 0;
    const auto address = parse_ipv6(written);
    if (!address) return 0;
    const auto behind = scan_prefix(scan, start, end, *address);
    const bool is_network = behind != end && (written.ends_with("::") || written.ends_with(":0"));
    if (!is_network) scan.add(Type::ipv6, start, end, to_text(*address), verdict_of(*address));
    return behind;
}
}

std::size_t scan_ipv6(Scan& scan, const Run& run) {
    if (run.size() > k_max_group_bytes || (run.seen & ~k_hex & k_word) != 0) return 0;
    return scan_address(scan, run.start);
}

std::size_t scan_colon(Scan& scan, std::size_t pos) {
    if (at(scan.text, pos + 1) != ':' || !is(at(scan.text, pos + 2), k_hex)) return 0;
    return scan_address(scan, pos);
}

// "aa:bb:cc:dd:ee:ff", with hyphens, and "aabb.ccdd.eeff". Longer ones are serial numbers and fingerprints.
std::size_t scan_mac(Scan& scan, const Run& run) {
    constexpr std::size_t size = 17;
    const auto text = scan.text;
    const bool dotted = run.dots == 2 && run.size() == 14;
    const char mark = dotted ? '.' : run.size() == 2 ? ':' : '-';
    if (!dotted && run.size() != 2 && run.size() != size) return 0;
    const auto length = dotted ? 14 : size;
    if (run.start + length > text.size() || before(text, run.start) == mark) return 0;
    const std::size_t group = dotted ? 4 : 2;
    std::string value;
    for (std::size_t i = 0; i < length; ++i) {
        const char c = text[run.start + i];
        const bool is_mark = i % (group + 1) == group;
        if (is_mark ? c != mark : !is(c, k_hex)) return 0;
        if (!is_mark) value += ascii_lower(c);
    }
    const char behind = at(text, run.start + length);
    const bool goes_on = behind == mark && is(at(text, run.start + length + 1), k_alnum);
    if (is(behind, k_alnum) || goes_on || all_of(value, k_digit)) return 0;
    for (std::size_t i = 2; i < value.size(); i += 3) value.insert(i, 1, ':');
    scan.add(Type::mac, run.start, run.start + length, value);
    return run.start + length;
}
}
