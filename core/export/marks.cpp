#include "core/export/marks.hpp"

#include "core/base/text.hpp"
#include "core/export/harmless.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <unordered_map>

namespace cti::exporter {
namespace {

// Strings that are looked for all at once, by their first bytes.
class Needles {
public:
    void add(std::string_view text, const Finding& finding) {
        if (text.size() < k_beginning) return; // Too short to mean only this.
        const auto key = beginning_of(text);
        m_seen.set(slot_of(key));
        m_needles[key].push_back({text, &finding});
    }

    // The longest one that begins here and stands for itself.
    Mark find_at(std::string_view text, std::size_t pos) const {
        Mark best;
        if (text.size() - pos < k_beginning) return best;
        const auto key = beginning_of(text.substr(pos));
        if (!m_seen[slot_of(key)]) return best;
        const auto found = m_needles.find(key);
        if (found == m_needles.end()) return best;
        for (const auto& [needle, finding] : found->second)
            if (needle.size() > best.end - best.start && text.substr(pos, needle.size()) == needle &&
                stands_alone(text, pos, pos + needle.size()))
                best = {pos, pos + needle.size(), finding};
        return best;
    }

private:
    static constexpr std::size_t k_beginning = 4;
    static std::uint32_t beginning_of(std::string_view text) {
        std::uint32_t word = 0;
        std::memcpy(&word, text.data(), k_beginning);
        return word;
    }
    static std::size_t slot_of(std::uint32_t key) { return key * 0x9E3779B1U >> 16U; }

    static bool is_word(char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '_'; }
    static bool stands_alone(std::string_view text, std::size_t start, std::size_t end) {
        const bool goes_on_before = start > 0 && is_word(text[start - 1]) && is_word(text[start]);
        const bool goes_on_after = end < text.size() && is_word(text[end]) && is_word(text[end - 1]);
        return !goes_on_before && !goes_on_after;
    }

    struct Needle {
        std::string_view text;
        const Finding* finding;
    };
    std::bitset<1U << 16U> m_seen; // by a hash of the beginning: most places are done with one look
    std::unordered_map<std::uint32_t, std::vector<Needle>> m_needles;
};

// The first to begin wins, of two the longer one: a URL covers its host.
std::vector<Mark> without_overlaps(std::vector<Mark> marks) {
    std::ranges::sort(marks, {},
                      [](const Mark& mark) { return std::tuple(mark.start, -static_cast<long>(mark.end)); });
    std::vector<Mark> kept;
    for (const auto& mark : marks)
        if (kept.empty() || mark.start >= kept.back().end) kept.push_back(mark);
    return kept;
}
}

std::vector<Mark> find_marks(std::string_view text, const std::vector<Finding>& findings) {
    std::vector<Mark> marks;
    Needles needles;
    bool has_needles = false;
    for (const auto& finding : findings) {
        if (finding.verdict != IndicatorVerdict::none || finding.in_title || finding.original.empty())
            continue;
        const bool is_there = finding.start <= text.size() &&
                              text.substr(finding.start, finding.original.size()) == finding.original;
        if (is_there) marks.push_back({finding.start, finding.start + finding.original.size(), &finding});
        if (is_there && finding.count == 1) continue;
        has_needles = true;
        needles.add(finding.original, finding);
        if (finding.value != finding.original) needles.add(finding.value, finding);
    }
    for (std::size_t pos = 0; has_needles && pos < text.size();) {
        const auto mark = needles.find_at(text, pos);
        if (mark.finding != nullptr) marks.push_back(mark);
        pos = std::max(pos + 1, mark.end);
    }
    return without_overlaps(std::move(marks));
}

std::vector<MarkedText::Piece> MarkedText::cut(std::string_view part) {
    std::vector<Piece> pieces;
    if (part.empty()) return pieces;
    const auto start = static_cast<std::size_t>(part.data() - m_text.data()), end = start + part.size();
    auto pos = start;
    const auto add = [&](std::size_t to) {
        if (to > pos) pieces.push_back({std::string(m_text.substr(pos, to - pos)), nullptr});
    };
    while (m_next < m_marks.size() && m_marks[m_next].end <= start) ++m_next;
    for (auto i = m_next; i < m_marks.size() && m_marks[i].start < end; ++i) {
        const auto from = std::max(m_marks[i].start, start), to = std::min(m_marks[i].end, end);
        add(from);
        pieces.push_back(
            {defang(m_marks[i].finding->type.value(), m_text.substr(from, to - from)), m_marks[i].finding});
        pos = to;
    }
    add(end);
    return pieces;
}
}
