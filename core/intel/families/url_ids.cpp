#include "core/intel/families/url_ids.hpp"

#include "core/intel/families/hash.hpp"

namespace cti::intel {
namespace {
bool is_host(std::string_view host, std::string_view domain) {
    return host == domain || (host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

bool is_analysis_site(std::string_view host) {
    for (const std::string_view site :
         {"virustotal.com", "hybrid-analysis.com", "abuse.ch", "any.run", "tria.ge", "joesandbox.com",
          "malshare.com", "intezer.com", "threatcrowd.org", "talosintelligence.com", "otx.alienvault.com",
          "vmray.com", "filescan.io", "unpac.me"})
        if (is_host(host, site)) return true;
    return false;
}

struct Segments {
    std::string_view path;
    std::size_t pos = 0;
    std::string_view next() {
        while (pos < path.size() && !is(path[pos], k_alnum)) ++pos;
        const auto start = pos;
        pos = skip(path, pos, k_alnum);
        return path.substr(start, pos - start);
    }
};

// /techniques/T1059/001/, /groups/G0016/
void add_attack_ids(Scan& scan, std::size_t start, std::size_t end, std::string_view path) {
    Segments segments{path};
    const auto kind = ascii_lower(segments.next());
    const auto id = segments.next(), sub = segments.next();
    if (id.size() < 5 || !all_of(id.substr(id.size() - 4), k_digit)) return;
    auto value = std::string(id);
    for (auto& c : value) c = is(c, k_letter) && c >= 'a' ? static_cast<char>(c - 32) : c;
    const auto add = [&](Type type) { scan.add(type, start, end, value, Verdict::none, Reading::derived); };
    if (kind == "techniques" && value[0] == 'T') {
        if (sub.size() == 3 && all_of(sub, k_digit)) value += '.' + std::string(sub);
        add(Type::attack_technique);
    }
    if (kind == "tactics" && value.starts_with("TA")) add(Type::attack_tactic);
    if (kind == "software" && value[0] == 'S') add(Type::attack_software);
    if (kind == "groups" && value[0] == 'G') add(Type::attack_group);
    if (kind == "mitigations" && value[0] == 'M') add(Type::attack_mitigation);
}

// "CVE-2024-12345" in any case; the year of the programme's numbers.
void add_cves(Scan& scan, std::size_t start, std::size_t end, std::string_view path) {
    for (std::size_t pos = 0; pos + 13 <= path.size(); ++pos) {
        if (ascii_lower(path[pos]) != 'c' || !istarts_with(path.substr(pos), "cve-")) continue;
        const auto year = path.substr(pos + 4, 4);
        const auto digits = skip(path, pos + 9, k_digit, 8);
        if (all_of(year, k_digit) && (year.starts_with("19") || year.starts_with("20")) &&
            path[pos + 8] == '-' && digits - pos >= 13)
            scan.add(Type::cve, start, end, "CVE-" + std::string(path.substr(pos + 4, digits - pos - 4)),
                     Verdict::none, Reading::derived);
    }
}

void add_telegram(Scan& scan, std::size_t start, std::size_t end, std::string_view path) {
    const auto name =
        path.substr(path.empty() ? 0 : 1, skip(path, path.empty() ? 0 : 1, k_alnum | k_underscore) - 1);
    if (name.size() >= 5 && name.size() <= 32 && is(name[0], k_letter) &&
        !is_any_of(ascii_lower(name), "joinchat share proxy socks addstickers "))
        scan.add(Type::telegram, start, end, "@" + std::string(name), Verdict::none, Reading::derived);
}
}

void add_ids_of_url(Scan& scan, std::size_t start, std::size_t end, std::string_view host,
                    std::string_view path) {
    if (path.size() < 2) return;
    if (is_host(host, "attack.mitre.org")) add_attack_ids(scan, start, end, path);
    add_hashes(scan, end - path.size(), end, is_analysis_site(host) ? Verdict::none : Verdict::part_of_path);
    if (host == "t.me" || host == "telegram.me") add_telegram(scan, start, end, path);
    add_cves(scan, start, end, path);
}
}
