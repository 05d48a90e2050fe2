#include "core/intel/families/host.hpp"

#include "core/base/punycode.hpp"
#include "core/intel/checksums.hpp"
#include "core/intel/families/code.hpp"
#include "core/intel/families/ip.hpp"
#include "core/intel/neighbours.hpp"
#include "core/intel/python_text.hpp"
#include "core/intel/suffixes.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
constexpr std::size_t k_max_label_bytes = 63, k_max_name_bytes = 253;

// Suffixes that files have too, and more often than domains that are written in full view.
bool is_file_suffix(std::string_view suffix) {
    return is_any_of(suffix, "zip py md sh rs ps so mov cab pm ");
}
// Those that both have: what else is known decides.
bool is_doubtful_suffix(std::string_view suffix) { return is_any_of(suffix, "pl cc app inc one st ms ai "); }
// Suffixes that are never a member of an object in source code.
bool is_plain_suffix(std::string_view suffix) {
    return is_any_of(suffix, "com net org ru cn info biz de uk eu io co xyz top in jp br fr it nl ");
}
// Names of files that are no hosts although they have three parts.
bool is_host_label(std::string_view label) {
    return is_any_of(
        label,
        "www www1 www2 api cdn mail smtp ns ns1 ns2 static app dl download img login update m web blog ftp vpn ");
}

std::string_view last_label(std::string_view name) { return name.substr(name.rfind('.') + 1); }

// Where a name can begin at the earliest: no label begins or ends with a hyphen, is empty or too long, and
// the one that was registered holds no underscore.
std::size_t find_name_start(std::string_view text, std::size_t start, std::size_t end) {
    auto label_end = end;
    for (auto pos = end; pos > start; --pos) {
        const auto from = pos - 1;
        if (text[from] == '.') {
            if (label_end - pos == 0 || label_end - pos > k_max_label_bytes || text[label_end - 1] == '-')
                return std::min(label_end + 1, end);
            label_end = from;
        } else if (text[from] == '-' && (from == start || text[from - 1] == '.')) {
            return skip(text, pos, k_dash, end - pos);
        }
    }
    if (label_end == start || label_end - start > k_max_label_bytes || text[label_end - 1] == '-')
        return std::min(label_end + 1, end);
    return start;
}

// "127.0.0.1" of "words127.0.0.1words", but nothing of "v1.2.3.4".
bool strip_glued_letters(std::string_view text, std::size_t& start, std::size_t& end) {
    auto from = start, to = end;
    while (from < to && is(text[from], k_letter)) ++from;
    while (to > from && is(text[to - 1], k_letter)) --to;
    const auto glued = from - start, behind = end - to;
    if (glued == 1 || behind == 1) return false;
    const auto word = ascii_lower(text.substr(start, glued));
    if (is_any_of(word, "ver rev version release build firmware ") || word.ends_with("version")) return false;
    start = from, end = to;
    return true;
}
}

std::string lower_host(std::string_view host) {
    const bool is_ascii = std::ranges::none_of(host, [](char c) { return is(c, k_high); });
    return is_ascii ? ascii_lower(host) : python_lower(host);
}

Host read_ipv4(std::string_view text, std::size_t start, std::size_t end) {
    while (start < end && is(text[start], k_dot | k_dash | k_underscore)) ++start;
    while (end > start && is(text[end - 1], k_dot | k_dash | k_underscore)) --end;
    const auto piece = text.substr(start, end - start);
    if (std::ranges::count(piece, '.') != 3 || !strip_glued_letters(text, start, end)) return {};
    const auto address = parse_ipv4(text.substr(start, end - start));
    if (!address) return {};
    return {Host::Kind::ipv4, start, end, to_text(*address), true};
}

namespace {
// A suffix of the registries is no host, one of a provider is. Where any second level is a suffix ("*.ck"),
// nobody knows which of the two it is.
Host suffix_as_host(std::size_t start, std::size_t end, std::string name) {
    if (!is_public_suffix(last_label(name))) return {Host::Kind::name, start, end, std::move(name), false};
    const bool is_provider = is_public_suffix(name) && std::ranges::count(name, '.') >= 1 &&
                             name.size() > 7 &&
                             !is_public_suffix(std::string_view(name).substr(0, name.find('.')));
    return is_provider ? Host{Host::Kind::name, start, end, std::move(name), true} : Host{};
}
}

Host read_name(std::string_view text, std::size_t start, std::size_t end) {
    while (start < end && is(text[start], k_dot | k_dash)) ++start;
    while (end > start && is(text[end - 1], k_dot | k_dash | k_underscore)) --end;
    if (end - start > 2 * k_max_name_bytes) return {};
    start = find_name_start(text, start, end);
    auto lower = lower_host(text.substr(start, end - start));
    const auto suffix = last_label(lower);
    if (suffix.size() < 2 || suffix.size() == lower.size()) return {};
    const bool is_numeric = all_of(suffix, k_digit | k_dash | k_underscore);
    if (is_numeric || suffix.find('_') != suffix.npos || lower.size() > k_max_name_bytes) return {};
    const bool is_private = is_private_top_level(suffix);
    const bool known = is_private || is_top_level(suffix);
    if (known && !is_private) {
        const auto registered = find_registrable(lower);
        if (registered == lower.npos) return suffix_as_host(start, end, std::move(lower));
        const auto label =
            std::string_view(lower).substr(registered, lower.find('.', registered) - registered);
        if (const auto underscore = label.rfind('_'); underscore != label.npos) {
            // Offsets are those of the text: case folding keeps the size of ASCII.
            const auto cut = registered + underscore + 1;
            if (cut + suffix.size() + 1 >= lower.size() || lower.size() != end - start || lower[cut] == '.' ||
                lower[cut] == '-')
                return {};
            start += cut;
            lower.erase(0, cut);
        }
    }
    const bool is_ascii = std::ranges::none_of(lower, [](char c) { return is(c, k_high); });
    auto value = is_ascii ? std::move(lower) : to_punycode(lower);
    if (value.size() > k_max_name_bytes) return {};
    return {Host::Kind::name, start, end, std::move(value), known};
}

Host read_host(std::string_view text, std::size_t start, std::size_t end) {
    if (auto address = read_ipv4(text, start, end)) return address;
    return read_name(text, start, end);
}

namespace {
// Services of version 3 have a checksum, the 80 bits of version 2 had none. Their names are domains as well
// (RFC 7686), with what stands before them.
void add_onion(Scan& scan, const Host& host, Reading reading) {
    const auto name = std::string_view(host.value).substr(0, host.value.size() - 6);
    const auto label = last_label(name);
    const bool is_v2 =
        label.size() == 16 && label.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567") == label.npos;
    if (!is_v2 && !is_onion_v3(label))
        return scan.reject(host.start, host.end, "no onion service of version 3: its checksum is wrong");
    scan.add(Type::onion, host.end - label.size() - 6, host.end, std::string(label) + ".onion", Verdict::none,
             reading);
    scan.add(Type::domain, host.start, host.end, host.value, Verdict::none, reading);
}
}

void add_host(Scan& scan, const Host& host, Reading reading, Verdict verdict) {
    if (host.kind == Host::Kind::ipv4) {
        scan.add(Type::ipv4, host.start, host.end, host.value, verdict_of(*parse_ipv4(host.value)), reading);
    } else if (host.kind == Host::Kind::ipv6) {
        scan.add(Type::ipv6, host.start, host.end, host.value, verdict_of(*parse_ipv6(host.value)), reading);
    } else if (host.value.ends_with(".onion")) {
        add_onion(scan, host, reading);
    } else {
        scan.add(Type::domain, host.start, host.end, host.value,
                 host.has_known_suffix ? verdict : Verdict::unknown_suffix, reading);
    }
}

namespace {

// What the text says about a dotted run beside its letters.
struct Context {
    bool is_defanged = false, is_in_path = false, has_port_or_path = false, is_called = false,
         is_variable = false;
};

Context context_of(const Scan& scan, const Host& host) {
    const auto text = scan.text;
    Context context;
    context.is_defanged = scan.is_edited(host.start, host.end);
    const char left = before(text, host.start), right = at(text, host.end), behind = at(text, host.end + 1);
    context.is_in_path = host.start < scan.path_end || left == '\\' ||
                         (left == '/' && host.start >= 2 && is(text[host.start - 2], k_word));
    context.has_port_or_path = (right == '/' && is(behind, k_word)) || (right == ':' && is(behind, k_digit));
    context.is_called =
        right == '(' && (behind == ')' || is(behind, k_alnum) || behind == '"' || behind == '\'');
    const bool is_arrow = left == '>' && text.substr(0, host.start).ends_with("->");
    context.is_variable = left == '$' || is_arrow || (right == '=' && is(behind, k_word));
    return context;
}

// The name that a scanner gives to malware: "Win32.Name.AT".
bool is_detection(std::string_view written) {
    const auto first = ascii_lower(written.substr(0, written.find('.')));
    return is_ascii_upper(written[0]) && std::ranges::count(written, '.') >= 2 &&
           is_any_of(
               first,
               "win32 win64 w32 w64 msil trojan backdoor worm virus ransom heur pup pua adware downloader dropper exploit "
               "hacktool riskware linux android osx macos js vbs html php python java troj bkdr gen generic unix ");
}

// A member of an object, a namespace: "System.Net", "Any.Run", "requests.post(url)".
bool is_code(std::string_view written, std::string_view suffix, const Context& context) {
    const auto tail = last_label(written);
    if (is_ascii_upper(tail[0]) && std::ranges::any_of(tail, is_ascii_lower)) return true;
    if (is_detection(written) || is_product_name(written)) return true;
    return (context.is_called || context.is_variable) && !is_plain_suffix(suffix);
}

bool is_file(std::string_view written, std::string_view suffix, const Context& context) {
    if (is_file_extension(suffix)) {
        const auto labels = std::ranges::count(written, '.') + 1;
        if (context.has_port_or_path ||
            (labels >= 3 && is_host_label(ascii_lower(written.substr(0, written.find('.'))))))
            return false;
        if (is_file_suffix(suffix)) return true;
        return is_doubtful_suffix(suffix) &&
               (written.find('_') != written.npos || is_ascii_upper(written[0]));
    }
    return false;
}

// The hash that a file was named by.
void add_hash_in_name(Scan& scan, std::size_t start, std::size_t end) {
    Run stem{start, end, 0, 0};
    for (auto pos = start; pos < end; ++pos) stem.seen |= class_of(scan.text[pos]);
    if (stem.size() >= 32) scan_hash(scan, stem);
}

bool add_filename(Scan& scan, std::size_t start, std::size_t end, Verdict verdict) {
    while (start < end && is(scan.text[start], k_dash | k_dot)) ++start;
    while (end > start && is(scan.text[end - 1], k_dash | k_dot | k_underscore)) --end;
    const auto name = scan.text.substr(start, end - start);
    const auto dot = name.rfind('.');
    if (dot == name.npos || dot == 0 || name.size() > 255 || !is_file_extension(name.substr(dot + 1)))
        return false;
    scan.add(Type::filename, start, end, std::string(name), verdict);
    return true;
}

bool is_product(std::string_view text, std::size_t slash) {
    auto from = slash;
    while (from > 0 && slash - from < 20 && is(text[from - 1], k_letter)) --from;
    const auto word = ascii_lower(text.substr(from, slash - from));
    return is_any_of(
        word,
        "chrome firefox safari edg edge opr opera version applewebkit gecko trident msie curl wget python requests java okhttp "
        "openssl apache nginx php iis dalvik cfnetwork darwin android electron httpclient ");
}

// "version 3.3.14.5", "v. 1.2.3.4", "Chrome/1.2.3.4", and those that follow in a list.
bool is_version(Scan& scan, const Host& host) {
    const auto text = scan.text;
    const auto start = host.start;
    if (scan.version_end > 0 && start >= scan.version_end && start - scan.version_end < 12) {
        const auto between = text.substr(scan.version_end, start - scan.version_end);
        if (between.find_first_not_of(" ,/-andorthug&") == between.npos) return true;
    }
    if (before(text, start) == '/' && is_product(text, start - 1)) return true;
    auto pos = start;
    while (pos > 0 && start - pos < 4 &&
           (text[pos - 1] == ' ' || text[pos - 1] == ':' || text[pos - 1] == '=' || text[pos - 1] == '"' ||
            text[pos - 1] == '.'))
        --pos;
    auto from = pos;
    while (from > 0 && pos - from < 20 && is(text[from - 1], k_letter)) --from;
    const auto word = ascii_lower(text.substr(from, pos - from));
    return is_any_of(word,
                     "v ver vers version versions rev revision build builds release releases firmware ") ||
           word.ends_with("version");
}

// "/24", ":443" and what may follow an address.
std::size_t scan_behind_address(Scan& scan, const Host& host) {
    const auto text = scan.text;
    const char mark = at(text, host.end);
    const auto digits_end = skip(text, std::min(host.end + 1, text.size()), k_digit, 6);
    const auto number_size = digits_end - std::min(host.end + 1, digits_end);
    if (mark == '/' && number_size >= 1 && number_size <= 2 && !is_word_at(text, digits_end) &&
        (at(text, digits_end) != '-' || is_arrow_at(text, digits_end)) && at(text, digits_end) != '/') {
        const auto bits = std::stoi(std::string(text.substr(host.end + 1, number_size)));
        if (bits <= 32) {
            scan.add(Type::cidr, host.start, digits_end, host.value + '/' + std::to_string(bits),
                     verdict_of(*parse_ipv4(host.value)));
            const auto address = *parse_ipv4(host.value);
            const auto whole = std::uint64_t{address[0]} << 24U | std::uint64_t{address[1]} << 16U |
                               std::uint64_t{address[2]} << 8U | address[3];
            if ((whole & ((std::uint64_t{1} << (32 - bits)) - 1)) != 0 || bits == 32) add_host(scan, host);
            return digits_end;
        }
    }
    add_host(scan, host);
    if (mark == ':' && number_size >= 1 && number_size <= 5 && !is(at(text, digits_end), k_alnum)) {
        const auto port = std::stoi(std::string(text.substr(host.end + 1, number_size)));
        if (port >= 1 && port <= 65535)
            scan.add(Type::ip_port, host.start, digits_end, host.value + ':' + std::to_string(port),
                     verdict_of(*parse_ipv4(host.value)));
    }
    return scan_bare_url(scan, host);
}

std::size_t scan_address(Scan& scan, const Host& host) {
    if (is_version(scan, host)) {
        scan.reject(host.start, host.end, "a version number");
        scan.version_end = host.end;
        return host.end;
    }
    return scan_behind_address(scan, host);
}

// One dotted piece of a run. Returns the end of what it took, at least `end`.
std::size_t scan_piece_of_run(Scan& scan, std::size_t start, std::size_t end) {
    const auto text = scan.text;
    const auto written = text.substr(start, end - start);
    if (written.find('.') == written.npos) return end;
    if (all_of(written, k_digit | k_dot | k_dash | k_underscore) &&
        written.find_first_of("-_") != written.npos) {
        // A range of addresses.
        auto taken = end;
        for (auto from = start; from < end;) {
            const auto to = std::min(skip(text, from, k_digit | k_dot), end);
            if (const auto host = read_ipv4(text, from, to))
                taken = std::max(taken, scan_address(scan, host));
            from = to + 1;
        }
        return taken;
    }
    if (const auto address = read_ipv4(text, start, end)) return std::max(end, scan_address(scan, address));
    const auto host = read_name(text, start, end);
    const auto context = host ? context_of(scan, host) : Context{};
    const auto suffix = host ? std::string(last_label(host.value)) : std::string();
    const auto name = host ? text.substr(host.start, host.end - host.start) : std::string_view();
    const bool is_domain = host && host.has_known_suffix &&
                           (context.is_defanged || (!context.is_in_path && !is_code(name, suffix, context) &&
                                                    !is_file(name, suffix, context)));
    const auto code = is_domain && !context.is_defanged ? assess_code(text, host) : CodeLikeness::none;
    if (is_domain && code != CodeLikeness::certain) {
        add_host(scan, host, Reading::plain,
                 code == CodeLikeness::likely ? Verdict::code_like : Verdict::none);
        // "com.evil.app/.MainActivity" is a part of a package.
        const bool is_part = code == CodeLikeness::likely && text.substr(host.end).starts_with("/.");
        return is_part ? end : std::max(end, scan_bare_url(scan, host));
    }
    const auto verdict = host && host.has_known_suffix ? Verdict::file_name_like : Verdict::none;
    if (const auto dot = written.find('.'); add_filename(scan, start, end, verdict)) {
        add_hash_in_name(scan, start, start + dot);
    } else if (host) {
        scan.reject(host.start, host.end,
                    host.has_known_suffix ? "source code or a part of a path" : "no public suffix");
    }
    return end;
}
}

std::size_t scan_host(Scan& scan, const Run& run) {
    if (before(scan.text, run.start) == '@' && at(scan.text, run.end) == '@') return run.end;
    auto taken = run.end;
    for (auto start = run.start; start < run.end;) {
        const auto ellipsis = scan.text.substr(0, run.end).find("..", start);
        const auto end = std::min(ellipsis, run.end);
        if (end > start) taken = std::max(taken, scan_piece_of_run(scan, start, end));
        start = skip(scan.text, end, k_dot);
        if (start == end) break;
    }
    return taken;
}
}
