#include "core/base/punycode.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <vector>

namespace cti {
namespace {
constexpr char32_t k_base = 36, k_min = 1, k_max = 26, k_skew = 38, k_damp = 700, k_first_bias = 72,
                   k_first = 0x80;

char digit(char32_t d) { return static_cast<char>(d < 26 ? 'a' + d : '0' + (d - 26)); }

char32_t adapt(char32_t delta, char32_t points, bool is_first) {
    delta = is_first ? delta / k_damp : delta / 2;
    delta += delta / points;
    char32_t k = 0;
    for (; delta > (k_base - k_min) * k_max / 2; k += k_base) delta /= k_base - k_min;
    return k + (k_base - k_min + 1) * delta / (delta + k_skew);
}

void append_number(std::string& out, char32_t number, char32_t bias) {
    for (char32_t k = k_base;; k += k_base) {
        const auto threshold = k <= bias ? k_min : std::min<char32_t>(k - bias, k_max);
        if (number < threshold) break;
        out += digit(threshold + (number - threshold) % (k_base - threshold));
        number = (number - threshold) / (k_base - threshold);
    }
    out += digit(number);
}

// Labels are short (63 bytes at most), so the numbers cannot overflow.
std::string encode_label(std::string_view label) {
    std::vector<char32_t> points;
    for (std::size_t pos = 0; pos < label.size();) points.push_back(next_code_point(label, pos));
    std::string out;
    for (const auto c : points)
        if (c < k_first) out += static_cast<char>(c);
    char32_t done = static_cast<char32_t>(out.size()), n = k_first, delta = 0, bias = k_first_bias;
    const auto basic = done;
    if (basic > 0) out += '-';
    while (done < points.size()) {
        char32_t next = 0x10FFFF;
        for (const auto c : points)
            if (c >= n) next = std::min(next, c);
        delta += (next - n) * (done + 1);
        n = next;
        for (const auto c : points) {
            if (c < n) ++delta;
            if (c != n) continue;
            append_number(out, delta, bias);
            bias = adapt(delta, done + 1, done == basic);
            delta = 0, ++done;
        }
        ++delta, ++n;
    }
    return "xn--" + out;
}
}

std::string to_punycode(std::string_view host) {
    std::string out;
    for (const auto label : split(host, '.')) {
        const bool is_ascii =
            std::ranges::all_of(label, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
        out += is_ascii ? std::string(label) : encode_label(label);
        out += '.';
    }
    if (!out.empty()) out.pop_back();
    return out;
}
}
