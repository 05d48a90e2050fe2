#include "core/base/date/date_names.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <iterator>

namespace cti::date_names {
namespace {
using namespace std::chrono;

struct Name {
    std::string_view name;
    int value;
};
// Compared by the first letters: "sept." and "septiembre" are both found by "sep".
constexpr Name k_months[] = {
#include "core/base/date/date_months.inc"
};

// Minutes east of Greenwich, sorted by name. "ET", "CT", "MT", "PT" are their standard times.
constexpr Name k_zones[] = {
    {"acdt", 630},  {"acst", 570}, {"adt", -180}, {"aedt", 660},  {"aest", 600}, {"akdt", -480},
    {"akst", -540}, {"ast", -240}, {"awst", 480}, {"brst", -120}, {"brt", -180}, {"bst", 60},
    {"cat", 120},   {"cdt", -300}, {"cest", 120}, {"cet", 60},    {"cst", -360}, {"ct", -360},
    {"eat", 180},   {"edt", -240}, {"eest", 180}, {"eet", 120},   {"est", -300}, {"et", -300},
    {"gmt", 0},     {"gst", 240},  {"hdt", -540}, {"hkt", 480},   {"hst", -600}, {"ict", 420},
    {"idt", 180},   {"ist", 330},  {"jst", 540},  {"kst", 540},   {"mdt", -360}, {"mest", 120},
    {"mesz", 120},  {"met", 60},   {"mez", 60},   {"msd", 240},   {"msk", 180},  {"mst", -420},
    {"mt", -420},   {"ndt", -150}, {"nst", -210}, {"nzdt", 780},  {"nzst", 720}, {"pdt", -420},
    {"pkt", 300},   {"pst", -480}, {"pt", -480},  {"sast", 120},  {"sgt", 480},  {"trt", 180},
    {"ut", 0},      {"utc", 0},    {"wat", 60},   {"west", 60},   {"wet", 0},    {"wib", 420},
    {"z", 0}};

constexpr Region k_regions[] = {
#include "core/base/date/date_zones.inc"
};
}

int find_zone(std::string_view word) {
    const auto* it = std::ranges::lower_bound(k_zones, word, {}, &Name::name);
    if (it != std::end(k_zones) && it->name == word) return it->value;
    if (word.size() != 1) return k_no_zone;
    // RFC 822 section 5.1: A is one hour west, N one hour east; J is not used.
    const char c = word.front();
    if (c >= 'a' && c <= 'i') return -60 * (c - 'a' + 1);
    if (c >= 'k' && c <= 'm') return -60 * (c - 'a');
    if (c >= 'n' && c <= 'y') return 60 * (c - 'n' + 1);
    return k_no_zone;
}

int find_month(std::string_view word) {
    for (const auto& [head, value] : k_months) {
        if (word.starts_with(head)) return value;
    }
    return -1;
}

const Region* find_region(std::string_view name) {
    const auto* it = std::ranges::lower_bound(k_regions, name, {}, &Region::name);
    return it == std::end(k_regions) || it->name != name ? nullptr : it;
}

std::string fold_word(std::string_view word) {
    std::string out;
    for (std::size_t pos = 0; pos < word.size();) {
        char32_t c = next_code_point(word, pos);
        if (c < 0x80) {
            c = static_cast<char32_t>(ascii_lower(static_cast<char>(c)));
        } else if ((c >= 0xC0 && c <= 0xDE) || (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F)) {
            c += 0x20;
        } else if (c >= 0x400 && c <= 0x40F) {
            c += 0x50;
        } else if ((c >= 0x100 && c <= 0x137 && c % 2 == 0) || (c >= 0x14A && c <= 0x177 && c % 2 == 0)) {
            ++c;
        }
        append_utf8(out, c);
    }
    return out;
}

bool is_summer(Summer rule, sys_days date) {
    const auto y = year_month_day{date}.year();
    switch (rule) {
    case Summer::european:
        return date >= sys_days{y / March / Sunday[last]} && date < sys_days{y / October / Sunday[last]};
    case Summer::american:
        return date >= sys_days{y / March / Sunday[2]} && date < sys_days{y / November / Sunday[1]};
    case Summer::australian:
        return date >= sys_days{y / October / Sunday[1]} || date < sys_days{y / April / Sunday[1]};
    case Summer::none: break;
    }
    return false;
}
}
