#pragma once
#include "core/model/named.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cti::analysis {

// Why something that a model said is not kept. The names are stored and counted.
enum class RejectReason : std::uint8_t {
    answer_empty,
    answer_refused,
    answer_cut, // it ends before it is whole
    answer_too_large,
    answer_not_json,
    answer_wrong_schema,
    item_wrong_schema,
    too_many_items,
    control_characters,
    quotation_missing,
    quotation_too_short,
    quotation_too_long,
    quotation_not_in_text,
    unknown_value,
    value_not_in_quotation,
    word_not_in_quotation, // a name or a number of a sentence
};
constexpr std::string_view name_of(RejectReason value) {
    switch (value) {
    case RejectReason::answer_empty: return "answer_empty";
    case RejectReason::answer_refused: return "answer_refused";
    case RejectReason::answer_cut: return "answer_cut";
    case RejectReason::answer_too_large: return "answer_too_large";
    case RejectReason::answer_not_json: return "answer_not_json";
    case RejectReason::answer_wrong_schema: return "answer_wrong_schema";
    case RejectReason::item_wrong_schema: return "item_wrong_schema";
    case RejectReason::too_many_items: return "too_many_items";
    case RejectReason::control_characters: return "control_characters";
    case RejectReason::quotation_missing: return "quotation_missing";
    case RejectReason::quotation_too_short: return "quotation_too_short";
    case RejectReason::quotation_too_long: return "quotation_too_long";
    case RejectReason::quotation_not_in_text: return "quotation_not_in_text";
    case RejectReason::unknown_value: return "unknown_value";
    case RejectReason::value_not_in_quotation: return "value_not_in_quotation";
    case RejectReason::word_not_in_quotation: return "word_not_in_quotation";
    }
    return {};
}

struct Rejected {
    RejectReason reason;
    std::string value, quotation; // as the model said them, cut, without control characters; "": none
    bool operator==(const Rejected&) const = default;
};
}
