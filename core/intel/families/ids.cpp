#include "core/intel/families/ids.hpp"

#include "core/intel/neighbours.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
std::string upper(std::string_view text) {
    std::string out(text);
    for (auto& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return out;
}

bool is_separator(char c) { return c == '-' || c == '_'; }
// "CVE--2024--1234": what becomes of a dash where programs write two hyphens for it.
bool is_doubled_dash(std::string_view text, std::size_t pos) { return text.substr(pos, 2) == "--"; }

// GHSA-xxxx-xxxx-xxxx, in the alphabet of GitHub's advisories.
std::size_t scan_ghsa(Scan& scan, const Run& run) {
    const auto text = run.of(scan.text);
    if (text.size() != 19 || !istarts_with(text, "GHSA-")) return 0;
    for (std::size_t i = 4; i < text.size(); ++i) {
        const bool is_mark = i % 5 == 4;
        if (is_mark ? text[i] != '-'
                    : std::string_view("23456789cfghjmpqrvwx").find(ascii_lower(text[i])) ==
                          std::string_view::npos)
            return 0;
    }
    scan.add(Type::ghsa, run.start, run.end, "GHSA" + ascii_lower(text.substr(4)));
    return run.end;
}

std::size_t scan_cves(Scan& scan, const Run& run) {
    std::size_t next = 0;
    for (auto pos = run.start; pos + 13 <= run.end; ++pos) {
        if (ascii_lower(scan.text[pos]) != 'c' || !istarts_with(scan.text.substr(pos), "cve") ||
            !is_separator(scan.text[pos + 3]))
            continue;
        const auto year = pos + 4 + (is_doubled_dash(scan.text, pos + 3) ? 1 : 0);
        if (const auto end = scan_cve_number(scan, pos, year); end > 0) next = end, pos = end - 1;
    }
    return next > 0 ? run.end : 0;
}

// AS64496; the registries have given out less than 10 digits' worth.
std::size_t scan_asn(Scan& scan, const Run& run) {
    const auto text = run.of(scan.text);
    const auto letters = text.starts_with("ASN") ? 3U : 2U;
    const auto digits = text.substr(std::min<std::size_t>(letters, text.size()));
    if (!text.starts_with("AS") || digits.empty() || digits.size() > 10 || digits[0] == '0' ||
        !all_of(digits, k_digit))
        return 0;
    scan.add(Type::asn, run.start, run.end, "AS" + std::string(digits));
    return run.end;
}

std::size_t scan_google(Scan& scan, const Run& run) {
    const auto text = run.of(scan.text);
    if (text.size() == 20 && (text.starts_with("pub-") || text.starts_with("PUB-")) &&
        all_of(text.substr(4), k_digit)) {
        scan.add(Type::google_adsense, run.start, run.end, ascii_lower(text));
        return run.end;
    }
    const auto dash = text.find('-', 3);
    const bool is_account = istarts_with(text, "UA-") && text.size() >= 9 && text.size() <= 13;
    if (is_account && all_of(text.substr(3), k_digit)) {
        scan.add(Type::google_analytics, run.start, run.end, upper(text));
        return run.end;
    }
    if (!istarts_with(text, "UA-") || dash == text.npos || dash < 7 || dash > 13) return 0;
    const auto account = text.substr(3, dash - 3), property = text.substr(dash + 1);
    if (!all_of(account, k_digit) || property.empty() || property.size() > 4 || !all_of(property, k_digit))
        return 0;
    scan.add(Type::google_analytics, run.start, run.end, upper(text));
    return run.end;
}

// T1059, T1059.001, TA0001, S0154, G0016, M1036; `pos` is where the letter stands.
struct AttackId {
    Type type = Type::attack_technique;
    std::size_t end = 0;
    std::string value;
};

AttackId read_attack_id(std::string_view text, std::size_t pos, std::size_t run_end) {
    const char letter = ascii_lower(text[pos]);
    const bool is_tactic = letter == 't' && ascii_lower(at(text, pos + 1)) == 'a';
    const auto digits = pos + (is_tactic ? 2 : 1), end = digits + 4;
    if (end > run_end || !all_of(text.substr(digits, 4), k_digit)) return {};
    AttackId id{Type::attack_technique, end, upper(text.substr(pos, end - pos))};
    const char first = text[digits];
    if (is_tactic) {
        id.type = Type::attack_tactic;
        if (first != '0') return {};
    } else if (letter == 't') {
        if (first != '0' && first != '1') return {};
        const bool is_sub =
            end < run_end && (text[end] == '.' || text[end] == '_') && is(at(text, end + 1), k_digit);
        if (is_sub) {
            const auto sub_end = std::min(skip(text, end + 1, k_digit), run_end);
            if (sub_end - end != 4 || text[end + 1] != '0') return {};
            id.value += '.' + std::string(text.substr(end + 1, 3));
            id.end = sub_end;
        }
    } else {
        if (first != '0' && first != '1') return {};
        id.type = letter == 's'   ? Type::attack_software
                  : letter == 'g' ? Type::attack_group
                                  : Type::attack_mitigation;
    }
    return is(at(text, id.end), k_alnum) || (is(at(text, id.end), k_high) && is_word_at(text, id.end))
               ? AttackId{}
               : id;
}
}

std::size_t scan_cve_number(Scan& scan, std::size_t start, std::size_t year) {
    const auto text = scan.text;
    const auto years = text.substr(std::min(year, text.size()), 4);
    if (years.size() < 4 || !all_of(years, k_digit) || !is_separator(at(text, year + 4))) return 0;
    const auto number = year + 5 + (is_doubled_dash(text, year + 4) ? 1 : 0);
    const auto end = skip(text, number, k_digit, 9);
    const auto digits = end - number;
    if (digits < 4 || digits > 8) return 0;
    if (!years.starts_with("19") && !years.starts_with("20")) {
        scan.reject(start, end, "no year of a CVE number");
        return 0;
    }
    scan.add(Type::cve, start, end,
             "CVE-" + std::string(years) + '-' + std::string(text.substr(number, digits)));
    return end;
}

std::size_t scan_id(Scan& scan, const Run& run) {
    constexpr std::size_t longest = 300; // of a run that is looked through
    if (run.size() < 4 || run.size() > longest) return 0;
    switch (ascii_lower(scan.text[run.start])) {
    case 'a':
        if (const auto next = scan_asn(scan, run); next > 0) return next;
        break;
    case 'g':
        if (const auto next = scan_ghsa(scan, run); next > 0) return next;
        break;
    case 'p':
    case 'u':
        if (const auto next = scan_google(scan, run); next > 0) return next;
        break;
    default: break;
    }
    const bool has_mark = (run.seen & (k_dash | k_underscore)) != 0;
    return has_mark && run.size() >= 13 ? scan_cves(scan, run) : 0;
}

std::size_t scan_attack(Scan& scan, const Run& run) {
    constexpr std::size_t longest = 300;
    if (run.size() < 5 || run.size() > longest) return 0;
    const auto text = scan.text;
    std::size_t next = 0;
    for (auto pos = run.start; pos + 5 <= run.end; ++pos) {
        const char c = text[pos];
        const char lower = ascii_lower(c);
        if (lower != 't' && lower != 's' && lower != 'g' && lower != 'm') continue;
        if (pos > run.start && is(text[pos - 1], k_alnum | k_high)) continue;
        // In small letters as tags of Sigma rules have it: "attack.t1059.001".
        const bool is_tag =
            c != lower || (pos >= run.start + 7 && istarts_with(text.substr(pos - 7), "attack."));
        const auto id = is_tag ? read_attack_id(text, pos, run.end) : AttackId{};
        if (id.end == 0) continue;
        scan.add(id.type, pos, id.end, id.value);
        next = id.end;
        pos = id.end - 1;
    }
    return next > 0 ? run.end : 0;
}
}
