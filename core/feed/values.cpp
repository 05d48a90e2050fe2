#include "core/feed/values.hpp"

#include "core/base/html.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/feed/markup.hpp"

#include <algorithm>

namespace cti::feed {
namespace {
// How an element's text is to be taken, from its Atom 1.0 type or its Atom 0.3 type and mode.
struct Reading {
    Form form = Form::plain;
    bool is_xml = false; // Child elements are the markup, and text between them is text.
    bool is_base64 = false;
};

Reading reading_of(const Scanner& scanner, Form fallback) {
    const auto type = ascii_lower(scanner.attribute("type"));
    const auto mode = ascii_lower(scanner.attribute("mode"));
    Reading reading{fallback, false, mode == "base64"};
    if (type == "text" || type == "text/plain" || type == "plain" || type == "application/text" ||
        (type.empty() && reading.is_base64)) { // Atom 0.3: text/plain is the default.
        reading.form = Form::plain;
    } else if (type == "html" || type == "text/html" || type == "text/x-html") {
        reading.form = Form::html;
    } else if (type == "xhtml" || type.ends_with("/xml") || type.ends_with("+xml")) {
        reading.form = Form::html;
        reading.is_xml = mode != "escaped" && mode != "base64";
    } else if (type.find('/') != std::string::npos && !type.starts_with("text/") &&
               !type.starts_with("multipart/") && scanner.ns() == Ns::atom && mode.empty()) {
        reading.form = Form::html;
        reading.is_base64 = true; // RFC 4287 section 4.1.3.3.
    }
    return reading;
}

// The child is a field of its own, so the element around it was never closed.
bool starts_next_field(const Scanner& scanner) {
    if (scanner.ns() == Ns::xhtml || scanner.ns() == Ns::embedded || scanner.ns() == Ns::other) return false;
    switch (find_meaning(scanner.ns(), scanner.local_name()).field) {
    case Field::unknown:
    case Field::title:
    case Field::name:
    case Field::uri:
    case Field::email:
    case Field::body:
    case Field::image:
    case Field::source: // Also HTML's, in <video>.
    case Field::contributor:
    case Field::rights:
    case Field::generator:
    case Field::container:
    case Field::group: return false;
    case Field::summary: return scanner.ns() != Ns::core || !iequals(scanner.local_name(), "summary");
    default: return true;
    }
}

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else {
            out += c;
        }
    }
}

void append_start_tag(std::string& out, const Scanner& scanner) {
    const bool is_known = scanner.ns() == Ns::xhtml || scanner.ns() == Ns::embedded;
    out += '<';
    out += is_known ? scanner.local_name() : scanner.name();
    for (const auto& [name, raw] : scanner.attributes()) {
        if (istarts_with(name, "xmlns") || iequals(name, "xml:base")) continue;
        ((out += ' ') += name) += "=\"";
        if (is_url_attribute(name) && !scanner.base().empty()) {
            out += absolute_attribute(name, raw, scanner.base());
        } else {
            for (const char c : raw) c == '"' ? out += "&quot;" : out += c;
        }
        out += '"';
    }
    out += '>';
}

void append_end_tag(std::string& out, const Scanner& scanner) {
    const bool is_known = scanner.ns() == Ns::xhtml || scanner.ns() == Ns::embedded;
    const auto name = is_known ? scanner.local_name() : scanner.name();
    if (!is_void_element(name)) ((out += "</") += name) += '>';
}

// Only whole groups of four, padding at the end alone: "extraneous text" is nobody's base64.
bool is_base64(std::string_view text) {
    std::size_t count = 0, padding = 0;
    for (const char c : text) {
        if (is_ascii_space(c)) continue;
        ++count;
        if (c == '=') {
            ++padding;
        } else if (padding > 0 || !(is_ascii_alpha(c) || is_ascii_digit(c) ||
                                    std::string_view("+/-_").find(c) != std::string_view::npos)) {
            return false;
        }
    }
    return count > 0 && count % 4 == 0 && padding <= 2;
}

// "<div>&lt;p&gt;…&lt;/p&gt;</div>": what a program escaped within the element that it made for it. All of it
// is markup, from the first character to the last; a listing in <pre> is meant as it stands.
void unwrap_escaped(std::string& html) {
    std::size_t begin = 0, end = html.size();
    const auto skip_space = [&] {
        while (begin < end && is_ascii_space(html[begin])) ++begin;
        while (end > begin && is_ascii_space(html[end - 1])) --end;
    };
    skip_space();
    while (begin < end && html[begin] == '<' && html[end - 1] == '>') {
        begin = std::min(html.find('>', begin), end - 1) + 1;
        end = std::max(html.rfind('<', end - 1), begin);
        skip_space();
    }
    const auto inner = std::string_view(html).substr(begin, end - begin);
    if (begin == 0 || !inner.starts_with("&lt;") || !inner.ends_with("&gt;") ||
        inner.find('<') != inner.npos ||
        ascii_lower(std::string_view(html).substr(0, begin)).find("<pre") != std::string::npos)
        return;
    auto decoded = decode_entities(inner);
    if (looks_like_html(decoded)) html = std::move(decoded);
}

bool is_email_char(char c) {
    return is_ascii_alpha(c) || is_ascii_digit(c) ||
           std::string_view("._+-=!#$%&'*/?^`{|}~").find(c) != std::string_view::npos;
}
bool is_host_char(char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '.' || c == '-'; }
}

Value ValueReader::read(Form form) {
    const auto depth = scanner.depth();
    const auto reading = reading_of(scanner, form);
    const bool is_title = iequals(scanner.local_name(), "title");
    Value value{{}, reading.form};
    bool has_children = false;
    while (true) {
        switch (scanner.next()) {
        case Token::text:
            if (reading.is_xml && !scanner.is_cdata()) {
                std::string decoded;
                scanner.append_text(decoded);
                append_escaped(value.text, decoded);
            } else if (reading.is_xml) {
                append_escaped(value.text, scanner.text());
            } else {
                scanner.append_text(value.text);
            }
            break;
        case Token::start:
            if (!reading.is_xml && starts_next_field(scanner)) {
                next_started = true;
                return value;
            }
            value.form = Form::html;
            has_children = true;
            append_start_tag(value.text, scanner);
            break;
        case Token::end:
            if (scanner.depth() < depth) {
                if (reading.is_base64 && is_base64(value.text)) value.text = decode_base64(value.text);
                // It says XHTML but holds escaped HTML.
                if (reading.is_xml && !has_children) value.text = decode_entities(value.text);
                // A title may be about markup.
                if (reading.is_xml && has_children && !is_title) unwrap_escaped(value.text);
                return value;
            }
            append_end_tag(value.text, scanner);
            break;
        case Token::end_of_input: return value;
        }
    }
}

std::string ValueReader::read_text(References where) {
    const auto depth = scanner.depth();
    std::string text;
    while (true) {
        const auto token = scanner.next();
        if (token == Token::text) {
            scanner.append_text(text, where);
        } else if (token == Token::start && starts_next_field(scanner)) {
            next_started = true;
            break;
        } else if (token == Token::end_of_input || (token == Token::end && scanner.depth() < depth)) {
            break;
        }
    }
    return std::string(trim(text));
}

void ValueReader::skip() {
    const auto depth = scanner.depth();
    for (auto token = scanner.next(); token != Token::end_of_input; token = scanner.next()) {
        if (token == Token::end && scanner.depth() < depth) return;
    }
}

Person ValueReader::read_person() {
    const auto depth = scanner.depth();
    Person person;
    std::string text, uri_base, *part = &text;
    bool has_parts = false;
    while (true) {
        const auto token = scanner.next();
        if (token == Token::text) {
            scanner.append_text(*part);
        } else if (token == Token::start) {
            const auto name = scanner.local_name();
            if (starts_next_field(scanner) && !iequals(name, "uri") && !iequals(name, "id")) {
                next_started = true;
                break;
            }
            part = iequals(name, "name") ? &person.name : iequals(name, "email") ? &person.email : nullptr;
            if (iequals(name, "uri") || iequals(name, "url") || iequals(name, "homepage")) part = &person.uri;
            if (part == &person.uri) uri_base = scanner.base();
            has_parts = has_parts || part != nullptr;
            if (part == nullptr || !part->empty()) part = &text;
        } else if (token == Token::end) {
            part = &text;
            if (scanner.depth() < depth) break;
        } else {
            break;
        }
    }
    if (!has_parts) return parse_person(text);
    person.name = fold_space(person.name);
    person.email = std::string(trim(person.email));
    person.uri = resolve_url(uri_base, person.uri);
    return person;
}

std::string to_title(const Value& value) {
    switch (value.form) {
    case Form::plain: return fold_space(value.text);
    case Form::html: return plain_text(value.text, true);
    case Form::unknown:
        return looks_like_html(value.text) ? plain_text(value.text, false) : fold_space(value.text);
    }
    return {};
}

std::string to_html(Value value, const std::string& base) {
    const auto trimmed = trim(value.text);
    // Summaries that are said to be text and hold tags all the same are HTML that was labelled wrongly.
    if (value.form != Form::html && !looks_like_html(value.text)) {
        std::string out;
        append_escaped(out, trimmed);
        return out;
    }
    if (trimmed.size() != value.text.size()) value.text = std::string(trimmed);
    make_links_absolute(value.text, base);
    return std::move(value.text);
}

Person parse_person(std::string_view raw) {
    Person person;
    const auto text = plain_text(raw, false);
    for (auto at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
        auto start = at, end = at + 1;
        while (start > 0 && is_email_char(text[start - 1])) --start;
        while (end < text.size() && is_host_char(text[end])) ++end;
        while (end > at + 1 && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
        if (start == at || end == at + 1) continue;
        person.email = text.substr(start, end - start);
        std::string rest = text.substr(0, start) + ' ' + text.substr(end);
        if (const auto scheme = ascii_lower(rest).find("mailto:"); scheme != std::string::npos)
            rest.erase(scheme, 7);
        std::erase_if(rest, [](char c) {
            return c == '<' || c == '>' || c == '(' || c == ')' || c == '"' || c == '[' || c == ']';
        });
        std::string_view name = trim(rest);
        while (!name.empty() &&
               (name.front() == ',' || name.front() == '-' || name.front() == ':' || name.front() == ';'))
            name = trim(name.substr(1));
        while (!name.empty() &&
               (name.back() == ',' || name.back() == '-' || name.back() == ':' || name.back() == ';'))
            name = trim(name.substr(0, name.size() - 1));
        person.name = fold_space(name);
        return person;
    }
    person.name = text;
    if (person.name.size() > 2 && person.name.front() == '(' && person.name.back() == ')')
        person.name = person.name.substr(1, person.name.size() - 2);
    return person;
}

std::string decode_base64(std::string_view text) {
    std::string out;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : text) {
        unsigned value = 0;
        if (c >= 'A' && c <= 'Z') {
            value = static_cast<unsigned>(c - 'A');
        } else if (c >= 'a' && c <= 'z') {
            value = static_cast<unsigned>(c - 'a') + 26;
        } else if (is_ascii_digit(c)) {
            value = static_cast<unsigned>(c - '0') + 52;
        } else if (c == '+' || c == '-') {
            value = 62;
        } else if (c == '/' || c == '_') {
            value = 63;
        } else {
            continue;
        }
        buffer = (buffer << 6 | value) & 0xFFFFFF;
        if ((bits += 6) < 8) continue;
        bits -= 8;
        out += static_cast<char>(buffer >> bits & 0xFF);
    }
    return repair_utf8(out);
}
}
