#include "core/intel/families/hash.hpp"
#include "core/intel/families/host.hpp"
#include "core/intel/families/path_text.hpp"
#include "core/intel/neighbours.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
struct Hive {
    std::string_view name, full;
};
constexpr Hive k_hives[] = {
    {"hklm", "HKEY_LOCAL_MACHINE"},
    {"hkcu", "HKEY_CURRENT_USER"},
    {"hkcr", "HKEY_CLASSES_ROOT"},
    {"hku", "HKEY_USERS"},
    {"hkcc", "HKEY_CURRENT_CONFIG"},
    {"hkey_local_machine", "HKEY_LOCAL_MACHINE"},
    {"hkey_current_user", "HKEY_CURRENT_USER"},
    {"hkey_classes_root", "HKEY_CLASSES_ROOT"},
    {"hkey_users", "HKEY_USERS"},
    {"hkey_current_config", "HKEY_CURRENT_CONFIG"},
};
const Hive* find_hive(std::string_view word) {
    if (word.size() < 3 || word.size() > 19 || ascii_lower(word[0]) != 'h' || ascii_lower(word[1]) != 'k')
        return nullptr;
    const auto* found = std::ranges::find(k_hives, ascii_lower(word), &Hive::name);
    return found == std::end(k_hives) ? nullptr : found;
}

// Last keys with a blank in their names, as one meets them.
constexpr std::string_view k_spaced_keys[] = {"Shell Folders",
                                              "User Shell Folders",
                                              "Session Manager",
                                              "Volatile Environment",
                                              "Image File Execution Options",
                                              "Windows NT",
                                              "Internet Settings",
                                              "Active Setup",
                                              "Windows Defender",
                                              "Security Center",
                                              "Control Panel",
                                              "Terminal Server",
                                              "Internet Explorer",
                                              "Browser Helper Objects",
                                              "Security Packages",
                                              "Notification Packages",
                                              "Real-Time Protection",
                                              "Windows Script Host",
                                              "Command Processor",
                                              "Windows Error Reporting",
                                              "Credential Providers"};

bool is_path_end(char c) {
    return is(c, k_url_end & ~k_space)
               ? c != '{' && c != '}' && c != '^' && c != '<' && c != '>' && c != '\\' && c != ' '
               : std::string_view("\n\r\t\v\f,;:?/").find(c) != std::string_view::npos;
}

bool is_prose(std::string_view word) {
    return is_any_of(
        ascii_lower(word),
        "a an and as at but by for from has in into is it key keys of on or that the then this to under value values via was were which while with ");
}

// The segments of a path, from after the first backslash on.
class PathReader {
public:
    PathReader(std::string_view text, std::size_t start, char separator, bool is_registry)
        : m_text(text), m_start(start), m_separator(separator), m_is_registry(is_registry),
          m_quote(opening_kind(text, start)) {}

    std::size_t read(std::size_t pos) {
        const auto limit = std::min(m_text.size(), pos + k_max_path_bytes);
        m_segment = pos;
        while (pos < limit) {
            const char c = m_text[pos];
            if (closing_size(m_text, pos, m_quote) > 0 || is_over(pos)) break;
            if (is(c, k_high)) {
                if (is_end_at(m_text, pos) && !is_within_quotes(pos) && !is_skipped_part(pos, 3)) break;
                if (m_quote == 0 && is_sentence_at(pos)) break;
                next_code_point(m_text, pos);
                continue;
            }
            if (c == m_separator) {
                while (pos < limit && m_text[pos] == m_separator) ++pos;
                m_segment = pos;
                continue;
            }
            if (is_path_end(c)) break;
            if (c == '<' || c == '[') {
                if (is_footnote(pos)) break;
                const auto close = find_close(pos, c == '<' ? '>' : ']');
                if (close == 0) break;
                pos = close;
            } else if (c == '>' || c == ']' || (c == ' ' && !is_name_going_on(pos))) {
                break;
            }
            ++pos;
        }
        return trim(std::min(pos, limit));
    }

private:
    // A name in brackets that stands for any value: "<user>", "[username]".
    std::size_t find_close(std::size_t pos, char close) const {
        for (auto end = pos + 1; end < m_text.size() && end - pos < 32 && m_text[end] >= ' '; ++end)
            if (m_text[end] == close) return end;
        return 0;
    }

    // "evil.exe[1]"
    bool is_footnote(std::size_t pos) const {
        const auto behind = skip_footnote(m_text, pos);
        return behind > 0 && at(m_text, behind) != m_separator;
    }
    // "C:\Users\...\evil.exe"
    bool is_skipped_part(std::size_t pos, std::size_t size) const {
        const auto dots = m_text.substr(pos, 3);
        return (dots == "..." || dots == "\xE2\x80\xA6") && before(m_text, pos) == m_separator &&
               at(m_text, pos + size) == m_separator;
    }
    // Letters of another script, or what is no letter, and no separator behind it.
    bool is_sentence_at(std::size_t pos) const {
        if (!is(before(m_text, pos), k_alnum) || (!is_other_script(m_text, pos) && is_word_at(m_text, pos)))
            return false;
        if (has_extension(pos)) return true;
        auto end = pos;
        while (end < m_text.size() && end - pos < k_max_look_bytes && !is_path_end(m_text[end]) &&
               m_text[end] != ' ' && m_text[end] != m_separator && !is_end_at(m_text, end))
            ++end;
        return at(m_text, end) != m_separator;
    }

    // "C:\Temp\evil.exe's hash", "the key HKCU\Software\A's value", "C:\Temp\evil.exe</b>", "C:\Temp..."
    bool is_over(std::size_t pos) const {
        const char c = m_text[pos];
        if (c == '<') return at(m_text, pos + 1) == '/' || has_extension(pos);
        if (c == '.')
            return m_text.substr(pos, 3) == "..." && !is_skipped_part(pos, 3) && before(m_text, pos) != '.';
        if (c == '!' || c == '*' || c == '(') return has_extension(pos);
        if (m_separator == '/' && c == '-' && at(m_text, pos + 1) == '>') return true;
        const auto size = c == '\'' ? 1U : character_at(m_text, pos) == 0x2019 ? 3U : 0U;
        if (size == 0) return false;
        const auto behind = pos + size + 1;
        const bool is_genitive = at(m_text, behind - 1) == 's' && !is_word_at(m_text, behind) &&
                                 !(at(m_text, behind) == ' ' && is_followed_by_separator(behind));
        const auto ending = m_quote == 0 ? skip_ending(m_text, pos, size) : 0;
        const bool is_ending = ending > 0 && !(at(m_text, ending) == ' ' && is_followed_by_separator(ending));
        return is_genitive || has_extension(pos) || is_ending;
    }

    bool has_extension(std::size_t end) const {
        const auto segment = m_text.substr(m_segment, end - m_segment);
        const auto dot = segment.rfind('.');
        return !m_is_registry && dot != segment.npos && is_file_extension(segment.substr(dot + 1));
    }

    // Whether the name has the blank in it: a separator follows, a known name, or an extension.
    bool is_name_going_on(std::size_t blank) const {
        if (has_extension(blank)) return false;
        if (is_quoted(blank)) return true;
        const auto rest = m_text.substr(m_segment, k_max_look_bytes);
        for (const auto key : k_spaced_keys)
            if (m_is_registry && istarts_with(rest, key) && m_segment + key.size() > blank) return true;
        return is_followed_by_separator(blank);
    }
    bool is_quoted(std::size_t pos) const {
        return m_quote != 0 && find_closing(m_text, pos, m_start + k_max_path_bytes, m_quote) != m_text.npos;
    }
    // A dash or a bracket of a name: "“C:\Files – old\a.exe”".
    bool is_within_quotes(std::size_t pos) const {
        return (roles_of(character_at(m_text, pos)) & (k_hyphen | k_bracket)) != 0 && is_quoted(pos);
    }
    bool is_followed_by_separator(std::size_t blank) const {
        auto word = blank + 1;
        for (auto pos = blank + 1; pos < m_text.size() && pos - blank < k_max_look_bytes; ++pos) {
            const char c = m_text[pos];
            const bool is_separator = c == m_separator;
            if (is_separator || c == ' ' || is_path_end(c)) {
                const auto last = m_text.substr(word, pos - word);
                if (last.empty() || is_prose(last) || find_hive(last) != nullptr) return false;
                if (is_separator) return true;
                if (!m_is_registry && pos - blank < 32 && last.rfind('.') != last.npos &&
                    is_file_extension(last.substr(last.rfind('.') + 1)))
                    return true;
                if (is_path_end(c)) return false;
                word = pos + 1;
            }
        }
        const auto last = m_text.substr(word, k_max_look_bytes);
        return !m_is_registry && word + last.size() == m_text.size() && last.rfind('.') != last.npos &&
               is_file_extension(last.substr(last.rfind('.') + 1));
    }

    std::size_t trim(std::size_t end) const {
        while (end > m_start) {
            const char c = m_text[end - 1];
            const auto written = m_text.substr(m_start, end - m_start);
            const bool unbalanced =
                (c == ')' && std::ranges::count(written, '(') < std::ranges::count(written, ')')) ||
                (c == '}' && std::ranges::count(written, '{') < std::ranges::count(written, '}'));
            if (!unbalanced && std::string_view(" .'*!+").find(c) == std::string_view::npos) break;
            --end;
        }
        return end;
    }

    std::string_view m_text;
    std::size_t m_start, m_segment = 0;
    char m_separator;
    bool m_is_registry;
    unsigned m_quote; // the kind of it, 0 for none
};

// One separator where there were several, none at the end.
std::string with_single(std::string_view path, char separator) {
    std::string out;
    for (const char c : path)
        if (c != separator || out.empty() || out.back() != '\\') out += c == separator ? '\\' : c;
    while (!out.empty() && out.back() == '\\') out.pop_back();
    return out;
}

std::size_t add_path(Scan& scan, std::size_t start, std::size_t end) {
    const auto value = scan.text.substr(start, end - start);
    const bool is_unc = value.starts_with("\\\\");
    auto path = with_single(is_unc ? value.substr(2) : value, '\\');
    if (is_unc) path.insert(0, 2, '\\');
    scan.add(Type::file_path, start, end, std::move(path));
    add_last_name(scan, start, end);
    add_hashes(scan, start, end, Verdict::part_of_path);
    scan.path_end = std::max(scan.path_end, end);
    return end;
}
}

std::size_t scan_registry(Scan& scan, const Run& run) {
    const auto text = scan.text;
    const auto* hive = find_hive(run.of(text));
    if (hive == nullptr) return 0;
    auto pos = run.end;
    if (text[pos] == '>' || text[pos] == ':') ++pos;
    const char separator = at(text, pos);
    if (separator != '\\' && separator != '/') return 0;
    while (at(text, pos) == separator) ++pos;
    const auto end = PathReader(text, run.start, separator, true).read(pos);
    if (end <= pos) return run.end;
    scan.add(Type::registry_key, run.start, end,
             std::string(hive->full) + '\\' + with_single(text.substr(pos, end - pos), separator));
    scan.path_end = std::max(scan.path_end, end);
    return end;
}

// "C:\…", "C:/…"
std::size_t scan_windows_path(Scan& scan, const Run& run) {
    const auto text = scan.text;
    const char separator = at(text, run.end + 1);
    const bool is_slash = separator == '/' && is(at(text, run.end + 2), k_alnum | k_underscore) &&
                          before(text, run.start) != '/';
    if (run.size() != 1 || !is(text[run.start], k_letter) || (separator != '\\' && !is_slash)) return 0;
    auto pos = run.end + 1;
    while (at(text, pos) == separator) ++pos;
    const auto end = PathReader(text, run.start, separator, false).read(pos);
    return end > pos ? add_path(scan, run.start, end) : run.end + 1;
}

namespace {
// Behind a variable's name, "(x86)" with it.
std::size_t skip_variable(std::string_view text, std::size_t pos) {
    const auto end = skip(text, pos, k_alnum | k_underscore, 30);
    return istarts_with(text.substr(end), "(x86)") ? end + 5 : end;
}

// The path from `start` whose first part, a variable, ends at `end`.
std::size_t add_path_of_variable(Scan& scan, std::size_t start, std::size_t end) {
    auto first = end;
    while (at(scan.text, first) == '\\') ++first;
    const auto path_end = first == end ? first : PathReader(scan.text, start, '\\', false).read(first);
    return path_end > first ? add_path(scan, start, path_end) : 0;
}
}

// "%APPDATA%\…"
std::size_t scan_percent(Scan& scan, std::size_t pos) {
    const auto text = scan.text;
    const auto name = skip_variable(text, pos + 1);
    if (is_word_before(text, pos) || is(before(text, pos), k_dot | k_dash) || name < pos + 4 ||
        at(text, name) != '%')
        return 0;
    return add_path_of_variable(scan, pos, name + 1);
}

// "$env:TEMP\…" of PowerShell
std::size_t scan_dollar(Scan& scan, std::size_t pos) {
    const auto text = scan.text;
    if (!istarts_with(text.substr(pos + 1), "env:") || is_word_before(text, pos)) return 0;
    const auto name = skip_variable(text, pos + 5);
    return name < pos + 7 ? 0 : add_path_of_variable(scan, pos, name);
}

// "\\server\share\…" and "\\.\pipe\name"
std::size_t scan_backslash(Scan& scan, std::size_t pos) {
    const auto text = scan.text;
    const char left = before(text, pos);
    if (is_word_before(text, pos) || is(left, k_dot | k_dash) || left == '\\' || left == ':') return 0;
    auto name = pos;
    while (at(text, name) == '\\' && name - pos < 4) ++name;
    const auto rest = text.substr(name, 8);
    const bool is_local_pipe = rest.starts_with(".\\");
    auto pipe = name + (is_local_pipe ? 1 : 0);
    while (is_local_pipe && at(text, pipe) == '\\') ++pipe;
    if (istarts_with(text.substr(std::min(pipe, text.size())), "pipe\\")) {
        const auto end = PathReader(text, pos, '\\', false).read(pipe + 5);
        if (end <= pipe + 5) return 0;
        scan.add(Type::named_pipe, pos, end, with_single(text.substr(pipe + 5, end - pipe - 5), '\\'));
        scan.path_end = end;
        return end;
    }
    const bool is_device = name - pos == 1 && istarts_with(text.substr(name), "Device\\");
    if ((name - pos < 2 && !is_device) || !is(at(text, name), k_alnum)) return 0;
    const auto server = read_run(text, name);
    auto share = server.end; // of WebDAV: "\\host@SSL@8443\share"
    while (at(text, share) == '@' && share - server.end < 24) share = skip(text, share + 1, k_alnum, 12);
    if (at(text, share) != '\\') return 0;
    if (const auto host = read_host(text, server.start, server.end); host && host.has_known_suffix)
        add_host(scan, host, Reading::derived);
    const auto end = PathReader(text, pos, '\\', false).read(share + 1);
    return end > share + 1 ? add_path(scan, pos, end) : 0;
}
}
