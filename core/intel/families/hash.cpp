#include "core/intel/families/hash.hpp"

#include "core/intel/families/host.hpp"

#include <algorithm>

namespace cti::intel {
namespace {

struct Kind {
    std::size_t size;
    Type type;
    std::string_view of_nothing; // the hash of an empty file
};
constexpr Kind k_kinds[] = {
    {32, Type::md5, "d41d8cd98f00b204e9800998ecf8427e"},
    {40, Type::sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {64, Type::sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {128, Type::sha512,
     "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
};

// The words in front of it, on its line, in small letters.
class Label {
public:
    Label(std::string_view text, std::size_t start) {
        auto from = start;
        while (from > 0 && start - from < m_bytes.size() && text[from - 1] != '\n') --from;
        // In a list nothing stands there but a mark or two.
        if (skip(text, from, ~k_letter, start - from) >= start) return;
        m_size = start - from;
        for (std::size_t i = 0; i < m_size; ++i) m_bytes[i] = ascii_lower(text[from + i]);
    }
    std::string_view text() const { return {m_bytes.data(), m_size}; }

private:
    std::array<char, 28> m_bytes{};
    std::size_t m_size = 0;
};
bool has_label(std::string_view label, std::string_view word) {
    const auto found = label.rfind(word);
    if (found == label.npos) return false;
    // Nothing but marks between them, or a word or two ("imphash is …").
    return label.find_first_of("|,;", found) == label.npos || label.size() - found - word.size() < 4;
}

void add_hash(Scan& scan, const Kind& kind, std::size_t start) {
    const auto end = start + kind.size;
    auto value = ascii_lower(scan.text.substr(start, kind.size));
    const bool is_number = all_of(value, k_digit);
    if (is_number || value.find_first_not_of(value[0] == 'f' ? "f" : "0") == value.npos)
        return scan.reject(start, end, "a number, not a hash");
    const Label words(scan.text, start);
    const auto label = words.text();
    auto type = kind.type;
    auto reading = Reading::plain;
    if (has_label(label, "imphash") || has_label(label, "import hash")) type = Type::imphash;
    if (has_label(label, "authentihash")) type = Type::authentihash;
    if (type != kind.type) reading = Reading::labelled;
    if (kind.type == Type::md5 && has_label(label, "serial"))
        return scan.reject(start, end, "a serial number");
    scan.add(type, start, end, value, value == kind.of_nothing ? Verdict::empty_file : Verdict::none,
             reading);
}

// Beside it in the run stand marks, the run's ends, or letters only: "words68b3…words".
bool stands_alone(std::string_view text, const Run& run, std::size_t start, std::size_t end) {
    const auto left = text.substr(run.start, start - run.start), right = text.substr(end, run.end - end);
    const bool left_is_mark = left.empty() || is(left.back(), k_dot | k_dash | k_underscore | k_high);
    const bool right_is_mark = right.empty() || is(right.front(), k_dot | k_dash | k_underscore | k_high);
    return (left_is_mark || (all_of(left, k_letter) && left.size() > 1)) &&
           (right_is_mark || (all_of(right, k_letter) && right.size() > 1));
}
}

void add_hashes(Scan& scan, std::size_t start, std::size_t end, Verdict verdict) {
    const auto text = scan.text;
    for (auto pos = start; pos < end;) {
        const auto from = pos;
        pos = std::min(skip(text, pos, k_hex), end);
        const auto* kind = std::ranges::find(k_kinds, pos - from, &Kind::size);
        const bool alone = !is(before(text, from), k_alnum) && !is(at(text, pos), k_alnum);
        const auto value = text.substr(from, pos - from);
        if (kind != std::end(k_kinds) && alone && !all_of(value, k_digit)) {
            const bool is_name =
                at(text, pos) == '.' &&
                is_file_extension(text.substr(pos + 1, skip(text, pos + 1, k_alnum, 8) - pos - 1));
            scan.add(kind->type, from, pos, ascii_lower(value), is_name ? Verdict::none : verdict,
                     Reading::derived);
        }
        while (pos < end && !is(text[pos], k_hex)) ++pos;
    }
}

std::size_t scan_hash(Scan& scan, const Run& run) {
    const auto text = scan.text;
    bool found = false;
    for (auto pos = run.start; pos < run.end;) {
        const auto start = pos;
        pos = std::min(skip(text, pos, k_hex), run.end);
        const auto* kind = std::ranges::find(k_kinds, pos - start, &Kind::size);
        if (kind != std::end(k_kinds) && stands_alone(text, run, start, pos))
            add_hash(scan, *kind, start), found = true;
        while (pos < run.end && !is(text[pos], k_hex)) ++pos;
    }
    return found && run.dots == 0 ? run.end : 0;
}

// blocksize:hash:hash, the block size 3 times a power of two.
std::size_t scan_ssdeep(Scan& scan, const Run& run) {
    constexpr std::size_t most_digits = 9, longest_part = 128, shortest_first = 6, shortest_second = 3;
    const auto text = scan.text;
    if (run.size() > most_digits || !all_of(run.of(text), k_digit)) return 0;
    auto block = std::stoul(std::string(run.of(text)));
    if (block == 0 || block % 3 != 0 || ((block / 3) & (block / 3 - 1)) != 0) return 0;
    const auto first = skip(text, run.end + 1, k_base64, longest_part);
    if (at(text, first) != ':' || first - run.end - 1 < shortest_first) return 0;
    const auto second = skip(text, first + 1, k_base64, longest_part);
    if (second - first - 1 < shortest_second || is(at(text, second), k_base64) ||
        (at(text, second) == ':' && is(at(text, second + 1), k_base64)))
        return 0;
    scan.add(Type::ssdeep, run.start, second, std::string(text.substr(run.start, second - run.start)));
    return second;
}
}
