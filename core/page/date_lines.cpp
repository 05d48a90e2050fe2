#include "core/base/text.hpp"
#include "core/page/date_text.hpp"

#include <algorithm>

namespace cti::page {
namespace {
// "Published on", "작성일:": a label before the date, in the first words of the line.
bool is_labelled(std::string_view before) {
    static constexpr std::string_view words[] = {
        "publi",          "posted",      "updated",    "modified",      "written",   "release",
        "veröffentlicht", "erschienen",  "erstellt",   "aktualisiert",  "geändert",  "verfasst",
        "stand",          "pubblicat",   "actualizad", "aggiornat",     "atualizad", "mis à jour",
        "mis en ligne",   "opublikowan", "dodano",     "zaktualizowan", "geplaatst", "gepubliceerd",
        "bijgewerkt",     "опубликован", "обновлен",   "размещен",      "дата публ", "yayın",
        "yayım",          "güncelle",    "eklenme",    "投稿",          "公開",      "掲載",
        "更新",           "発行",        "作成日",     "发布",          "發布",      "发表",
        "發表",           "日期",        "작성",       "등록",          "게시",      "입력",
        "수정",           "발행",        "نشر",        "تحديث"};
    constexpr std::size_t k_max_before = 24; // bytes: "This article was first " is longer, and said below
    const auto lower = ascii_lower(before);
    const bool names_article = lower.starts_with("this ") || lower.starts_with("dieser ") ||
                               lower.starts_with("cet ") || lower.starts_with("este ");
    return std::ranges::any_of(words, [&](std::string_view word) {
        const auto at = lower.find(word);
        return at != lower.npos && (at <= k_max_before || names_article);
    });
}

// "First seen: 2020-01-03": the day of something that the report tells of.
bool names_event(std::string_view before) {
    static constexpr std::string_view words[] = {"first seen",      "last seen",       "first submi",
                                                 "compil",          "created on disk", "discovered",
                                                 "detected",        "patched",         "fixed",
                                                 "expire",          "registered",      "registration",
                                                 "deadline",        "build date",      "erstmals gesehen",
                                                 "zuletzt gesehen", "entdeckt",        "kompiliert",
                                                 "registriert",     "behoben",         "première observation",
                                                 "compilé",         "découvert",       "corrigé",
                                                 "corregid",        "descubiert",      "registrad",
                                                 "compilat",        "scoperto",        "обнаружен",
                                                 "исправлен",       "зарегистрирован", "скомпилирован"};
    const auto lower = ascii_lower(before);
    return std::ranges::any_of(words, [&](std::string_view word) { return lower.find(word) != lower.npos; });
}

// "By Ada Meyer, …", not "By January 3, 2020".
bool is_byline(std::string_view before) {
    static constexpr std::string_view starts[] = {"by ",   "von ",   "par ",   "por ",    "door ", "di ",
                                                  "autor", "author", "autor:", "written", "от ",   "yazan"};
    return before.size() > 6 &&
           std::ranges::any_of(starts, [&](std::string_view start) { return istarts_with(before, start); });
}

// "PARIS, Jan. 3, 2020 /PRNewswire/ --", "3 January 2020 – The group …": the place, the day, a sign.
bool is_dateline(std::string_view before, std::string_view behind) {
    static constexpr std::string_view signs[] = {"/", "(", "|", "-", "–", "—", "•",
                                                 "·", "»", "&", "„", "“", "«"};
    constexpr std::size_t k_max_place = 60;
    const auto next = trim(behind);
    return before.size() <= k_max_place &&
           std::ranges::none_of(
               split(before, ' '),
               [](std::string_view word) { return word.size() > 3 && word[0] >= 'a' && word[0] <= 'z'; }) &&
           std::ranges::any_of(signs, [&](std::string_view sign) { return next.starts_with(sign); });
}

struct WordKinds {
    int small = 0;            // begin with a small letter
    std::size_t unspaced = 0; // bytes of scripts without capitals: Chinese, Japanese, Korean, Arabic
};
void count_words(std::string_view text, WordKinds& kinds) {
    for (const auto word : split(text, ' ')) {
        if (word.empty()) continue;
        const auto first = static_cast<unsigned char>(word[0]);
        const bool is_small_cyrillic =
            (first == 0xD0 && word.size() > 1 && static_cast<unsigned char>(word[1]) >= 0xB0) ||
            first == 0xD1;
        kinds.small += (first >= 'a' && first <= 'z') || is_small_cyrillic ? 1 : 0;
        if (first >= 0xE3 || (first >= 0xD8 && first <= 0xDB)) kinds.unspaced += word.size();
    }
}

bool ends_sentence(std::string_view line) {
    static constexpr std::string_view ends[] = {".", "!", "?", "。", "！", "？", "؟"};
    line = trim(line);
    return std::ranges::any_of(ends, [&](std::string_view end) { return line.ends_with(end); });
}
}

bool tells_of_event(std::string_view line, const DateSpan& date) {
    const auto before = trim(line.substr(0, date.begin)), behind = line.substr(date.end);
    if (is_labelled(before)) return false;
    if (names_event(before)) return true;
    if (is_dateline(before, behind)) return false;
    WordKinds kinds;
    count_words(before, kinds);
    count_words(behind, kinds);
    if (is_byline(before)) return kinds.small > 8;
    constexpr std::size_t k_max_label = 45; // bytes: fifteen characters
    const bool ends = ends_sentence(line);
    if (kinds.unspaced > 0) return kinds.unspaced > k_max_label || (ends && kinds.unspaced > k_max_label / 3);
    return kinds.small >= 5 || (ends && kinds.small >= 2) || (kinds.small >= 3 && behind.size() > 20);
}

bool says_changed(std::string_view text) {
    static constexpr std::string_view words[] = {
        "updated",      "modified",   "reviewed",   "aktualisiert", "geändert",  "mis à jour",
        "modifié",      "actualizad", "modificad",  "aggiornat",    "modificat", "zaktualizowano",
        "aktualizacja", "atualizad",  "bijgewerkt", "обновлен",     "更新",      "güncelle"};
    const auto lower = ascii_lower(text);
    return std::ranges::any_of(words, [&](std::string_view word) { return lower.find(word) != lower.npos; });
}
}
