#include "core/page/html/tag_scanner.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace cti::page {
namespace {
constexpr bool ends_name(char c) { return is_ascii_space(c) || c == '/' || c == '>'; }

// Is `declaration` (all lower case, no space) in the style attribute, whatever its case and spacing?
bool has_declaration(std::string_view style, std::string_view declaration) {
    std::size_t matched = 0;
    for (const char c : style) {
        if (is_ascii_space(c)) continue;
        const char lower = ascii_lower(c);
        matched = lower == declaration[matched] ? matched + 1 : lower == declaration[0] ? 1 : 0;
        if (matched == declaration.size()) return true;
    }
    return false;
}

void use_attribute(Tag& tag, std::string_view name, std::string_view value) {
    if (iequals(name, "alt")) {
        tag.alt = value;
    } else if (iequals(name, "hidden")) {
        tag.hidden = true;
    } else if (iequals(name, "style")) {
        tag.hidden = tag.hidden || has_declaration(value, "display:none") ||
                     has_declaration(value, "visibility:hidden");
    }
}

// pos after '=' and its white space; returns the value, with pos after it.
std::string_view scan_value(std::string_view html, std::size_t& pos) {
    const char quote = html[pos];
    if (quote == '"' || quote == '\'') {
        const auto end = std::min(html.find(quote, pos + 1), html.size());
        const auto value = html.substr(pos + 1, end - pos - 1);
        pos = std::min(end + 1, html.size());
        return value;
    }
    const auto start = pos;
    while (pos < html.size() && !is_ascii_space(html[pos]) && html[pos] != '>') ++pos;
    return html.substr(start, pos - start);
}

void skip_space(std::string_view html, std::size_t& pos) {
    while (pos < html.size() && is_ascii_space(html[pos])) ++pos;
}

void scan_attribute(std::string_view html, std::size_t& pos, Tag& tag,
                    std::vector<RawAttribute>* attributes) {
    const auto start = pos++; // A '=' in first place belongs to the name.
    while (pos < html.size() && !ends_name(html[pos]) && html[pos] != '=') ++pos;
    const auto name = html.substr(start, pos - start);
    skip_space(html, pos);
    std::string_view value;
    if (pos < html.size() && html[pos] == '=') {
        skip_space(html, ++pos);
        if (pos < html.size()) value = scan_value(html, pos);
    }
    attributes != nullptr ? attributes->push_back({name, value}) : use_attribute(tag, name, value);
}

// False where the text ends before the tag does.
bool scan_tag(std::string_view html, std::size_t& pos, Tag& tag, std::vector<RawAttribute>* attributes) {
    tag = {};
    if (attributes != nullptr) attributes->clear();
    tag.closing = html[++pos] == '/';
    const auto start = pos += tag.closing ? 1 : 0;
    while (pos < html.size() && !ends_name(html[pos])) ++pos;
    tag.name = html.substr(start, pos - start);
    for (bool slash = false; pos < html.size();) {
        const char c = html[pos];
        if (c == '>') {
            tag.self_closing = slash;
            ++pos;
            return true;
        }
        slash = c == '/';
        if (slash || is_ascii_space(c)) {
            ++pos;
        } else {
            scan_attribute(html, pos, tag, attributes);
        }
    }
    return false;
}

void skip_behind(std::string_view html, std::size_t& pos, std::string_view end) {
    const auto found = html.find(end, pos);
    pos = found == html.npos ? html.size() : found + end.size();
}

void skip_comment(std::string_view html, std::size_t& pos) {
    pos += 4; // Behind "<!--".
    if (html.substr(pos, 1) == ">" ||
        html.substr(pos, 2) == "->") { // "<!-->" and "<!--->" are whole comments.
        return skip_behind(html, pos, ">");
    }
    for (;;) {
        skip_behind(html, pos, "--");
        if (pos >= html.size() || html[pos] == '>') break;
        if (html.substr(pos, 2) == "!>") {
            ++pos;
            break;
        }
        --pos; // "--->" ends as well.
    }
    pos = std::min(pos + 1, html.size());
}
}

Markup scan_markup(std::string_view html, std::size_t& pos, Tag& tag, std::vector<RawAttribute>* attributes) {
    const char next = pos + 1 < html.size() ? html[pos + 1] : '\0';
    const char second = pos + 2 < html.size() ? html[pos + 2] : '\0';
    if (is_ascii_alpha(next) || (next == '/' && is_ascii_alpha(second))) {
        return scan_tag(html, pos, tag, attributes) ? Markup::tag : Markup::nothing;
    }
    if (html.substr(pos, 4) == "<!--") {
        skip_comment(html, pos);
        return Markup::nothing;
    }
    if (next == '!' || next == '?' || (next == '/' && second != '\0')) {
        skip_behind(html, pos, ">");
        return Markup::nothing;
    }
    return Markup::text;
}

std::size_t find_end_tag(std::string_view html, std::size_t pos, std::string_view name) {
    for (auto at = html.find("</", pos); at != html.npos; at = html.find("</", at + 2)) {
        const auto behind = at + 2 + name.size();
        if (behind < html.size() && ends_name(html[behind]) &&
            iequals(html.substr(at + 2, name.size()), name))
            return at;
    }
    return html.npos;
}

void skip_raw_text(std::string_view html, std::size_t& pos, std::string_view name) {
    if ((pos = find_end_tag(html, pos, name)) == html.npos) {
        pos = html.size();
    } else {
        skip_behind(html, pos, ">");
    }
}
}
