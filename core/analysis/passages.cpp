#include "core/analysis/passages.hpp"

#include <algorithm>

namespace cti::analysis {
namespace {

constexpr std::string_view k_between_passages = "\n\n";

bool meet(const Span& a, const Span& b) { return a.start < b.end && b.start < a.end; }

// Calls use(item) in turns of the pieces until it returns false.
template <class Use>
void for_each_in_turns(const ItemsByPiece& pieces, const Use& use) {
    std::size_t most = 0;
    for (const auto& items : pieces) most = std::max(most, items.size());
    for (std::size_t turn = 0; turn < most; ++turn)
        for (const auto& items : pieces)
            if (turn < items.size() && !use(items[turn])) return;
}

std::vector<Span> choose_spans(const ItemsByPiece& pieces, std::size_t max_bytes) {
    std::vector<Span> chosen;
    std::size_t bytes = 0;
    for_each_in_turns(pieces, [&](const Item& item) {
        for (const auto& span : item.evidence) {
            const auto size = span.end - span.start + k_between_passages.size();
            if (std::ranges::any_of(chosen, [&](const Span& known) { return meet(known, span); })) continue;
            if (bytes + size > max_bytes) return false;
            chosen.push_back(span);
            bytes += size;
        }
        return true;
    });
    std::ranges::sort(chosen, {}, &Span::start);
    return chosen;
}
}

Passages::Passages(std::string_view text, const ItemsByPiece& pieces, std::size_t max_bytes) {
    for (const auto& span : choose_spans(pieces, max_bytes)) {
        if (!m_text.empty()) m_text += k_between_passages;
        m_passages.push_back({m_text.size(), span});
        m_text += text.substr(span.start, span.end - span.start);
    }
}

std::optional<Span> Passages::find_origin(const Span& span) const {
    for (const auto& [start, origin] : m_passages) {
        const auto size = origin.end - origin.start;
        if (span.start >= start && span.end <= start + size)
            return Span{origin.start + span.start - start, origin.start + span.end - start};
    }
    return std::nullopt;
}

Proved relocate(const Passages& passages, Proved proved) {
    Proved moved;
    moved.rejected = std::move(proved.rejected), moved.score = proved.score;
    for (auto& item : proved.items) {
        bool is_whole = true;
        for (auto& span : item.evidence) {
            const auto origin = passages.find_origin(span);
            is_whole = is_whole && origin.has_value();
            span = origin.value_or(span);
        }
        if (is_whole)
            moved.items.push_back(std::move(item));
        else
            moved.rejected.push_back(reject_item({item.value, item.kind, item.role, item.sentence, {}},
                                                 RejectReason::quotation_not_in_text));
    }
    return moved;
}

std::vector<Item> first_items(const ItemsByPiece& pieces, std::size_t most) {
    std::vector<Item> first;
    for_each_in_turns(pieces, [&](const Item& item) {
        if (first.size() == most) return false;
        first.push_back(item);
        return true;
    });
    return first;
}
}
