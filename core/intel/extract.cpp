#include "core/intel/extract.hpp"

#include "core/base/text.hpp"
#include "core/intel/families/rules.hpp"
#include "core/intel/system_files.hpp"

#include <algorithm>
#include <utility>

namespace cti::intel {
namespace {
// Fits into the cache, and no value is longer.
constexpr std::size_t k_piece = 64UL * 1024;

// Where the piece from `start` ends: at a line end, else at a blank, else where it is too long for any value.
std::size_t piece_end(std::string_view text, std::size_t start) {
    if (text.size() - start <= k_piece) return text.size();
    const auto window = text.substr(start, k_piece);
    for (const char mark : {'\n', ' '})
        if (const auto found = window.rfind(mark); found != window.npos && found > 0)
            return start + found + 1;
    auto end = start + k_piece;
    while (end > start + 1 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return end;
}

// "S0154" and "G0016" mean something only in a text that speaks of ATT&CK.
bool speaks_of_attack(const std::vector<Indicator>& found, std::string_view text) {
    if (std::ranges::any_of(found, [](const Indicator& i) {
            return i.type == Type::attack_technique || i.type == Type::attack_tactic;
        }))
        return true;
    for (const std::string_view word : {"ATT&CK", "MITRE", "attack.mitre", "Mitigations"})
        if (text.find(word) != text.npos) return true;
    return false;
}
}

Extractor::Extractor()
    : m_names(std::make_shared<NameMatcher>(parse_names(default_names(), "names.yaml"))),
      m_known(std::make_shared<KnownHosts>()) {}

Extraction Extractor::extract(std::string_view text, const ExtractOptions& options) const {
    Extraction out;
    Findings findings(options.most);
    Refanged refanged;
    RuleHeads heads;
    for (std::size_t start = 0; start < text.size();) {
        const auto end = piece_end(text, start);
        const auto piece = text.substr(start, end - start);
        refanged.assign(piece, start);
        Scan scan{.refanged = refanged,
                  .text = refanged.text(),
                  .out = findings,
                  .heads = heads,
                  .rejected = options.explain ? &out.rejected : nullptr,
                  .places = {}};
        scan_piece(scan);
        if (m_names) m_names->find(refanged, std::move(scan.places), findings);
        start = end;
    }
    add_yara_rules(text, heads.yara, findings);
    add_sigma_rules(text, heads.sigma, findings);
    out.dropped = findings.dropped();
    out.indicators = findings.release();
    assign_verdicts(out.indicators, text, options.own_site);
    return out;
}

void Extractor::assign_verdicts(std::vector<Indicator>& found, std::string_view text,
                                std::string_view own_site) const {
    if (own_site.starts_with("www.")) own_site.remove_prefix(4);
    bool weak = false;
    for (auto& indicator : found) {
        weak |= indicator.type >= Type::attack_software && indicator.type <= Type::attack_mitigation &&
                indicator.reading == Reading::plain;
        if (indicator.verdict != Verdict::none) continue;
        const auto host = own_site.empty() ? std::string_view() : host_of(indicator);
        if (!host.empty() && is_same_or_below(host, own_site))
            indicator.verdict = Verdict::own_site;
        else if (is_system_file(indicator))
            indicator.verdict = Verdict::system_file;
        else if (m_known)
            indicator.verdict = m_known->verdict_of(indicator);
    }
    if (weak && !speaks_of_attack(found, text))
        std::erase_if(found, [](const Indicator& i) {
            return i.type >= Type::attack_software && i.type <= Type::attack_mitigation &&
                   i.reading == Reading::plain;
        });
}

std::string_view sentence_around(std::string_view text, std::size_t start, std::size_t end) {
    constexpr std::size_t far = 250, longest = 600;
    const auto is_end = [&](std::size_t pos) {
        if (text[pos] == '\n') return true;
        return (text[pos] == '.' || text[pos] == '!' || text[pos] == '?') && pos + 1 < text.size() &&
               is(text[pos + 1], k_space);
    };
    const auto is_inside = [&](std::size_t pos) {
        return pos < text.size() && (static_cast<unsigned char>(text[pos]) & 0xC0U) == 0x80U;
    };
    auto from = start, to = std::min(end, start + longest);
    while (from > 0 && start - from < far && !is_end(from - 1)) --from;
    while (to < text.size() && to - from < longest && !is_end(to)) ++to;
    if (to < text.size() && text[to] != '\n' && is_end(to)) ++to;
    while (is_inside(from)) ++from;
    while (is_inside(to)) --to;
    return trim(text.substr(from, to > from ? to - from : 0));
}
}
