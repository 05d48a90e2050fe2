#include "core/sources/yaml_writer.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/sources/scalar.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>

namespace cti::sources {
namespace {

using Json = nlohmann::ordered_json;

// A small safe part of what YAML allows without quotes; addresses and most names are in it.
bool may_stand_plain(std::string_view text) {
    if (text.empty() || text.size() > 200 || (!is_ascii_alpha(text.front()) && text.front() != '/'))
        return false;
    if (text.back() == ' ' || text.back() == ':') return false;
    if (text.find(": ") != text.npos || text.find(" #") != text.npos) return false;
    constexpr std::string_view k_also = " _-./:?=&%+~@();#";
    const auto is_safe = [&](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) || k_also.find(c) != k_also.npos;
    };
    return std::all_of(text.begin(), text.end(), is_safe) &&
           std::holds_alternative<IsText>(resolve_scalar(text));
}

// A JSON string is a double-quoted YAML one.
std::string quote(std::string_view text) {
    if (may_stand_plain(text)) return std::string(text);
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string scalar_text(const Json& value) {
    if (value.is_string()) return quote(value.get_ref<const std::string&>());
    if (value.is_object()) return "{}"; // empty ones only
    if (value.is_array()) return "[]";
    return value.dump();
}

// The web service of 2025 insists on six keys, which stand empty in each of its rows and are put there again.
bool is_only_shape(const std::string& key, const Json& value) {
    const bool has_shape = key == "allow" || key == "post_url_regex" || key == "discovery" ||
                           key == "extract" || key == "content_selector" || key == "collection_days";
    return has_shape && value.empty();
}

Json without_shape(const Json& config) {
    auto said = Json::object();
    for (const auto& [key, value] : config.items())
        if (!is_only_shape(key, value)) said[key] = value;
    return said;
}

bool is_block(const Json& value) { return value.is_structured() && !value.empty(); }

// `out` stands where the first member begins: after the indent, or after "- ".
void write_block(std::string& out, const Json& value, std::size_t indent) {
    bool first = true;
    const auto begin_line = [&] {
        if (!first) out.append(indent, ' ');
        first = false;
    };
    for (const auto& item : value.items()) {
        begin_line();
        if (value.is_array()) {
            out += "- ";
            if (is_block(item.value())) {
                write_block(out, item.value(), indent + 2);
                continue;
            }
        } else {
            out += quote(item.key()) + ":";
            if (is_block(item.value())) {
                out += '\n';
                out.append(indent + 2, ' ');
                write_block(out, item.value(), indent + 2);
                continue;
            }
            out += ' ';
        }
        out += scalar_text(item.value()) + '\n';
    }
}

void write_source(std::string& out, const Source& source) {
    auto sink = std::back_inserter(out);
    fmt::format_to(sink, "  - id: {}\n", quote(source.identifier));
    fmt::format_to(sink, "    name: {}\n", quote(source.name));
    fmt::format_to(sink, "    url: {}\n", quote(source.url));
    const bool has_feed = source.rss_url && !source.rss_url->empty();
    fmt::format_to(sink, "    rss_url: {}\n", has_feed ? quote(*source.rss_url) : "null");
    fmt::format_to(sink, "    check_frequency: {}\n", source.check_frequency_s);
    if (source.lookback_days) fmt::format_to(sink, "    lookback_days: {}\n", *source.lookback_days);
    fmt::format_to(sink, "    active: {}\n", source.active);
    const auto stored = Json::parse(source.config_json, nullptr, false);
    if (!stored.is_object()) return;
    const auto config = without_shape(stored);
    if (config.empty()) return;
    out += "    config:\n      ";
    write_block(out, config, 6);
}
}

std::string to_yaml(const std::vector<Source>& sources) {
    std::string out = "version: \"1.0\"\nsources:";
    out += sources.empty() ? " []\n" : "\n";
    for (const auto& source : sources) write_source(out, source);
    return out;
}
}
