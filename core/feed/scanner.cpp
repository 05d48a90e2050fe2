#include "core/feed/scanner.hpp"

#include "core/base/html.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>

namespace cti::feed {
namespace {
constexpr std::size_t k_max_attributes = 256;
constexpr std::size_t k_max_bindings = 1024;

bool is_name_start(char c) {
    return is_ascii_alpha(c) || c == '_' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_char(char c) {
    return !is_ascii_space(c) && c != '>' && c != '/' && c != '<' && c != '=' && c != '"' && c != '\'';
}

std::string_view prefix_of(std::string_view name) {
    const auto colon = name.find(':');
    return colon == std::string_view::npos ? std::string_view{} : name.substr(0, colon);
}
std::string_view local_of(std::string_view name) {
    const auto colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}
}

void append_decoded(std::string& out, std::string_view raw, References where, ReferenceKinds& kinds) {
    static constexpr struct {
        std::string_view name;
        char c;
    } frequent[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}};
    for (std::size_t pos = 0; pos < raw.size();) {
        const auto amp = std::min(raw.find('&', pos), raw.size());
        out.append(raw, pos, amp - pos);
        if ((pos = amp) >= raw.size()) return;
        const auto* it = std::ranges::find_if(
            frequent, [&](const auto& f) { return raw.substr(pos, f.name.size()) == f.name; });
        if (it != std::end(frequent)) {
            out += it->c;
            pos += it->name.size();
        } else {
            append_reference(out, raw, pos, where);
            if (pos == amp + 1) {
                kinds.stray_ampersand = true;
            } else if (raw[amp + 1] != '#' && raw.substr(amp, 6) != "&apos;") {
                kinds.html_name = true;
            }
        }
    }
}

Scanner::Scanner(std::string_view xml, std::string_view document_url) : m_xml(xml) {
    m_bases.emplace_back(document_url);
    m_open.reserve(k_max_depth);
}

std::string Scanner::attribute(std::string_view name) const {
    for (const auto& [key, raw] : m_attributes) {
        if (!iequals(key, name)) continue;
        std::string value;
        append_decoded(value, raw, References::in_attribute, m_references);
        return std::string(trim(value));
    }
    return {};
}

void Scanner::append_text(std::string& out, References where) {
    m_is_cdata ? void(out += m_text) : append_decoded(out, m_text, where, m_references);
}

bool Scanner::starts_markup(std::size_t pos) const {
    if (pos + 1 >= m_xml.size()) return true; // Cut off here.
    const char c = m_xml[pos + 1];
    if (c == '/') return pos + 2 >= m_xml.size() || is_name_start(m_xml[pos + 2]) || m_xml[pos + 2] == '>';
    return is_name_start(c) || c == '!' || c == '?';
}

Token Scanner::next() {
    if (m_close_to != k_none) {
        if (m_open.size() > m_close_to) return close_top();
        m_close_to = k_none;
        if (m_pending_start) return open_element();
    }
    if (m_self_closing) {
        m_self_closing = false;
        return close_top();
    }
    while (m_pos < m_xml.size()) {
        if (m_xml[m_pos] != '<' || !starts_markup(m_pos)) {
            read_text();
            return Token::text;
        }
        const char c = m_pos + 1 < m_xml.size() ? m_xml[m_pos + 1] : '\0';
        if (c == '!' || c == '?') {
            if (read_cdata() || read_cdata_of_html()) return Token::text;
            if (skip_declaration()) continue;
            break;
        }
        if (c == '/') {
            if (read_end_tag()) return next();
            continue;
        }
        const auto tag = read_start_tag();
        if (tag == Tag::cut) break;
        if (tag == Tag::is_text) {
            read_text();
            return Token::text;
        }
        if (m_close_to != k_none) return next();
        if (m_open.size() < k_max_depth) return open_element();
        ++m_repairs;
        m_self_closing = m_pending_start = false;
    }
    m_pos = m_xml.size();
    if (m_open.empty()) return Token::end_of_input;
    m_was_cut = true;
    m_close_to = 0;
    return close_top();
}

// Up to the next '<' that starts markup; the first character is text in any case.
void Scanner::read_text() {
    const auto start = m_pos++;
    if (m_xml[start] == '<') ++m_repairs;
    while (m_pos < m_xml.size()) {
        m_pos = std::min(m_xml.find('<', m_pos), m_xml.size());
        if (m_pos >= m_xml.size() || starts_markup(m_pos)) break;
        ++m_pos;
        ++m_repairs;
    }
    m_text = m_xml.substr(start, m_pos - start);
    m_is_cdata = false;
}

std::size_t Scanner::find_closing(Closing kind, std::string_view closing, std::size_t from) {
    const auto end = m_missing[kind] ? std::string_view::npos : m_xml.find(closing, from);
    if (end == std::string_view::npos) m_missing[kind] = true;
    return end;
}

bool Scanner::read_cdata() {
    static constexpr std::string_view opening = "<![CDATA[";
    if (!istarts_with(m_xml.substr(m_pos, opening.size()), opening)) return false;
    const auto start = m_pos + opening.size();
    auto end = find_closing(cdata, "]]>", start);
    m_is_cdata = true;
    if (end == std::string_view::npos) {
        ++m_repairs;
        // Nobody closed it: then it ends with its element.
        std::string owner;
        if (!m_open.empty()) (owner += "</") += m_open.back().name;
        end = owner.empty() ? end : m_xml.find(owner, start);
        if (end == std::string_view::npos) m_was_cut = true, end = m_xml.size();
        m_text = m_xml.substr(start, end - start);
        m_pos = end;
        return true;
    }
    m_text = m_xml.substr(start, end - start);
    m_pos = end + 3;
    return true;
}

// What HTML's parsers make of a CDATA section that holds no '>'.
bool Scanner::read_cdata_of_html() {
    static constexpr std::string_view opening = "<!--[CDATA[", closing = "]]-->";
    if (!m_xml.substr(m_pos).starts_with(opening)) return false;
    const auto start = m_pos + opening.size(), end = find_closing(comment, "-->", start);
    if (end == std::string_view::npos || m_xml.substr(end - 2, closing.size()) != closing || end - 2 < start)
        return false;
    m_is_cdata = true;
    m_text = m_xml.substr(start, end - 2 - start);
    m_pos = end + 3;
    return true;
}

bool Scanner::skip_declaration() {
    const auto rest = m_xml.substr(m_pos, 9);
    if (istarts_with(rest, "<!DOCTYPE")) {
        skip_doctype();
        return true;
    }
    auto end = std::string_view::npos;
    if (rest.starts_with("<!--")) end = find_closing(comment, "-->", m_pos + 2);
    if (rest.starts_with("<?")) end = find_closing(instruction, "?>", m_pos + 2);
    // An open comment is worth less than what follows it.
    if (end == std::string_view::npos) end = m_xml.find('>', m_pos + 2);
    if (end == std::string_view::npos) return false;
    m_pos = m_xml.find('>', end) + 1;
    return true;
}

// The internal subset in brackets holds declarations, comments and quoted '>'. Where its end is missing, so
// is the subset.
void Scanner::skip_doctype() {
    int brackets = 0;
    auto pos = m_pos;
    for (; pos < m_xml.size() && !m_missing[doctype]; ++pos) {
        if (m_xml[pos] == '[') ++brackets, m_defined_entities = true;
        if (m_xml[pos] == ']') --brackets;
        if (m_xml[pos] == '>' && brackets <= 0) break;
    }
    if (pos >= m_xml.size() || m_missing[doctype]) {
        m_missing[doctype] = true;
        pos = m_xml.find('>', m_pos);
    }
    m_pos = pos == std::string_view::npos ? m_xml.size() : pos + 1;
}

bool Scanner::read_end_tag() {
    auto pos = m_pos + 2;
    const auto start = pos;
    while (pos < m_xml.size() && is_name_char(m_xml[pos])) ++pos;
    const auto name = m_xml.substr(start, pos - start);
    pos = std::min(m_xml.find_first_of("<>", pos), m_xml.size());
    m_pos = pos < m_xml.size() && m_xml[pos] == '>' ? pos + 1 : pos;
    for (std::size_t i = m_open.size(); i-- > 0;) {
        if (!iequals(m_open[i].name, name)) continue;
        if (i + 1 != m_open.size()) ++m_repairs;
        m_close_to = i;
        return true;
    }
    ++m_repairs;
    return false;
}

std::size_t Scanner::find_quote(char quote, std::size_t from) {
    auto& cache = m_quotes[quote == '"' ? 0 : 1];
    if (from < cache.from || from > cache.found)
        cache = {from, std::min(m_xml.find(quote, from), m_xml.size())};
    return cache.found;
}

Scanner::Tag Scanner::read_attributes(std::size_t& pos, bool& had_quotes) {
    while (true) {
        while (pos < m_xml.size() && (is_ascii_space(m_xml[pos]) || m_xml[pos] == '/')) ++pos;
        if (pos >= m_xml.size()) return Tag::cut;
        if (m_xml[pos] == '>') return Tag::read;
        if (m_xml[pos] == '<') return had_quotes ? Tag::read : Tag::is_text;
        const auto name_start = pos;
        while (pos < m_xml.size() && is_name_char(m_xml[pos])) ++pos;
        const auto name = m_xml.substr(name_start, pos - name_start);
        while (pos < m_xml.size() && is_ascii_space(m_xml[pos])) ++pos;
        std::string_view value;
        if (pos < m_xml.size() && m_xml[pos] == '=') {
            ++pos;
            while (pos < m_xml.size() && is_ascii_space(m_xml[pos])) ++pos;
            if (pos >= m_xml.size()) return Tag::cut;
            if (m_xml[pos] == '"' || m_xml[pos] == '\'') {
                const auto end = find_quote(m_xml[pos], pos + 1);
                if (end >= m_xml.size()) return Tag::cut;
                value = m_xml.substr(pos + 1, end - pos - 1);
                pos = end + 1;
                had_quotes = true;
            } else {
                const auto start = pos;
                while (pos < m_xml.size() && !is_ascii_space(m_xml[pos]) && m_xml[pos] != '>' &&
                       m_xml[pos] != '<')
                    ++pos;
                value = m_xml.substr(start, pos - start);
                if (value.ends_with('/') && pos < m_xml.size() && m_xml[pos] == '>')
                    value.remove_suffix(1), --pos;
            }
        } else if (name.empty()) {
            ++pos; // A stray quote or '='.
        }
        if (!name.empty() && m_attributes.size() < k_max_attributes) m_attributes.push_back({name, value});
    }
}

Scanner::Tag Scanner::read_start_tag() {
    auto pos = m_pos + 1;
    while (pos < m_xml.size() && is_name_char(m_xml[pos])) ++pos;
    const auto name = m_xml.substr(m_pos + 1, pos - m_pos - 1);
    m_attributes.clear();
    bool had_quotes = false;
    const auto tag = read_attributes(pos, had_quotes);
    if (tag == Tag::cut) m_was_cut = true;
    if (tag != Tag::read) return tag;
    m_self_closing = m_xml[pos - 1] == '/' && m_xml[pos] == '>';
    if (m_xml[pos] == '>') ++pos;
    m_pos = pos;
    m_pending_name = name;
    m_pending_start = true;
    close_open_entry(local_of(name));
    return Tag::read;
}

// Nobody nests entries; where one starts in another, the end of the first was forgotten. An entry inside of a
// <content> or <source> is a quotation.
void Scanner::close_open_entry(std::string_view local_name) {
    if (!iequals(local_name, "item") && !iequals(local_name, "entry")) return;
    for (std::size_t i = m_open.size(); i-- > 0;) {
        if (iequals(m_open[i].local_name, "content")) return;
        if (!iequals(m_open[i].name, m_pending_name)) continue;
        m_close_to = i;
        ++m_repairs;
        return;
    }
}

void Scanner::bind_namespaces() {
    for (const auto& [key, raw] : m_attributes) {
        if (!istarts_with(key, "xmlns") || (key.size() > 5 && key[5] != ':') ||
            m_bindings.size() >= k_max_bindings)
            continue;
        const auto prefix = key.size() > 6 ? key.substr(6) : std::string_view{};
        auto ns = namespace_of_uri(raw);
        if (ns == Ns::other && !prefix.empty()) ns = namespace_of_prefix(prefix);
        if (prefix.empty() && !m_saw_root) {
            m_root_namespace = raw;
            // Whatever a feed calls its own vocabulary, its root's default namespace is it.
            if (ns == Ns::other) ns = Ns::core;
        }
        if (!prefix.empty() && ns == Ns::core && raw.empty()) ns = namespace_of_prefix(prefix);
        m_bindings.push_back({prefix, ns});
    }
}

Ns Scanner::resolve(std::string_view prefix, bool is_root) {
    for (auto it = m_bindings.rbegin(); it != m_bindings.rend(); ++it) {
        if (iequals(it->prefix, prefix)) return it->ns;
    }
    if (prefix.empty()) return Ns::core;
    const auto ns = namespace_of_prefix(prefix);
    if (m_undeclared.empty() && ns != Ns::xml) m_undeclared = prefix;
    return ns == Ns::other && is_root ? Ns::core : ns;
}

void Scanner::enter_base(Open& element) {
    element.base = m_open.empty() ? 0 : m_open.back().base;
    for (const auto& [key, raw] : m_attributes) {
        if (!iequals(key, "xml:base")) continue;
        std::string value;
        append_decoded(value, raw, References::in_attribute, m_references);
        value = resolve_url(m_bases[element.base], value);
        if (!is_http_url(value) || value.size() > 4096) continue; // javascript: is nobody's base.
        element.base = m_bases.size();
        m_bases.push_back(std::move(value));
        return;
    }
}

Token Scanner::open_element() {
    m_pending_start = false;
    m_name = m_pending_name;
    Open element;
    element.name = m_name;
    element.local_name = local_of(m_name);
    element.bindings = m_bindings.size();
    bind_namespaces();
    element.ns = resolve(prefix_of(m_name), !m_saw_root);
    m_saw_root = true;
    enter_base(element);
    m_local_name = element.local_name;
    m_ns = element.ns;
    m_open.push_back(element);
    return Token::start;
}

Token Scanner::close_top() {
    const auto& top = m_open.back();
    m_name = top.name;
    m_local_name = top.local_name;
    m_ns = top.ns;
    if (m_bindings.size() > top.bindings) m_bindings.resize(top.bindings);
    m_open.pop_back();
    m_bases.resize((m_open.empty() ? 0 : m_open.back().base) + 1);
    if (m_open.size() == m_close_to && !m_pending_start) m_close_to = k_none;
    return Token::end;
}
}
