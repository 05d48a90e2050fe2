#include "core/analysis/result_json.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace cti::analysis {
namespace {

void write_evidence(JsonWriter& json, std::string_view text, const std::vector<Span>& evidence) {
    json.key("evidence").begin_array();
    for (const auto& span : evidence) {
        json.begin_object().member("start", span.start).member("end", span.end);
        json.member("quotation", repair_utf8(text.substr(span.start, span.end - span.start))).end_object();
    }
    json.end_array();
}
}

std::string result_json(const Task& task, std::string_view text, const Proved& proved,
                        std::size_t read_bytes) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("read_bytes", read_bytes);
    if (task.has_score) json.member("score", proved.score);
    json.key("items").begin_array();
    for (const auto& item : proved.items) {
        json.begin_object();
        const auto add_text = [&](const char* name, const std::string& value) {
            if (!value.empty()) json.member(name, value);
        };
        add_text("value", item.value);
        add_text("kind", item.kind);
        add_text("role", item.role);
        add_text("sentence", item.sentence);
        if (task.rule != ValueRule::none) json.member("named", item.is_named);
        write_evidence(json, text, item.evidence);
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
