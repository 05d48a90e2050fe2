#include "core/intel/name_company.hpp"

#include "core/intel/chars.hpp"
#include "core/intel/neighbours.hpp"

#include <algorithm>

namespace cti::intel {
namespace {
constexpr std::size_t k_max_kind_bytes = 24;

// What a name may be of, in either place.
bool is_kind(std::string_view lower) {
    return is_any_of(
        lower,
        "ransomware malware rat stealer infostealer loader backdoor trojan trojaner botnet worm implant framework spyware stalkerware rootkit bootkit "
        "wiper dropper downloader keylogger cryptor encryptor ");
}
// Before a name these are words of their own: "the group Royal opened".
bool is_kind_behind(std::string_view lower) {
    return is_kind(lower) ||
           is_any_of(
               lower,
               "group groups gang gangs actor actors operator operators affiliate affiliates infection infections campaign campaigns apt c2 samples "
               "sample payload payloads beacon beacons variant family leak gruppe bande angreifer ");
}
bool is_kind_before(std::string_view lower) {
    return is_kind(lower) ||
           is_any_of(lower,
                     "tool tools toolkit toolkits utility malwares stealers backdoors trojans loaders rats "
                     "frameworks wipers botnets families family gang gangs group groups apt logiciel outil ");
}

// The word that ends before `end`, blanks aside.
std::string_view word_before(std::string_view text, std::size_t& end) {
    while (end > 0 && text[end - 1] == ' ') --end;
    auto start = end;
    while (start > 0 && end - start < k_max_kind_bytes && is(text[start - 1], k_alnum | k_high)) --start;
    const auto word = text.substr(start, end - start);
    end = start;
    return word;
}

bool is_kind_at(std::string_view text, std::size_t end) {
    const auto word = at(text, end) == '-' ? end + 1 : skip(text, end, k_space, 2);
    const auto stop = skip(text, word, k_alnum, k_max_kind_bytes);
    return word > end && is_kind_behind(ascii_lower(text.substr(word, stop - word)));
}

// "tools such as Responder", "spyware called Pegasus", "Trojaner namens Medusa": up to the kind.
std::size_t skip_naming(std::string_view text, std::size_t end) {
    auto pos = end;
    const auto word = ascii_lower(word_before(text, pos));
    if (is_any_of(word, "like including called named dubbed namens wie appelé llamado ")) return pos;
    if (word != "as") return end;
    const auto verb = ascii_lower(word_before(text, pos));
    return is_any_of(verb, "such known tracked ") ? pos : end;
}

bool is_kind_before_name(std::string_view text, std::size_t start) {
    auto pos = start;
    if (pos > 0 && quote_kind(character_before(text, pos)) != 0) do
            --pos;
        while (pos > 0 && (static_cast<unsigned char>(text[pos]) & 0xC0U) == 0x80U);
    if (before(text, pos) != ' ') return false;
    pos = skip_naming(text, pos);
    return is_kind_before(ascii_lower(word_before(text, pos)));
}

// "NSO's", "NSO Group's", "FIN7’s", but not "UK's": who owns what is no country.
bool has_owner(std::string_view text, std::size_t start) {
    auto end = start;
    while (end > 0 && text[end - 1] == ' ') --end;
    const auto left = text.substr(0, end);
    const std::size_t size = left.ends_with("'s") ? 2 : left.ends_with("’s") ? 4 : 0;
    if (end == start || size == 0) return false;
    end -= size;
    const auto owner = word_before(text, end);
    if (is_any_of(owner, "UK US EU UN USA UAE ")) return false;
    return (owner.size() > 1 && is_ascii_upper(owner[0]) && std::ranges::none_of(owner, is_ascii_lower)) ||
           is_any_of(ascii_lower(owner), "group gang ");
}
}

bool is_in_company(std::string_view text, std::size_t start, std::size_t end) {
    if (is_kind_at(text, end)) return true;
    return !begins_longer_name(text, end) && (is_kind_before_name(text, start) || has_owner(text, start));
}

bool is_among_capitals(std::string_view text, std::size_t start, std::size_t end) {
    constexpr std::size_t far = 24;
    const auto from = start - std::min(start, far);
    const auto around = std::string(text.substr(from, start - from)) + std::string(text.substr(end, far));
    return std::ranges::any_of(around, is_ascii_upper) && std::ranges::none_of(around, is_ascii_lower);
}

bool begins_longer_name(std::string_view text, std::size_t end) {
    const auto word = skip(text, end, k_space, 2);
    return word > end && is_ascii_upper(at(text, word)) && is_ascii_lower(at(text, word + 1));
}

bool is_list_mark(std::string_view between) {
    between = trim(between);
    if (between == ",") return true;
    if (between.starts_with(',')) between = trim(between.substr(1));
    return is_any_of(between, "and or & / + und oder et ou y o e ");
}
}
