#include "core/intel/neighbours.hpp"
#include "core/intel/scan.hpp"

#include <algorithm>

namespace cti::intel {

// "+1 202 555 0100": 10 to 15 digits (E.164) in groups.
std::size_t scan_plus(Scan& scan, std::size_t pos) {
    constexpr std::size_t fewest = 10, most = 15, longest = 24;
    const auto text = scan.text;
    if (is_word_before(text, pos) || is(before(text, pos), k_dot | k_dash | k_base64) ||
        !is(at(text, pos + 1), k_digit) || text[pos + 1] == '0')
        return 0;
    std::string value = "+";
    auto end = pos + 1, last = end;
    for (; end < text.size() && end - pos < longest; ++end) {
        const char c = text[end];
        if (is(c, k_digit)) {
            value += c, last = end + 1;
            continue;
        }
        const bool is_mark = c == ' ' || c == '-' || c == '(' || c == ')' || c == '.';
        if (!is_mark || (c != ')' && is(at(text, end + 1), k_space | k_letter))) break;
    }
    const bool goes_on =
        is_word_at(text, last) || is(at(text, last), k_base64) ||
        ((is(at(text, last), k_dot | k_dash) || at(text, last) == ':') && is_word_at(text, last + 1));
    const bool is_number = value.size() > fewest && value.size() <= most + 1 && !goes_on;
    if (!is_number) return 0;
    scan.add(Type::phone, pos, last, std::move(value));
    return last;
}

// "@name", where Telegram is spoken of just before.
std::size_t scan_at(Scan& scan, std::size_t pos) {
    constexpr std::size_t shortest = 5, longest = 32, far = 48;
    const auto text = scan.text;
    if (is_word_before(text, pos) || is(before(text, pos), k_dot | k_dash) ||
        !is(at(text, pos + 1), k_letter))
        return 0;
    const auto end = skip(text, pos + 1, k_alnum | k_underscore, longest + 1);
    const auto size = end - pos - 1;
    if (size < shortest || size > longest || at(text, end) == '@' ||
        (at(text, end) == '.' && is(at(text, end + 1), k_alnum)))
        return 0;
    const auto from = pos - std::min(pos, far);
    const auto context = ascii_lower(text.substr(from, pos - from));
    if (context.find("telegram") == context.npos && context.find("t.me") == context.npos) return 0;
    scan.add(Type::telegram, pos, end, std::string(text.substr(pos, end - pos)), Verdict::none,
             Reading::labelled);
    return end;
}
}
