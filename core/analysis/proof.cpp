#include "core/analysis/proof.hpp"

#include "core/analysis/sentence.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <utility>

namespace cti::analysis {
namespace {

constexpr std::size_t k_min_quotation = 8, k_max_quotation = 1000; // bytes once folded
constexpr std::size_t k_min_verbatim = 4, k_max_verbatim = 300;
constexpr std::size_t k_max_free_value = 80, k_max_sentence = 600;
constexpr std::size_t k_max_rejected = 200;

bool has_controls(std::string_view text, bool is_of_lines) {
    return std::ranges::any_of(text, [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_line = is_of_lines && (c == '\n' || c == '\r' || c == '\t');
        return (byte < 0x20 && !is_line) || byte == 0x7F;
    });
}

// One item against the piece.
class ItemProof {
public:
    ItemProof(const Task& task, const Piece& piece, const FoldedText& text, const ClaimedItem& claim)
        : m_task(task), m_piece(piece), m_text(text), m_claim(claim) {}

    std::optional<RejectReason> find_fault() {
        if (has_controls(m_claim.value, false) || has_controls(m_claim.sentence, false))
            return RejectReason::control_characters;
        if (m_claim.quotations.empty()) return RejectReason::quotation_missing;
        for (const auto& quotation : m_claim.quotations)
            if (const auto fault = find_fault_of(quotation)) return fault;
        if (const auto fault = find_fault_of_value()) return fault;
        if (m_is_short && !m_item.is_named) return RejectReason::quotation_too_short;
        return m_task.has_sentence ? find_fault_of_sentence() : std::nullopt;
    }

    Item release() {
        m_item.role = m_claim.role;
        m_item.sentence = m_claim.sentence;
        return std::move(m_item);
    }

private:
    std::optional<RejectReason> find_fault_of(const std::string& quotation) {
        if (has_controls(quotation, true)) return RejectReason::control_characters;
        auto folded = fold_quotation(quotation);
        if (folded.empty()) return RejectReason::quotation_missing;
        if (folded.size() > k_max_quotation) return RejectReason::quotation_too_long;
        const auto span = m_text.find(quotation);
        if (!span) return RejectReason::quotation_not_in_text;
        m_is_short = m_is_short || folded.size() < k_min_quotation;
        m_item.evidence.push_back({m_piece.offset + span->start, m_piece.offset + span->end});
        // The text's own words, as the model may have put quotes around them.
        m_quoted += fold_quotation(m_piece.text.substr(span->start, span->end - span->start)) + '\n';
        return std::nullopt;
    }

    std::optional<RejectReason> find_fault_of_value() {
        if (m_task.rule == ValueRule::none) return std::nullopt;
        if (m_task.rule == ValueRule::quoted) return accept_verbatim();
        const auto known = std::ranges::find_if(m_piece.candidates, [&](const Candidate& each) {
            return iequals(each.value, m_claim.value) ||
                   (m_task.rule == ValueRule::candidate_or_quoted &&
                    std::ranges::any_of(each.terms,
                                        [&](const auto& term) { return iequals(term, m_claim.value); }));
        });
        if (known != m_piece.candidates.end()) return accept_candidate(*known);
        if (m_task.rule != ValueRule::candidate_or_quoted) return RejectReason::unknown_value;
        return accept_quoted();
    }

    std::optional<RejectReason> accept_candidate(const Candidate& candidate) {
        m_item.value = candidate.value, m_item.kind = candidate.kind;
        const auto lower = ascii_lower(m_quoted);
        const auto is_quoted = [&](const std::string& term) {
            return has_words(lower, ascii_lower(fold_quotation(term)));
        };
        m_item.is_named = is_quoted(candidate.value) || std::ranges::any_of(candidate.terms, is_quoted);
        const bool must = m_task.rule == ValueRule::candidate_named;
        return must && !m_item.is_named ? std::optional(RejectReason::value_not_in_quotation) : std::nullopt;
    }

    // A name that no list has: as the text writes it, and like a name.
    std::optional<RejectReason> accept_quoted() {
        const auto folded = fold_quotation(m_claim.value);
        const bool is_like_name =
            folded.size() >= 2 && folded.size() <= k_max_free_value &&
            std::ranges::any_of(folded, [](char c) {
                return is_ascii_upper(c) || is_ascii_digit(c) || static_cast<signed char>(c) < 0;
            });
        if (!is_like_name) return RejectReason::unknown_value;
        if (!has_words(m_quoted, folded)) return RejectReason::value_not_in_quotation;
        m_item.value = m_claim.value, m_item.kind = m_claim.kind;
        m_item.is_named = true;
        return std::nullopt;
    }

    // What logs would hold: the text's own characters, as folding changes quotes. Words of prose are none.
    std::optional<RejectReason> accept_verbatim() {
        const auto folded = fold_quotation(m_claim.value);
        const bool is_prose =
            std::ranges::all_of(folded, [](char c) { return c == ' ' || (c >= 'a' && c <= 'z'); });
        if (folded.size() < k_min_verbatim || folded.size() > k_max_verbatim || is_prose)
            return RejectReason::unknown_value;
        const auto span = m_text.find(m_claim.value);
        if (!span || !has_words(m_quoted, folded)) return RejectReason::value_not_in_quotation;
        m_item.value = fold_space(m_piece.text.substr(span->start, span->end - span->start));
        m_item.is_named = true;
        return std::nullopt;
    }

    std::optional<RejectReason> find_fault_of_sentence() const {
        if (m_claim.sentence.size() > k_max_sentence) return RejectReason::item_wrong_schema;
        return rests_on(fold_quotation(m_claim.sentence), m_quoted)
                   ? std::nullopt
                   : std::optional(RejectReason::word_not_in_quotation);
    }

    const Task& m_task;
    const Piece& m_piece;
    const FoldedText& m_text;
    const ClaimedItem& m_claim;
    Item m_item;
    std::string m_quoted; // all quotations, folded, a line each
    bool m_is_short = false;
};

bool overlap(const Span& a, const Span& b) { return a.start < b.end && b.start < a.end; }

void join_evidence(std::vector<Span>& all, const std::vector<Span>& more) {
    for (const auto& span : more)
        if (std::ranges::none_of(all, [&](const Span& known) { return overlap(known, span); }))
            all.push_back(span);
}
}

Proved prove(const Task& task, const Piece& piece, const Answer& answer) {
    Proved proved;
    if (answer.fault) {
        proved.rejected.push_back({*answer.fault, {}, {}});
        return proved;
    }
    proved.rejected = answer.rejected;
    const FoldedText text(piece.text);
    for (const auto& claim : answer.items) {
        ItemProof proof(task, piece, text, claim);
        Proved one;
        if (const auto fault = proof.find_fault())
            one.rejected.push_back(reject_item(claim, *fault));
        else
            one.items.push_back(proof.release());
        join_proved(proved, std::move(one));
    }
    if (!proved.items.empty()) proved.score = answer.score;
    return proved;
}

void join_proved(Proved& all, Proved more) {
    for (auto& item : more.items) {
        const auto known = std::ranges::find_if(all.items, [&](const Item& each) {
            return each.value == item.value && each.kind == item.kind && each.role == item.role &&
                   each.sentence == item.sentence;
        });
        if (known == all.items.end()) {
            all.items.push_back(std::move(item));
            continue;
        }
        join_evidence(known->evidence, item.evidence);
        known->is_named = known->is_named || item.is_named;
    }
    for (auto& rejected : more.rejected)
        if (all.rejected.size() < k_max_rejected &&
            std::ranges::find(all.rejected, rejected) == all.rejected.end())
            all.rejected.push_back(std::move(rejected));
    if (!all.score) all.score = more.score;
}
}
