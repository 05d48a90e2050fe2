#include "core/base/encoding.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iconv.h>
#include <iterator>
#include <memory>
#include <uchardet/uchardet.h>

namespace cti {
namespace {
struct Label {
    std::string_view label, name;
};
// Sorted by label: lower case, without blanks, '_' as '-'.
constexpr Label k_labels[] = {
#include "core/base/encoding_labels.inc"
};

// What iconv calls the standard's encodings: supersets, as browsers read them.
std::string iconv_name(std::string_view name) {
    static constexpr Label k_names[] = {{"big5", "BIG5-HKSCS"},
                                        {"euc-kr", "CP949"},
                                        {"gbk", "GB18030"},
                                        {"ibm866", "CP866"},
                                        {"shift_jis", "CP932"},
                                        {"x-mac-cyrillic", "MAC-CYRILLIC"},
                                        {"iso-8859-8-i", "ISO-8859-8"},
                                        {"windows-874", "CP874"},
                                        {"euc-jp", "EUC-JP-MS"}};
    const auto* it = std::ranges::find(k_names, name, &Label::label);
    if (it != std::end(k_names)) return std::string(it->name);
    if (name.starts_with("windows-")) return "CP" + std::string(name.substr(8));
    return std::string(name);
}

// 0x80 to 0x9F of windows-1252; the five holes stand for themselves, as in browsers.
constexpr std::array<char32_t, 32> k_windows_1252{
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

std::string decode_windows_1252(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    for (const char c : bytes) {
        append_utf8(out, windows_1252(static_cast<unsigned char>(c)));
    }
    return out;
}

struct IconvCloser {
    void operator()(void* handle) const { iconv_close(handle); }
};

// The text, and how many bytes meant nothing; false when iconv does not know the encoding.
bool run_iconv(std::string_view bytes, const std::string& from, std::string& out, std::size_t& errors) {
    const auto raw = iconv_open("UTF-8", from.c_str());
    if (raw == reinterpret_cast<iconv_t>(-1)) return false; // NOLINT: iconv's own way to say no.
    const std::unique_ptr<void, IconvCloser> handle(raw);
    char* in =
        const_cast<char*>(bytes.data()); // iconv does not write there; its signature is older than const.
    std::size_t in_left = bytes.size();
    std::array<char, 16384> chunk{};
    out.clear();
    out.reserve(bytes.size() + bytes.size() / 4);
    while (in_left > 0) {
        char* to = chunk.data();
        std::size_t to_left = chunk.size();
        const auto result = iconv(raw, &in, &in_left, &to, &to_left);
        const int reason = result == static_cast<std::size_t>(-1) ? errno : 0;
        out.append(chunk.data(), static_cast<std::size_t>(to - chunk.data()));
        if (reason == EINVAL) {
            ++errors;
            break; // Cut off in the middle of a character.
        }
        if (reason == EILSEQ) {
            ++errors;
            ++in, --in_left;
        }
    }
    return true;
}

bool decode_as(std::string_view bytes, std::string_view name, std::string& out, std::size_t& errors) {
    errors = 0;
    if (name == "utf-8") {
        out.clear();
        for (std::size_t pos = 0; pos < bytes.size();) {
            const auto start = pos;
            const char32_t code = next_code_point(bytes, pos);
            if (code == k_replacement_character && bytes.substr(start, pos - start) != "\xEF\xBF\xBD") {
                ++errors;
            } else {
                out.append(bytes, start, pos - start);
            }
        }
        return true;
    }
    if (name == "windows-1252") {
        out = decode_windows_1252(bytes);
        return true;
    }
    return run_iconv(bytes, iconv_name(name), out, errors);
}

std::string_view by_byte_order_mark(std::string_view bytes, std::size_t& length) {
    static constexpr std::array<Label, 5> marks{{{{"\0\0\xFE\xFF", 4}, "utf-32be"},
                                                 {{"\xFF\xFE\0\0", 4}, "utf-32le"},
                                                 {"\xEF\xBB\xBF", "utf-8"},
                                                 {"\xFE\xFF", "utf-16be"},
                                                 {"\xFF\xFE", "utf-16le"}}};
    for (const auto& [mark, name] : marks) {
        if (!bytes.starts_with(mark)) continue;
        length = mark.size();
        return name;
    }
    return {};
}

// XML 1.0 appendix F: how "<" and the next character look.
std::string_view by_zero_bytes(std::string_view bytes) {
    if (bytes.size() < 4) return {};
    std::string pattern;
    for (const char c : bytes.substr(0, 4)) pattern += c == '\0' ? '0' : '1';
    if (pattern == "0001") return "utf-32be";
    if (pattern == "1000") return "utf-32le";
    if (pattern == "0101") return "utf-16be";
    if (pattern == "1010") return "utf-16le";
    return bytes.starts_with("\x4C\x6F\xA7\x94") ? "ibm037" : std::string_view{};
}

constexpr std::size_t k_max_head_bytes = 256 * 1024;

std::string_view quoted_or_bare(std::string_view text) {
    while (!text.empty() && is_ascii_space(text.front())) text.remove_prefix(1);
    if (text.empty()) return {};
    const char quote = text.front();
    if (quote == '"' || quote == '\'') return text.substr(1, std::min(text.find(quote, 1), text.size()) - 1);
    return text.substr(0, std::min(text.find_first_of(" \t\r\n;,\"'/>"), text.size()));
}

std::string_view value_behind(std::string_view text, std::string_view key) {
    const auto lower = ascii_lower(text);
    for (auto at = lower.find(key); at != std::string::npos; at = lower.find(key, at + 1)) {
        auto rest = at + key.size();
        while (rest < text.size() && is_ascii_space(text[rest])) ++rest;
        if (rest < text.size() && text[rest] == '=') return trim(quoted_or_bare(text.substr(rest + 1)));
    }
    return {};
}

// The charset of the first <meta> that names one, before the body begins. The standard looks at 1,024 bytes
// only, but on a tenth of the pages it stands further down.
std::string_view declared_by_meta(std::string_view bytes, std::size_t longest) {
    const auto head = bytes.substr(0, longest);
    const auto lower = ascii_lower(head);
    const auto end = std::min({lower.size(), lower.find("</head"), lower.find("<body")});
    for (auto at = lower.find("<meta"); at < end; at = lower.find("<meta", at + 5)) {
        auto tag = head.substr(at, 2048); // Bounded, as a hostile head is made of tags without an end.
        tag = tag.substr(0, tag.find('>'));
        if (const auto label = value_behind(tag, "charset"); !label.empty()) return label;
    }
    return {};
}

// encoding="…" of the XML declaration, else the charset of a <meta> in the head.
std::string_view declared(std::string_view bytes) {
    const auto head = bytes.substr(0, 1024);
    if (const auto start = head.find("<?xml"); start != std::string_view::npos) {
        const auto declaration = head.substr(start, std::min(head.find('>', start), head.size()) - start);
        if (const auto label = value_behind(declaration, "encoding"); !label.empty()) return label;
    }
    return declared_by_meta(bytes, ascii_lower(head).find("<html") == std::string::npos ? head.size()
                                                                                        : k_max_head_bytes);
}

std::string_view detected(std::string_view bytes) {
    const std::unique_ptr<uchardet, void (*)(uchardet_t)> detector(uchardet_new(), uchardet_delete);
    constexpr std::size_t enough = 256 * 1024; // The statistics do not change after it.
    const auto sample = bytes.substr(0, enough);
    if (uchardet_handle_data(detector.get(), sample.data(), sample.size()) != 0) return {};
    uchardet_data_end(detector.get());
    return encoding_name(uchardet_get_charset(detector.get()));
}

// Most of the text is UTF-8 all the same: many well-formed sequences for each ill-formed one.
bool is_mostly_utf8(std::string_view bytes) {
    std::size_t good = 0, bad = 0;
    for (std::size_t pos = 0; pos < bytes.size();) {
        const auto start = pos;
        const char32_t code = next_code_point(bytes, pos);
        if (code < 0x80) continue;
        const bool ill_formed =
            code == k_replacement_character && bytes.substr(start, pos - start) != "\xEF\xBF\xBD";
        ++(ill_formed ? bad : good);
    }
    return good > bad;
}

void decode_labelled(std::string_view bytes, std::string_view content_type, Decoded& out) {
    const auto header = encoding_name(charset_of(content_type)), own = encoding_name(declared(bytes));
    std::array<std::string_view, 5> candidates{header, own, {}, {}, "windows-1252"};
    if (header.empty() && own.empty()) candidates[2] = "utf-8";
    const bool mostly_utf8 = is_mostly_utf8(bytes);
    std::size_t errors = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        // UTF-8 with a few bad bytes is still UTF-8: detection would take the whole text for something else.
        if (i == 3) candidates[i] = mostly_utf8 ? "utf-8" : detected(bytes);
        if (candidates[i].empty() || candidates[i].starts_with("utf-16"))
            continue; // No zero bytes: a wrong label.
        if (!decode_as(bytes, candidates[i], out.storage, errors)) continue;
        const bool repaired = i == 3 && mostly_utf8;
        if (errors > 0 && !repaired) continue;
        out.encoding = candidates[i];
        out.text = out.storage;
        if (repaired) {
            out.warning = "bytes that are not UTF-8 were dropped";
        } else if (i > 1 || candidates[i] != (header.empty() ? own : header)) {
            out.warning = "the encoding is not what the document says; read as " + out.encoding;
        }
        return;
    }
}
}

std::string_view encoding_name(std::string_view label) {
    std::string key;
    for (const char c : trim(label)) {
        if (c == '"' || c == '\'' || is_ascii_space(c)) continue;
        key += c == '_' ? '-' : ascii_lower(c);
        if (key.size() > 40) return {};
    }
    const auto* it = std::ranges::lower_bound(k_labels, std::string_view(key), {}, &Label::label);
    return it != std::end(k_labels) && it->label == key ? it->name : std::string_view{};
}

char32_t windows_1252(unsigned char byte) {
    return byte >= 0x80 && byte < 0xA0 ? k_windows_1252[byte - 0x80U] : byte;
}

std::string_view charset_of(std::string_view content_type) {
    return value_behind(content_type.substr(0, 1024), "charset");
}

void decode(std::string_view bytes, std::string_view content_type, Decoded& out) {
    std::size_t skip = 0;
    auto name = by_byte_order_mark(bytes, skip);
    bytes.remove_prefix(skip);
    if (name.empty()) name = by_zero_bytes(bytes);
    if (name.empty() || name == "utf-8") {
        const auto label = encoding_name(charset_of(content_type));
        const auto own = label.empty() ? encoding_name(declared(bytes)) : label;
        const bool seven_bit_trap = own == "iso-2022-jp" && bytes.find('\x1B') != std::string_view::npos;
        if (is_valid_utf8(bytes) && !seven_bit_trap) {
            out.text = bytes;
            const bool ascii =
                skip == 0 && !own.empty() && !own.starts_with("utf-") &&
                std::ranges::all_of(bytes, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
            out.encoding = ascii ? own : std::string_view("utf-8");
            if (!ascii && !own.empty() && own != "utf-8")
                out.warning = "labelled " + std::string(own) + " but it is UTF-8";
            return;
        }
        decode_labelled(bytes, content_type, out);
        return;
    }
    std::size_t errors = 0;
    if (!decode_as(bytes, name, out.storage, errors)) out.storage = decode_windows_1252(bytes);
    out.text = out.storage;
    out.encoding = name;
    if (errors > 0) out.warning = "bytes that are not " + out.encoding + " were dropped";
}
}
