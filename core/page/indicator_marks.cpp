#include "core/page/indicator_marks.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace cti::page {
namespace {
// What a word is made of, so that most are passed over after one look at each byte.
enum Trait : unsigned char { t_end = 1, t_digit = 2, t_bracket = 4, t_slash = 8, t_other = 16 };
constexpr std::array<unsigned char, 256> k_traits = [] {
    std::array<unsigned char, 256> table{};
    for (const char c : {' ', '\t', '\r', '\n', ',', ';', '<', '>'})
        table[static_cast<unsigned char>(c)] = t_end;
    for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = t_digit;
    for (const char c : {'[', '(', '{'}) table[static_cast<unsigned char>(c)] = t_bracket;
    for (const char c : {'\\', '/', ':'}) table[static_cast<unsigned char>(c)] = t_slash;
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

bool is_hash(std::string_view word) {
    if (word.starts_with("0x") && word.size() == 42) word.remove_prefix(2); // a wallet
    return (word.size() == 32 || word.size() == 40 || word.size() == 64 || word.size() == 128) &&
           std::ranges::all_of(word, is_hex);
}

// "info[at]example[dot]org" is how sites write their own addresses.
bool is_defanged(std::string_view word) {
    static constexpr std::string_view marks[] = {"[.]", "(.)", "{.}", "[:]", "[://", "[@]", "[dot]", "(dot)"};
    if (word.find("[at]") != word.npos || word.find("(at)") != word.npos) return false;
    return std::ranges::any_of(marks, [&](std::string_view mark) { return word.find(mark) != word.npos; });
}

bool is_path(std::string_view word) {
    if (istarts_with(word, "HKEY_") || istarts_with(word, "HKLM\\") || istarts_with(word, "HKCU\\"))
        return true;
    return word.size() > 6 && is_ascii_alpha(word[0]) && word.substr(1, 2) == ":\\";
}

// T1059, T1059.001; the numbers below 1001 are other things' names.
bool is_technique(std::string_view word) {
    return (word.size() == 5 || (word.size() == 9 && word[5] == '.')) && word[0] == 'T' && word[1] == '1' &&
           std::ranges::all_of(word.substr(1, 4), is_ascii_digit) && word.substr(2, 3) > "000" &&
           word.substr(2, 3) < "700";
}

enum class Mark { none, name, value };
// One word without blanks. What is only the name of a weakness or technique is told apart from what can be
// blocked.
Mark mark_of(std::string_view word, unsigned char traits) {
    const bool is_long_word = word.size() >= 32;
    if (word.size() < 5 || (traits == t_other && !is_long_word && word[0] != 'h' && word[0] != 'H'))
        return Mark::none;
    word = without_signs(word);
    if (is_technique(word)) return Mark::name;
    if (word.size() < 7) return Mark::none;
    if (istarts_with(word, "CVE-")) return Mark::name;
    const bool is_value = istarts_with(word, "hxxp") || is_hash(word) ||
                          ((traits & t_bracket) != 0 && is_defanged(word)) ||
                          ((traits & t_slash) != 0 && (is_path(word) || is_ipv6(word))) ||
                          ((traits & t_digit) != 0 && is_ipv4(word));
    return is_value ? Mark::value : Mark::none;
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

bool is_cell(Element element) {
    return element == Element::e_td || element == Element::e_li || element == Element::e_dd ||
           element == Element::e_pre;
}
}

bool has_indicator(std::string_view text) { return count_marks(text, false).indicators() > 0; }

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
    add_lone_domains();
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
    if (count.indicators() > 0) {
        const bool is_list = count.values > 0 || count.names * 6 >= count.words;
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
               is_domain_alone(run.text)) {
        m_domains.push_back(run.nodes.front());
    }
    run.nodes.clear();
    run.text.clear();
}

// One alone is the site's own name more often than a list of one.
void IndicatorIndex::add_lone_domains() {
    constexpr NodeId k_max_gap = 16; // nodes from one cell to the next: a row of four and its blanks
    for (std::size_t i = 0; i + 1 < m_domains.size(); ++i) {
        if (m_domains[i + 1] - m_domains[i] > k_max_gap) continue;
        m_held.push_back(m_domains[i]);
        m_held.push_back(m_domains[i + 1]);
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
