#include "core/export/harmless.hpp"

#include "core/base/dotted_words.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>

namespace cti::exporter {
namespace {
using Type = IndicatorType;

constexpr std::array k_addresses{Type::ipv4,  Type::ipv6, Type::cidr,  Type::ip_port, Type::domain,
                                 Type::onion, Type::url,  Type::email, Type::telegram};
// What may have an address in it, among names of files.
constexpr std::array k_mixed{Type::file_path,  Type::mutex,      Type::service,     Type::registry_key,
                             Type::named_pipe, Type::user_agent, Type::command_line};
static_assert(k_type_count == 46, "can a value of the new type be clicked?");

constexpr std::size_t k_max_link_bytes = 2083; // as everywhere in this program

bool is_word(char c) {
    return is_ascii_alpha(c) || is_ascii_digit(c) || static_cast<unsigned char>(c) >= 0x80;
}
bool is_ascii_word(char c) { return is_ascii_alpha(c) || is_ascii_digit(c); }
bool is_letter(char c) { return is_word(c) && !is_ascii_digit(c); }
char at(std::string_view text, std::size_t pos) { return pos < text.size() ? text[pos] : '\0'; }
bool follows_word(std::string_view text, std::size_t pos) { return pos > 0 && is_word(text[pos - 1]); }

// "https://" becomes "hxxps://", with its own capitals. What was read of `rest`, 0 where it is something
// else.
std::size_t append_scheme(std::string& out, std::string_view rest) {
    const std::size_t length = istarts_with(rest, "http://") ? 7 : istarts_with(rest, "https://") ? 8 : 0;
    if (length == 0) return 0;
    out.append(1, rest[0]).append("xx").append(rest.substr(3, length - 3));
    return length;
}

// The length of an IPv4 address that begins here, 0 for none.
std::size_t length_of_ipv4(std::string_view text) {
    text = text.substr(0, 17); // The longest, a full stop and what follows: a run of digits costs no more.
    const auto run = std::min(text.find_first_not_of("0123456789."), text.size());
    // Letters beyond ASCII end an address, too: they are written to it without a blank.
    if (run < 7 || run > 16 || (run < text.size() && is_ascii_word(text[run]))) return 0;
    const auto length = text[run - 1] == '.' ? run - 1 : run; // It ends a sentence.
    return is_ip_address(text.substr(0, length)) ? length : 0;
}

// "evil.com", but not "e.g.", "U.S." or "3.11".
bool is_dot_of_name(std::string_view text, std::size_t pos) {
    return text[pos] == '.' && follows_word(text, pos) && is_letter(at(text, pos + 1)) &&
           is_word(at(text, pos + 2));
}

// Ends of hosts of note.
bool is_usual_end(std::string_view lower) {
    constexpr std::array<std::string_view, 9> ends{"biz", "com", "de", "info", "io",
                                                   "net", "org", "ru", "xyz"};
    return std::ranges::find(ends, lower) != ends.end();
}

// The words with dots between them that the one at `pos` is of. Behind it, what is beyond ASCII is no part of
// it: sentences go on there without a blank ("evil.com。URL").
std::string_view dotted_run(std::string_view text, std::size_t pos) {
    constexpr std::size_t far = 80; // A run of dots and letters costs no more.
    auto start = pos, end = pos + 1;
    while (start > 0 && pos - start < far &&
           (is_word(text[start - 1]) || text[start - 1] == '_' || text[start - 1] == '-' ||
            text[start - 1] == '.'))
        --start;
    while (end < text.size() && end - pos < far &&
           (is_ascii_word(text[end]) || text[end] == '_' ||
            ((text[end] == '.' || text[end] == '-') && is_ascii_word(at(text, end + 1)))))
        ++end;
    while (start < pos && text[start] == '.') ++start;
    return text.substr(start, end - start);
}

// Ends that files and domains have in common.
bool is_shared_end(std::string_view lower) {
    constexpr std::string_view ends[] = {"cab", "md", "mov", "one", "pl", "pm",
                                         "ps",  "py", "rs",  "sh",  "so", "zip"};
    return std::ranges::find(ends, lower) != std::end(ends);
}

// Ends of files that are no top-level domains, nor a word: nothing makes a link of them.
bool is_extension(std::string_view label) {
    constexpr std::string_view others[] = {"a", "ax", "h", "pub"};
    const auto lower = ascii_lower(label);
    return is_file_extension(lower) && !is_shared_end(lower) &&
           std::ranges::find(others, lower) == std::end(others);
}

// Whether the text says that the run is asked for: a scheme, a mailbox, a share, a port or a path is beside
// it.
bool is_address(std::string_view text, std::string_view run) {
    const auto start = static_cast<std::size_t>(run.data() - text.data()), end = start + run.size();
    const auto left = text.substr(0, start);
    return left.ends_with('@') || left.ends_with("//") || left.ends_with("\\\\") || at(text, end) == '/' ||
           (at(text, end) == ':' && is_ascii_digit(at(text, end + 1)));
}

// "evil.zip", "readme.md": as the extraction has it, of two words they are files unless the text says that
// they are asked for, but where most such names are domains ("evil.pl") only with what no host begins with or
// has ("Evil.pl", "my_evil.pl"). Of more words they are hosts ("a.evil.sh"), unless each further end is one
// of files ("report.pdf.zip") or an underscore says that it is no host.
bool is_file_of_shared_end(std::string_view text, std::string_view run,
                           const std::vector<std::string_view>& labels) {
    if (is_address(text, run)) return false;
    const auto end = ascii_lower(labels.back());
    const bool has_underscore = run.find('_') != run.npos;
    if ((end == "pl" || end == "one") && !has_underscore && !is_ascii_upper(run.front())) return false;
    return has_underscore || std::ranges::all_of(labels.begin() + 1, labels.end() - 1, is_extension);
}

// "evil.exe", "archive.tar.gz", "libc.so.6". What stands within the name of a file is broken only where it
// ends as most domains do: "evil.com.exe".
bool is_dot_of_file(std::string_view text, std::size_t pos) {
    const auto run = dotted_run(text, pos);
    const auto start = static_cast<std::size_t>(run.data() - text.data());
    auto labels = split(run, '.');
    while (labels.size() > 1 && std::ranges::all_of(labels.back(), is_ascii_digit)) labels.pop_back();
    if (labels.size() < 2 || at(text, start + run.size()) == '@') return false;
    const auto end = ascii_lower(labels.back());
    if (is_shared_end(end)) return is_file_of_shared_end(text, run, labels);
    if (!is_extension(end)) return false;
    const auto rest = text.substr(pos + 1, start + run.size() - pos - 1);
    return !is_usual_end(ascii_lower(rest.substr(0, rest.find('.'))));
}

// "Net.WebClient", "String.fromCharCode": nobody writes a host with capitals within a word, or with one
// before each and an end that no host of note has.
bool is_dot_of_code(std::string_view text, std::size_t pos) {
    const auto run = dotted_run(text, pos);
    const auto tail = run.substr(run.rfind('.') + 1);
    bool has_small = false, has_inner_capital = false;
    for (const char c : tail) {
        has_inner_capital |= has_small && is_ascii_upper(c);
        has_small |= is_ascii_alpha(c) && !is_ascii_upper(c);
    }
    if (has_inner_capital) return true;
    return is_product_name(run.substr(0, run.find('-'))) || // also of "ASP.NET-based"
           (has_small && !is_usual_end(ascii_lower(tail)) &&
            std::ranges::all_of(split(run, '.'),
                                [](auto word) { return !word.empty() && is_ascii_upper(word[0]); }));
}

// GitHub needs no more than "www." and makes a link.
bool is_dot_of_www(std::string_view text, std::size_t pos) {
    return text[pos] == '.' && pos >= 3 && iequals(text.substr(pos - 3, 3), "www") &&
           !follows_word(text, pos - 3);
}

// Most values of indicators are.
bool is_plain_word(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

bool is_invisible(char32_t c) {
    return c == 0x200B || c == 0x2060 || c == 0xFEFF;
} // not the joiners of emoji
bool is_bidi_control(char32_t c) { return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069); }
bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }
}

std::string defang(std::optional<IndicatorType> type, std::string_view value) {
    const bool is_mixed = std::ranges::find(k_mixed, type) != k_mixed.end();
    if (!is_mixed && std::ranges::find(k_addresses, type) == k_addresses.end()) return std::string(value);
    std::string out;
    for (auto i = append_scheme(out, value); i < value.size(); ++i) {
        const bool inside =
            follows_word(value, i) && is_word(at(value, i + 1)) &&
            !(is_mixed && value[i] == '.' && (is_dot_of_file(value, i) || is_dot_of_code(value, i)));
        if (inside && (value[i] == '.' || value[i] == '@'))
            out.append("[").append(1, value[i]).append("]");
        else
            out += value[i];
    }
    return out;
}

std::string defang_text(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto rest = text.substr(i);
        const bool begins = i == 0 || !is_ascii_word(text[i - 1]);
        if (const auto length = begins && is_ascii_digit(text[i]) ? length_of_ipv4(rest) : 0; length > 0) {
            out += defang(Type::ipv4, rest.substr(0, length)), i += length;
        } else if (const auto scheme = append_scheme(out, rest); scheme > 0) {
            i += scheme;
        } else if (rest.starts_with("://")) {
            out += "[:]//", i += 3;
        } else if (is_dot_of_www(text, i) ||
                   (is_dot_of_name(text, i) && !is_dot_of_file(text, i) && !is_dot_of_code(text, i))) {
            out += "[.]", ++i;
        } else if (text[i] == '@' && is_word(at(text, i + 1))) {
            out += "[@]", ++i;
        } else {
            out += text[i++];
        }
    }
    return out;
}

std::string defang_for_people(std::optional<IndicatorType> type, std::string_view value) {
    auto text = defang(type, value);
    return text == value && type != Type::filename ? defang_text(text) : text;
}

bool may_be_blocked(const Named<IndicatorVerdict>& verdict) {
    return verdict != IndicatorVerdict::shared_host && verdict != IndicatorVerdict::code_like;
}

std::string web_link(std::string_view url) {
    const auto text = repair_utf8(trim(url));
    if (text.size() > k_max_link_bytes || !is_http_url(text) || !split_url(text).userinfo.empty()) return {};
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) return {};
        if (std::string_view(" \"<>\\^`{|}").find(c) == std::string_view::npos)
            out += c;
        else
            out.append("%").append(1, hex[byte >> 4U]).append(1, hex[byte & 15U]);
    }
    return out;
}

std::string with_scheme(std::string_view url) {
    const auto colon = url.find("://");
    const bool has_one = colon != std::string_view::npos && colon < url.find_first_of("/?#");
    return has_one ? std::string(url) : "http://" + std::string(url);
}

std::string complete_url(std::string_view url) {
    const auto authority = url.substr(0, std::min(url.find_first_of("/?#"), url.size()));
    const auto host = authority.substr(0, std::min(authority.find(':'), authority.size()));
    const auto port = authority.substr(host.size());
    const bool is_host =
        host.find('.') != host.npos && is_word(host.front()) &&
        std::ranges::all_of(host, [](char c) { return is_word(c) || c == '.' || c == '-' || c == '_'; });
    const bool is_port =
        port.empty() || (port.size() > 1 && std::ranges::all_of(port.substr(1), is_ascii_digit));
    return (is_host && is_port ? "http://" : "") + std::string(url);
}

namespace {
// Not in the middle of a word, where one ends near.
std::string_view cut_at_word(std::string_view line) {
    const auto blank = line.rfind(' ');
    return blank != line.npos && blank + 24 > line.size() ? line.substr(0, blank) : line;
}

// Where the last sentence ends that ends in the second half, else at a word.
std::string_view cut_at_sentence(std::string_view line) {
    for (auto pos = line.rfind(' '); pos != line.npos && pos > line.size() / 2;
         pos = line.rfind(' ', pos - 1))
        if (std::string_view(".!?").find(line[pos - 1]) != std::string_view::npos) return line.substr(0, pos);
    return cut_at_word(line);
}
}

std::string one_line(std::string_view text, std::size_t most) {
    if (text.size() <= most && is_plain_word(text)) return std::string(text);
    const auto head = head_code_points(text, 4 * most); // Blanks are folded, so more is read than is shown.
    const auto folded = fold_space(repair_utf8(head));
    std::string clean;
    for (std::size_t pos = 0; pos < folded.size();) {
        const auto c = next_code_point(folded, pos);
        if (!is_bidi_control(c) && !is_control(c) && !is_invisible(c)) append_utf8(clean, c);
    }
    const auto line = head_code_points(clean, most);
    if (line.size() == clean.size() && head.size() == text.size()) return clean;
    return std::string(cut_at_word(line)) + "…";
}

std::string excerpt(std::string_view text, std::size_t most) {
    auto whole = defang_text(one_line(text, 2 * most)); // More than is shown, so that the cut is ours.
    const auto line = head_code_points(whole, most);
    if (line.size() == whole.size()) return whole;
    const auto cut = cut_at_sentence(line);
    return std::string(cut) + (cut.ends_with('.') ? " …" : "…");
}

bool is_ip_address(std::string_view text) {
    if (text.size() > 45 || text.find('\0') != std::string_view::npos) return false;
    const std::string address(text);
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, address.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1;
}

bool is_subnet(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || !is_ip_address(text.substr(0, slash))) return false;
    unsigned length = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, length);
    return error == std::errc{} && stop == end && length <= (text.find(':') < slash ? 128U : 32U);
}
}
