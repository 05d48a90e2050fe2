#include "core/feed/markup.hpp"

#include "core/base/html.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <array>

namespace cti::feed {
namespace {
constexpr std::size_t k_max_tag_attributes = 64;

// Sorted.
constexpr std::array k_elements = std::to_array<std::string_view>(
    {"a",        "abbr",     "acronym", "address",    "applet",     "article", "aside",  "audio",   "b",
     "base",     "big",      "blink",   "blockquote", "body",       "br",      "button", "canvas",  "caption",
     "center",   "cite",     "code",    "col",        "dd",         "del",     "dfn",    "div",     "dl",
     "dt",       "em",       "embed",   "fieldset",   "figcaption", "figure",  "font",   "footer",  "form",
     "frame",    "h1",       "h2",      "h3",         "h4",         "h5",      "h6",     "head",    "header",
     "hr",       "html",     "i",       "iframe",     "img",        "input",   "ins",    "kbd",     "label",
     "legend",   "li",       "link",    "main",       "mark",       "marquee", "math",   "meta",    "nav",
     "nobr",     "noscript", "object",  "ol",         "option",     "p",       "param",  "picture", "pre",
     "q",        "s",        "samp",    "script",     "section",    "select",  "small",  "source",  "span",
     "strike",   "strong",   "style",   "sub",        "sup",        "svg",     "table",  "tbody",   "td",
     "textarea", "tfoot",    "th",      "thead",      "time",       "tr",      "tt",     "u",       "ul",
     "var",      "video",    "wbr"});
constexpr std::array k_void =
    std::to_array<std::string_view>({"area", "base", "br", "col", "embed", "hr", "img", "input", "link",
                                     "meta", "param", "source", "track", "wbr"});
// Their borders separate words.
constexpr std::array k_blocks = std::to_array<std::string_view>(
    {"blockquote", "br", "dd", "div", "dt",  "h1",    "h2", "h3", "h4", "h5", "h6",
     "hr",         "li", "ol", "p",   "pre", "table", "td", "th", "tr", "ul"});
constexpr std::array k_url_attributes = std::to_array<std::string_view>(
    {"action", "background", "cite", "classid", "codebase", "data", "formaction", "href", "icon", "longdesc",
     "poster", "profile", "src", "srcset", "usemap", "xlink:href"});

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& sorted, std::string_view name) {
    std::array<char, 12> lower{};
    if (name.size() > lower.size()) return false;
    std::ranges::transform(name, lower.begin(), [](char c) { return ascii_lower(c); });
    return std::ranges::binary_search(sorted, std::string_view(lower.data(), name.size()));
}

bool is_tag_name_char(char c) {
    return is_ascii_alpha(c) || is_ascii_digit(c) || c == ':' || c == '-' || c == '_';
}

// Reads one attribute; `pos` stands on its first character.
void read_attribute(std::string_view html, std::size_t& pos, HtmlTag& tag) {
    const auto start = pos;
    while (pos < html.size() && !is_ascii_space(html[pos]) && html[pos] != '=' && html[pos] != '>' &&
           html[pos] != '/')
        ++pos;
    if (pos == start) ++pos; // A stray '='.
    const auto name = html.substr(start, pos - start);
    auto next = pos;
    while (next < html.size() && is_ascii_space(html[next])) ++next;
    std::string_view value;
    if (next < html.size() && html[next] == '=') {
        pos = next + 1;
        while (pos < html.size() && is_ascii_space(html[pos])) ++pos;
        if (pos < html.size() && (html[pos] == '"' || html[pos] == '\'')) {
            const auto end = std::min(html.find(html[pos], pos + 1), html.size());
            value = html.substr(pos + 1, end - pos - 1);
            pos = std::min(end + 1, html.size());
        } else {
            const auto from = pos;
            while (pos < html.size() && !is_ascii_space(html[pos]) && html[pos] != '>') ++pos;
            value = html.substr(from, pos - from);
        }
    }
    if (tag.attributes.size() < k_max_tag_attributes) tag.attributes.push_back({name, value});
}

std::string quote_attribute(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == '&') {
            out += "&amp;";
        } else if (c == '"') {
            out += "&quot;";
        } else if (c == '<') {
            out += "&lt;";
        } else {
            out += c;
        }
    }
    return out;
}

// "a.png 1x, b.png 2x": the address is what stands before the blank.
std::string absolute_srcset(std::string_view value, const std::string& base) {
    std::string out;
    for (auto candidate : split(value, ',')) {
        candidate = trim(candidate);
        const auto end = std::min(candidate.find_first_of(" \t\r\n"), candidate.size());
        if (!out.empty()) out += ", ";
        out += resolve_url(base, candidate.substr(0, end));
        out += candidate.substr(end);
    }
    return out;
}

// Also true for comments: they are markup, not text.
bool starts_html_element(std::string_view html, std::size_t pos) {
    if (html.substr(pos, 4) == "<!--") return true;
    auto start = pos + 1;
    if (start < html.size() && html[start] == '/') ++start;
    auto end = start;
    while (end < html.size() && is_tag_name_char(html[end])) ++end;
    if (end < html.size() && html[end] != '>' && html[end] != '/' && !is_ascii_space(html[end])) return false;
    return holds(k_elements, html.substr(start, end - start));
}

bool is_relative(std::string_view name, std::string_view raw) {
    const auto value = trim(raw);
    if (value.empty()) return false;
    return iequals(name, "srcset") || !has_scheme(value);
}
}

bool is_html_element(std::string_view name) { return holds(k_elements, name); }
bool is_void_element(std::string_view name) { return holds(k_void, name); }
bool is_url_attribute(std::string_view name) { return holds(k_url_attributes, name); }

bool read_html_tag(std::string_view html, std::size_t& pos, HtmlTag& tag) {
    tag.name = {};
    tag.closing = tag.cut = false;
    tag.attributes.clear();
    auto i = pos + 1;
    if (i >= html.size()) return false;
    if (html[i] == '!' || html[i] == '?') {
        const bool comment = html.substr(i, 3) == "!--";
        const auto end = html.find(comment ? "-->" : ">", i);
        tag.cut = end == std::string_view::npos;
        if (tag.cut) return false;
        pos = end + (comment ? 3 : 1);
        return true;
    }
    if (html[i] == '/') tag.closing = true, ++i;
    if (i >= html.size() || !is_ascii_alpha(html[i])) return false;
    const auto start = i;
    while (i < html.size() && is_tag_name_char(html[i])) ++i;
    tag.name = html.substr(start, i - start);
    while (i < html.size() && html[i] != '>') {
        if (is_ascii_space(html[i]) || html[i] == '/') {
            ++i;
        } else {
            read_attribute(html, i, tag);
        }
    }
    tag.cut = i >= html.size();
    if (tag.cut) return false;
    pos = i + 1;
    return true;
}

std::string html_attribute(const HtmlTag& tag, std::string_view name) {
    for (const auto& attribute : tag.attributes) {
        if (iequals(attribute.name, name))
            return std::string(trim(decode_entities(attribute.raw, References::in_attribute)));
    }
    return {};
}

bool looks_like_html(std::string_view text) {
    for (auto pos = text.find_first_of("<&"); pos != std::string_view::npos;
         pos = text.find_first_of("<&", pos + 1)) {
        if (text[pos] == '&') {
            const auto end = text.find_first_of("; <&", pos + 1);
            if (end == std::string_view::npos || text[end] != ';') continue;
            const auto name = text.substr(pos + 1, end - pos);
            if (name.starts_with('#') || !named_entity(name).empty()) return true;
            continue;
        }
        const bool closing = text.substr(pos + 1, 1) == "/";
        if (!starts_html_element(text, pos)) continue;
        auto end = pos + 1;
        while (end < text.size() && is_tag_name_char(text[end])) ++end;
        if (closing || is_void_element(text.substr(pos + 1, end - pos - 1))) return true;
    }
    return false;
}

std::string plain_text(std::string_view html, bool all_tags) {
    if (html.find_first_of("<&") == std::string_view::npos) return fold_space(html);
    std::string out;
    HtmlTag tag;
    bool open_ended = false; // A tag or comment without an end was met: no second search for one.
    for (std::size_t pos = 0; pos < html.size();) {
        const auto stop = std::min(html.find_first_of("<&", pos), html.size());
        out.append(html, pos, stop - pos);
        pos = stop;
        if (pos >= html.size()) break;
        if (html[pos] == '&') {
            append_reference(out, html, pos);
            continue;
        }
        auto behind = pos;
        const bool is_tag =
            !open_ended && (all_tags || starts_html_element(html, pos)) && read_html_tag(html, behind, tag);
        if (!is_tag && tag.cut) open_ended = true;
        if (!is_tag) {
            out += html[pos++];
            continue;
        }
        pos = behind;
        if (holds(k_blocks, tag.name)) out += ' ';
        if (!tag.closing && (iequals(tag.name, "script") || iequals(tag.name, "style"))) {
            const auto end = html.find("</", pos);
            if (end != std::string_view::npos) pos = end;
        }
    }
    return fold_space(out);
}

std::string absolute_attribute(std::string_view name, std::string_view raw, const std::string& base) {
    const auto value = decode_entities(raw, References::in_attribute);
    return quote_attribute(iequals(name, "srcset") ? absolute_srcset(value, base) : resolve_url(base, value));
}

void make_links_absolute(std::string& html, const std::string& base) {
    if (base.empty() || html.find('<') == std::string::npos) return;
    const std::string_view in(html);
    std::string out;
    std::size_t copied = 0;
    HtmlTag tag;
    for (auto pos = in.find('<'); pos != std::string_view::npos; pos = in.find('<', pos)) {
        if (!read_html_tag(in, pos, tag)) {
            if (tag.cut) break;
            ++pos;
            continue;
        }
        for (const auto& [name, raw] : tag.attributes) {
            if (raw.empty() || !is_url_attribute(name) || !is_relative(name, raw)) continue;
            auto from = static_cast<std::size_t>(raw.data() - in.data());
            auto to = from + raw.size();
            const bool quoted = in[from - 1] == '"' || in[from - 1] == '\'';
            if (quoted) --from, to = std::min(to + 1, in.size());
            out.append(in, copied, from - copied);
            ((out += '"') += absolute_attribute(name, raw, base)) += '"';
            copied = to;
        }
    }
    if (copied == 0) return;
    out.append(in, copied);
    html = std::move(out);
}
}
