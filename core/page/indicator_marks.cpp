#include "core/page/indicator_marks.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace cti::page {
namespace {
// What a word is made of, so that most are passed over after one look at each byte.
enum Trait : unsigned char {
    t_end = 1,
    t_digit = 2,
    t_bracket = 4,
    t_slash = 8,
    t_other = 16,
    t_beside = 32
};
constexpr std::array<unsigned char, 256> k_traits = [] {
    std::array<unsigned char, 256> table{};
    for (const char c : {' ', '\t', '\r', '\n', ',', ';', '<', '>'})
        table[static_cast<unsigned char>(c)] = t_end;
    for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = t_digit;
    for (const char c : {'[', '(', '{'}) table[static_cast<unsigned char>(c)] = t_bracket;
    for (const char c : {'\\', '/', ':', '%'}) table[static_cast<unsigned char>(c)] = t_slash;
    for (const char c : {'=', '|', '"', '\'', '`', '*'}) table[static_cast<unsigned char>(c)] = t_beside;
    for (std::size_t c = 0x80; c < table.size(); ++c) table[c] = t_beside;
    return table;
}();

bool is_hex(char c) { return is_ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Quotes, brackets around and full stops after are the sentence's.
std::string_view without_signs(std::string_view word) {
    constexpr std::string_view around = "\"'()<>*`|", behind = ".:!?";
    for (bool again = true; again && !word.empty();) {
        again = false;
        if (around.find(word.front()) != around.npos && !word.starts_with("(.")) {
            word.remove_prefix(1);
            again = true;
        } else if (around.find(word.back()) != around.npos || behind.find(word.back()) != behind.npos) {
            word.remove_suffix(1);
            again = true;
        } else if (word.starts_with("\xE2\x80")) {
            word.remove_prefix(3 <= word.size() ? 3 : word.size());
            again = true;
        } else if (word.size() > 3 && word.substr(word.size() - 3).starts_with("\xE2\x80")) {
            word.remove_suffix(3);
            again = true;
        }
    }
    return word;
}

// Four numbers up to 255, and a port or the size of a network at most. Versions have larger ones as a rule.
bool is_ipv4(std::string_view word) {
    std::size_t pos = 0, digits = 0;
    for (int octet = 0; octet < 4; ++octet) {
        if (octet > 0 && (pos >= word.size() || word[pos++] != '.')) return false;
        int value = 0;
        const auto start = pos;
        for (; pos < word.size() && is_ascii_digit(word[pos]) && pos - start < 3; ++pos)
            value = value * 10 + (word[pos] - '0');
        if (pos == start || value > 255) return false;
        digits += pos - start;
    }
    return digits >= 4 && (pos == word.size() || word[pos] == ':' || word[pos] == '/');
}

bool is_ipv6(std::string_view word) {
    const auto colons = std::ranges::count(word, ':');
    return colons >= 2 && (colons == 7 || word.find("::") != word.npos) &&
           std::ranges::all_of(word, [](char c) { return is_hex(c) || c == ':'; });
}

// Also one that names a file, and the 62 digits of JARM.
bool is_hash(std::string_view word) {
    if (word.starts_with("0x") && word.size() == 42) word.remove_prefix(2); // a wallet
    const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(word, is_hex) - word.begin());
    const bool is_whole = digits == word.size() || (word[digits] == '.' && word.size() - digits <= 6);
    return is_whole && (digits == 32 || digits == 40 || digits == 62 || digits == 64 || digits == 128);
}

// base58 with digits and both cases, as bitcoin and tron have; bech32; monero.
bool is_wallet(std::string_view word) {
    constexpr std::string_view base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    constexpr std::string_view bech32 = "023456789acdefghjklmnpqrstuvwxyz";
    if (word.starts_with("bc1")) return word.size() >= 42 && word.find_first_not_of(bech32, 3) == word.npos;
    const bool is_coin =
        word.size() >= 32 && word.size() <= 34 && std::string_view("13T").find(word[0]) != word.npos;
    const bool is_monero = word.size() == 95 && (word[0] == '4' || word[0] == '8');
    return (is_coin || is_monero) && word.find_first_not_of(base58) == word.npos &&
           std::ranges::any_of(word, is_ascii_digit) &&
           std::ranges::any_of(word, [](char c) { return c >= 'a' && c <= 'z'; }) &&
           std::ranges::any_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// "info[at]example[dot]org" is how sites write their own addresses.
bool is_defanged(std::string_view word) {
    static constexpr std::string_view marks[] = {"[.]", "(.)", "{.}", "[:]", "[://", "[@]"};
    static constexpr std::string_view spelled[] = {"[dot]", "(dot)"};
    const auto has = [&](std::string_view mark) { return word.find(mark) != word.npos; };
    if (std::ranges::any_of(marks, has)) return true;
    return !has("[at]") && !has("(at)") && std::ranges::any_of(spelled, has);
}

bool is_path(std::string_view word) {
    static constexpr std::string_view begins[] = {
        "HKEY_", "HKLM\\", "HKCU\\", "HKU\\",     "\\\\.\\", "/tmp/",  "/var/",     "/etc/",   "/usr/",
        "/opt/", "/home/", "/root/", "/dev/shm/", "/bin/",   "/sbin/", "/Library/", "/Users/", "~/"};
    if (std::ranges::any_of(begins, [&](std::string_view begin) { return istarts_with(word, begin); }))
        return true;
    if (word[0] == '%') return word.find("%\\", 1) != word.npos; // %APPDATA%\x
    if (word.starts_with("\\\\")) return word.find('\\', 3) != word.npos;
    return word.size() > 6 && is_ascii_alpha(word[0]) && word.substr(1, 2) == ":\\";
}

// 192:kQ3hPB…:kQ3…, as ssdeep writes it.
bool is_fuzzy_hash(std::string_view word) {
    const auto first = word.find(':'), second = word.find(':', first + 1);
    return second != word.npos && word.size() >= 30 && second - first > 8 && word.size() - second > 4 &&
           std::ranges::all_of(word.substr(0, first), is_ascii_digit);
}
// Six pairs, as of a network card.
bool is_mac(std::string_view word) {
    if (word.size() != 17) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (i % 3 == 2 ? word[i] != word[2] || (word[i] != ':' && word[i] != '-') : !is_hex(word[i]))
            return false;
    }
    return true;
}

// "evil\.com", as patterns write it.
bool is_escaped_domain(std::string_view word) {
    const auto at = word.find("\\.");
    return at != word.npos && at > 1 && at + 3 < word.size() && is_ascii_alpha(word[at - 1]) &&
           is_ascii_alpha(word[at + 2]) && word.find(":\\") == word.npos;
}

// T1059, T1059.001; the numbers below 1001 are other things' names.
bool is_technique(std::string_view word) {
    return (word.size() == 5 || (word.size() == 9 && word[5] == '.')) && word[0] == 'T' && word[1] == '1' &&
           std::ranges::all_of(word.substr(1, 4), is_ascii_digit) && word.substr(2, 3) > "000" &&
           word.substr(2, 3) < "700";
}

bool is_weakness(std::string_view word) {
    return istarts_with(word, "CVE-") || (istarts_with(word, "GHSA-") && word.size() == 19) ||
           (word.size() > 12 && istarts_with(word, "CVE") && static_cast<unsigned char>(word[3]) >= 0x80 &&
            is_ascii_digit(word.back())); // CVE‑2024‑12345, with a dash that does not break
}
// AS64496
bool is_network_number(std::string_view word) {
    return word.size() >= 5 && word.size() <= 12 && word.starts_with("AS") &&
           std::ranges::all_of(word.substr(2), is_ascii_digit);
}

enum class Mark { none, name, value };
// What is only the name of a weakness, technique or network is told apart from what can be blocked.
Mark mark_of_piece(std::string_view word, unsigned char traits) {
    word = without_signs(word);
    if (word.size() < 5) return Mark::none;
    if (is_technique(word) || is_network_number(word)) return Mark::name;
    if (word.size() < 7) return Mark::none;
    if (is_weakness(word)) return Mark::name;
    const bool is_value = istarts_with(word, "hxxp") || is_hash(word) || is_wallet(word) ||
                          ((traits & t_bracket) != 0 && is_defanged(word)) ||
                          ((traits & t_slash) != 0 && (is_path(word) || is_ipv6(word) ||
                                                       is_fuzzy_hash(word) || is_escaped_domain(word))) ||
                          is_mac(word) || ((traits & t_digit) != 0 && is_ipv4(word));
    return is_value ? Mark::value : Mark::none;
}

// One word without blanks. What stands beside a value without a blank is looked away from: "MD5:…", "C2=…",
// quotes and letters of other scripts.
Mark mark_of(std::string_view word, unsigned char traits) {
    const bool is_long_word = word.size() >= 26;
    if (word.size() < 5 ||
        ((traits & ~t_beside) == t_other && !is_long_word && word[0] != 'h' && word[0] != 'H'))
        return Mark::none;
    auto best = mark_of_piece(word, traits);
    if (best != Mark::none || (traits & (t_beside | t_slash)) == 0) return best;
    const auto consider = [&](std::string_view piece) {
        if (piece.size() >= 5 && best != Mark::value) best = std::max(best, mark_of_piece(piece, traits));
    };
    for (std::size_t pos = 0; pos < word.size();) {
        auto end = pos;
        while (end < word.size() && k_traits[static_cast<unsigned char>(word[end])] != t_beside) ++end;
        const auto piece = word.substr(pos, end - pos);
        consider(piece);
        if (const auto colon = piece.rfind(':'); colon != piece.npos) {
            consider(piece.substr(colon + 1));
            if (const auto first = piece.find(':'); piece.find("://") == piece.npos)
                consider(piece.substr(first + 1));
        }
        pos = end + 1;
    }
    return best;
}

// A rule of YARA, Suricata or Sigma, or the larger part of one.
bool is_rule(std::string_view text) {
    const auto has = [&](std::string_view part) { return text.find(part) != text.npos; };
    if (has("condition:")) return has("rule ") || has("selection") || has("strings:");
    return (has("sid:") && has("msg:")) || (has("logsource:") && has("detection:"));
}

struct WordCount {
    int words = 0, names = 0, values = 0, addresses = 0;
    int indicators() const { return names + values; }
};
WordCount count_marks(std::string_view text, bool counts_addresses) {
    WordCount count;
    for (std::size_t pos = 0; pos < text.size(); ++pos) {
        const auto start = pos;
        unsigned char traits = t_other;
        for (; pos < text.size(); ++pos) {
            const auto trait = k_traits[static_cast<unsigned char>(text[pos])];
            if (trait == t_end) break;
            traits |= trait;
        }
        if (pos == start) continue;
        ++count.words;
        const auto word = text.substr(start, pos - start);
        const auto mark = mark_of(word, traits);
        count.names += mark == Mark::name ? 1 : 0;
        count.values += mark == Mark::value ? 1 : 0;
        if (mark == Mark::none && counts_addresses && word.find("://") != word.npos) ++count.addresses;
    }
    return count;
}

// "panel.example.com", and nothing beside it.
bool is_domain_alone(std::string_view text) {
    text = trim(text);
    const auto dot = text.rfind('.');
    if (text.size() < 6 || text.size() > 100 || dot == text.npos || dot == 0) return false;
    const auto top = text.substr(dot + 1);
    return top.size() >= 2 && top.size() <= 12 && std::ranges::all_of(top, is_ascii_alpha) &&
           std::ranges::all_of(
               text, [](char c) { return is_ascii_alpha(c) || is_ascii_digit(c) || c == '.' || c == '-'; });
}

// A domain, or an e-mail or web address with a path, and nothing beside it.
bool is_address_alone(std::string_view text) {
    text = trim(text);
    if (const auto at = text.find('@'); at != text.npos && at > 0) text.remove_prefix(at + 1);
    if (istarts_with(text, "http://") || istarts_with(text, "https://")) {
        text.remove_prefix(text.find("//") + 2);
        const auto slash = text.find('/');
        if (slash == text.npos || slash + 1 == text.size()) return false;
        text = text.substr(0, slash);
    }
    return is_domain_alone(text);
}

// "evil.example, panel.example": two at least, and at most a word before them.
bool is_domain_list(std::string_view text) {
    int domains = 0, others = 0;
    for (std::size_t pos = 0; pos < text.size() && others < 3; ++pos) {
        const auto start = pos;
        while (pos < text.size() && k_traits[static_cast<unsigned char>(text[pos])] != t_end) ++pos;
        if (pos == start) continue;
        const auto word = without_signs(text.substr(start, pos - start));
        (is_domain_alone(word) ? domains : others) += 1;
    }
    return domains >= 2 && others <= 2 && domains > others;
}

bool is_cell(Element element) {
    return element == Element::e_td || element == Element::e_li || element == Element::e_dd ||
           element == Element::e_pre || element == Element::e_p || element == Element::e_code;
}
}

bool has_indicator(std::string_view text) {
    return count_marks(text, false).indicators() > 0 || is_rule(text);
}

bool is_indicator_list(std::string_view text, WebAddresses addresses) {
    const auto count = count_marks(text, addresses == WebAddresses::counted);
    const int found = count.indicators() + count.addresses;
    return found > 0 && found * 6 >= count.words;
}

// Runs of text in one block are looked at together: "203[.]0<b>[.]</b>113[.]7" is one word.
IndicatorIndex::IndicatorIndex(const Measured& page) : m_document(page.document()) {
    Run run;
    NodeId link_end = 0;
    for (NodeId id = 0; id < m_document.size(); ++id) {
        const auto element = m_document.element(id);
        if (element == Element::e_a && id >= link_end && m_document.has_attribute(id, "href")) {
            link_end = m_document.end(id);
            if (is_headline(id)) id = link_end - 1;
        } else if (element == Element::e_br) {
            run.text += ' ';
        } else if (element == Element::text) {
            if (!run.nodes.empty() && page.block_of(id) != page.block_of(run.nodes.front())) finish(run);
            run.nodes.push_back(id);
            run.text += m_document.text(id);
        }
    }
    finish(run);
    add_lone_addresses();
}

// Of a link: it says more than the indicator, or holds none.
bool IndicatorIndex::is_headline(NodeId link) const {
    int words = 0, indicators = 0;
    for (NodeId id = link + 1; id < m_document.end(link); ++id) {
        if (!m_document.is_text(id)) continue;
        const auto count = count_marks(m_document.text(id), false);
        words += count.words;
        indicators += count.indicators();
    }
    return indicators * 2 < words;
}

void IndicatorIndex::finish(Run& run) {
    const auto count = count_marks(run.text, false);
    const bool is_of_rules = is_rule(run.text);
    if (count.indicators() > 0 || is_of_rules) {
        const bool is_list = count.values > 0 || is_of_rules || count.names * 6 >= count.words;
        const auto add = [&](NodeId id) {
            m_mentioned.push_back(id);
            if (is_list) m_held.push_back(id);
        };
        const auto before = m_mentioned.size();
        for (const auto id : run.nodes) {
            if (has_indicator(m_document.text(id))) add(id);
        }
        if (m_mentioned.size() == before) std::ranges::for_each(run.nodes, add); // cut by an inline element
    } else if (count.words == 1 && is_cell(m_document.element(m_document.parent(run.nodes.front()))) &&
               is_address_alone(run.text)) {
        m_addresses.push_back(run.nodes.front());
    } else if (count.words > 1 && is_domain_list(run.text)) {
        m_held.insert(m_held.end(), run.nodes.begin(), run.nodes.end());
    }
    run.nodes.clear();
    run.text.clear();
}

// One alone is the site's own more often than a list of one. Beside another, or a value, it is one of a list.
void IndicatorIndex::add_lone_addresses() {
    constexpr NodeId k_max_gap = 16; // nodes from one cell to the next: a row of four and its blanks
    std::ranges::sort(m_held);
    auto known = m_held;
    known.insert(known.end(), m_addresses.begin(), m_addresses.end());
    std::ranges::sort(known);
    for (const auto id : m_addresses) {
        const auto it = std::ranges::lower_bound(known, id);
        const bool is_behind = it != known.begin() && id - *std::prev(it) <= k_max_gap;
        if (is_behind || (std::next(it) != known.end() && *std::next(it) - id <= k_max_gap))
            m_held.push_back(id);
    }
    m_mentioned.insert(m_mentioned.end(), m_held.begin(), m_held.end());
    for (auto* list : {&m_held, &m_mentioned}) {
        std::ranges::sort(*list);
        list->erase(std::unique(list->begin(), list->end()), list->end());
    }
}

bool IndicatorIndex::has_between(const std::vector<NodeId>& sorted, NodeId id) const {
    const auto it = std::ranges::lower_bound(sorted, id);
    return it != sorted.end() && *it < m_document.end(id);
}

NodeId IndicatorIndex::first_below(NodeId id) const { return *std::ranges::lower_bound(m_held, id); }
}
