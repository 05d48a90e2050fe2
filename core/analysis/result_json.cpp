#include "core/analysis/result_json.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace cti::analysis {
namespace {

void write_words(JsonWriter& json, const Item& item) {
    const auto add_text = [&](const char* name, const std::string& value) {
        if (!value.empty()) json.member(name, value);
    };
    add_text("value", item.value);
    add_text("kind", item.kind);
    add_text("role", item.role);
    add_text("sentence", item.sentence);
}

std::string quotation_of(std::string_view text, const Span& span) {
    return repair_utf8(text.substr(span.start, span.end - span.start));
}

void write_evidence(JsonWriter& json, std::string_view text, const std::vector<Span>& evidence) {
    json.key("evidence").begin_array();
    for (const auto& span : evidence) {
        json.begin_object().member("start", span.start).member("end", span.end);
        json.member("quotation", quotation_of(text, span)).end_object();
    }
    json.end_array();
}
}

std::string result_json(const Task& task, std::string_view text, const Proved& proved, std::size_t read_bytes,
                        const std::vector<std::string>& drafts) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("read_bytes", read_bytes);
    if (task.has_score) json.member("score", proved.score);
    json.key("items").begin_array();
    for (const auto& item : proved.items) {
        json.begin_object();
        write_words(json, item);
        if (task.rule != ValueRule::none) json.member("named", item.is_named);
        write_evidence(json, text, item.evidence);
        json.end_object();
    }
    json.end_array();
    if (!drafts.empty()) json.member("sigma", drafts);
    json.end_object();
    return out;
}

std::string note_json(const Task& task, std::string_view text, const Proved& proved) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    if (task.has_score) json.member("score", proved.score);
    json.key("items").begin_array();
    for (std::size_t i = 0; i < std::min(proved.items.size(), k_max_note_items); ++i) {
        const auto& item = proved.items[i];
        json.begin_object();
        write_words(json, item);
        if (!item.evidence.empty()) json.member("quotation", quotation_of(text, item.evidence.front()));
        json.end_object();
    }
    json.end_array().end_object();
    return out;
}

std::string rejected_json(const std::vector<Rejected>& rejected) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    for (const auto& each : rejected) {
        json.begin_object().member("reason", name_of(each.reason));
        if (!each.value.empty()) json.member("value", each.value);
        if (!each.quotation.empty()) json.member("quotation", each.quotation);
        json.end_object();
    }
    json.end_array();
    return out;
}
}
