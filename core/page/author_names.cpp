#include "core/page/author_names.hpp"

#include "core/base/text.hpp"
#include "core/page/metadata.hpp"

#include <algorithm>

namespace cti::page {
namespace {
// What stands before a name, in the languages met; longest first.
constexpr std::string_view k_before[] = {"written and edited by",
                                         "this article was written by",
                                         "gespeichert von",
                                         "erstellt von",
                                         "verfasst von",
                                         "artikel von",
                                         "text von",
                                         "publicado por",
                                         "publié par",
                                         "scritto da",
                                         "a cura di",
                                         "geschreven door",
                                         "geplaatst door",
                                         "napisane przez",
                                         "автор:",
                                         "story by",
                                         "words by",
                                         "article by",
                                         "written by",
                                         "posted by",
                                         "published by",
                                         "reported by",
                                         "reviewed by",
                                         "authored by",
                                         "edited by",
                                         "contributed by",
                                         "geschrieben von",
                                         "veröffentlicht von",
                                         "ein artikel von",
                                         "ein beitrag von",
                                         "author:",
                                         "authors:",
                                         "autor:",
                                         "autorin:",
                                         "autoren:",
                                         "auteur :",
                                         "auteur:",
                                         "author(s):",
                                         "redaktion:",
                                         "text:",
                                         "by:",
                                         "by",
                                         "von:",
                                         "von",
                                         "por:",
                                         "por",
                                         "par",
                                         "di",
                                         "door",
                                         "af",
                                         "av",
                                         "autor",
                                         "author",
                                         "écrit par",
                                         "escrito por"};
// A name ends before these.
constexpr std::string_view k_behind[] = {" | ",
                                         " – ",
                                         " — ",
                                         " - ",
                                         " · ",
                                         " • ",
                                         " @",
                                         " updated",
                                         " published",
                                         " posted on",
                                         " on ",
                                         " am ",
                                         " in ",
                                         " for ",
                                         "follow",
                                         " / ",
                                         " (",
                                         "\t",
                                         " read more",
                                         ", updated",
                                         " vom ",
                                         " um ",
                                         "about the author",
                                         " view all",
                                         " more from",
                                         " contributor",
                                         " staff writer",
                                         " senior ",
                                         " editor"};

bool has_digit(std::string_view text) { return std::ranges::any_of(text, is_ascii_digit); }

std::string_view without_lead(std::string_view name) {
    for (bool again = true; again;) {
        again = false;
        for (const auto word : k_before) {
            if (!istarts_with(name, word) || name.size() <= word.size()) continue;
            const char next = name[word.size()];
            if (word.back() != ':' && next != ' ' && next != ':') continue;
            name = trim(name.substr(word.size()));
            while (name.starts_with(':')) name = trim(name.substr(1));
            again = true;
        }
    }
    return name;
}

// "Donnerstag": a date's first word.
bool is_weekday(std::string_view name) {
    static constexpr std::string_view days[] = {
        "monday", "tuesday",  "wednesday", "thursday",   "friday",   "saturday", "sunday",
        "montag", "dienstag", "mittwoch",  "donnerstag", "freitag",  "samstag",  "sonntag",
        "lunes",  "martes",   "miércoles", "jueves",     "viernes",  "sábado",   "domingo",
        "lundi",  "mardi",    "mercredi",  "jeudi",      "vendredi", "samedi",   "dimanche"};
    const auto lower = ascii_lower(name);
    return std::ranges::find(days, std::string_view(lower)) != std::end(days);
}

// Who took the picture did not write the text.
bool is_credit(std::string_view name) {
    static constexpr std::string_view starts[] = {
        "foto:", "fotos:", "photo:", "photos:", "bild:", "image:", "illustration:", "foto ", "photo "};
    return std::ranges::any_of(starts, [&](std::string_view start) { return istarts_with(name, start); });
}

// What a template forgot to fill in ("page.author"), numbers of accounts, initials of a picture that is
// missing.
bool is_no_name(std::string_view name, Trust trust) {
    if (std::ranges::all_of(name, [](char c) { return is_ascii_digit(c) || c == ' '; })) return true;
    const auto dots = std::ranges::count(name, '.');
    if (name.find(' ') == name.npos && (dots >= 3 || (dots == 2 && has_digit(name)))) return true;
    const bool are_initials =
        name.size() <= 2 && std::ranges::all_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
    return are_initials || (trust == Trust::markup && is_weekday(name));
}

// "Ada Meyer The Example Press": who sold the text stands in the same field.
std::string_view without_agency(std::string_view name) {
    static constexpr std::string_view agencies[] = {" the associated press", " associated press",
                                                    " the canadian press",   " reuters",
                                                    " bloomberg news",       " agence france-presse"};
    const auto lower = ascii_lower(name);
    for (const auto agency : agencies)
        if (const auto person = trim(name.substr(0, name.size() - std::min(name.size(), agency.size())));
            lower.ends_with(agency) && is_whole_name(person))
            return person;
    return name;
}

// "Ada Meyer/SP-X": the agency stands behind, in capitals.
std::string_view without_initials(std::string_view name) {
    const auto slash = name.find('/');
    const bool is_agency = slash != name.npos && std::ranges::all_of(name.substr(slash + 1), [](char c) {
                               return (c >= 'A' && c <= 'Z') || c == '-';
                           });
    return is_agency ? name.substr(0, slash) : name;
}

// "Yucy Yucy": the name stands on the picture and beside it.
std::string_view once(std::string_view name) {
    const auto half = name.size() / 2;
    const bool is_twice =
        name.size() % 2 == 1 && name[half] == ' ' && name.substr(0, half) == name.substr(half + 1);
    return is_twice ? name.substr(0, half) : name;
}

// "MD", "Ph.D.", "CISSP": what stands after a name and is none.
bool is_credential(std::string_view word) {
    if (word.size() > 7 || word.size() < 2) return false;
    const auto letters = std::ranges::count_if(word, is_ascii_alpha);
    const auto capitals = std::ranges::count_if(word, [](char c) { return c >= 'A' && c <= 'Z'; });
    return capitals >= 2 && capitals * 2 >= letters && word.find(' ') == word.npos &&
           (capitals == letters || word.find('.') != word.npos);
}

bool is_role(std::string_view text) {
    static constexpr std::string_view roles[] = {
        "expert",          "editor",        "officer",       "director",    "manager",    "writer",
        "reporter",        "correspondent", "contributor",   "specialist",  "analyst",    "head of",
        "chief ",          "president",     "projektleiter", "redakteur",   "leiter ",    "leiterin",
        "geschäftsführer", "founder",       "educator",      "coordinator", "researcher", "engineer",
        "senior ",         "staff"};
    const auto lower = ascii_lower(text);
    return std::ranges::any_of(roles,
                               [&](std::string_view role) { return lower.find(role) != std::string::npos; });
}

std::string_view without_marks(std::string_view name) {
    static constexpr std::string_view marks[] = {",",  ";", ":", "|", "-", "/", "@",
                                                 "\"", "*", "·", "•", "–", "—"};
    while (true) {
        name = trim(name);
        const auto* const before =
            std::ranges::find_if(marks, [&](std::string_view mark) { return name.starts_with(mark); });
        if (before != std::end(marks)) name.remove_prefix(before->size());
        const auto* const behind =
            std::ranges::find_if(marks, [&](std::string_view mark) { return name.ends_with(mark); });
        if (behind != std::end(marks)) name.remove_suffix(behind->size());
        if (before == std::end(marks) && behind == std::end(marks)) return name;
    }
}

bool is_nobody(std::string_view name) {
    static constexpr std::string_view nobody[] = {"admin",
                                                  "administrator",
                                                  "author",
                                                  "the author",
                                                  "about the author",
                                                  "guest",
                                                  "staff",
                                                  "unknown",
                                                  "anonymous",
                                                  "editor",
                                                  "webmaster",
                                                  "user",
                                                  "share",
                                                  "comments",
                                                  "null",
                                                  "undefined",
                                                  "none",
                                                  "n/a",
                                                  "autor",
                                                  "written by",
                                                  "posted by",
                                                  "about",
                                                  "last",
                                                  "home",
                                                  "profile",
                                                  "no author",
                                                  "posted",
                                                  "posted on",
                                                  "published by",
                                                  "published on",
                                                  "publiziert",
                                                  "publiziert am",
                                                  "veröffentlicht",
                                                  "veröffentlicht am",
                                                  "veröffentlicht von",
                                                  "gespeichert von",
                                                  "erstellt von",
                                                  "publicado",
                                                  "publié",
                                                  "von",
                                                  "por",
                                                  "autorin",
                                                  "by"};
    const auto lower = ascii_lower(name);
    if (std::ranges::find(nobody, std::string_view(lower)) != std::end(nobody)) return true;
    static constexpr std::string_view starts[] = {"about ", "more ", "read more", "view ",
                                                  "see ",   "mehr ", "alle ",     "all "};
    return std::ranges::any_of(starts, [&](std::string_view start) { return lower.starts_with(start); });
}

// One name out of what stands there, or "" where it is none.
std::string cleaned_name(std::string_view raw, Trust trust) {
    auto name = without_lead(trim(raw));
    const auto lower = ascii_lower(name);
    auto end = name.size();
    if (const auto at = lower.find(" | "); at != std::string::npos) end = at;
    if (trust == Trust::markup) {
        for (const auto mark : k_behind) {
            const auto at = lower.find(mark);
            if (at == std::string::npos || at == 0 || lower.compare(at, 10, " editorial") == 0) continue;
            end = std::min(end, at);
        }
    }
    name = without_marks(name.substr(0, end));
    for (auto space = name.rfind(' ');
         space != name.npos && is_credential(name.substr(space + 1)) && std::ranges::count(name, ' ') >= 2;
         space = name.rfind(' '))
        name = without_marks(name.substr(0, space));
    name = once(without_agency(without_initials(name)));
    if (is_credit(trim(raw)) || is_credit(name) || (!name.empty() && is_no_name(name, trust))) return {};
    if (name.size() < 2 || name.size() > 80 || (has_digit(name) && trust == Trust::markup)) return {};
    if (istarts_with(name, "gesponsert") || istarts_with(name, "sponsored")) return {};
    if (name.find("www.") != name.npos || ascii_lower(name).ends_with("admin")) return {};
    if (name.find("://") != name.npos || name.find('@') != name.npos || istarts_with(name, "www.") ||
        name.find_first_of("<>{}[]") != name.npos)
        return {};
    if (std::ranges::count(name, ' ') > (trust == Trust::field ? 7 : 4) || is_nobody(name)) return {};
    if (trust == Trust::markup && name.front() >= 'a' && name.front() <= 'z') return {};
    if (trust == Trust::field && name.find(' ') == name.npos && name.find('.') != name.npos &&
        name.find_first_of("/_") != name.npos)
        return {};
    return std::string(name);
}
}

bool is_organisation(std::string_view name) {
    static constexpr std::string_view ends[] = {
        " press",     " news",        " magazine",   "magazin",  " gmbh",    " e.v.",      " ag",
        " se",        " inc",         " inc.",       " ltd",     " ltd.",    " llc",       " kg",
        " stiftung",  "-stiftung",    " verlag",     " magazin", " zeitung", " redaktion", " team",
        " agency",    " foundation",  " university", " media",   " editors", " e. v.",     " institut",
        " institute", " association", " staff",      " newsroom"};
    static constexpr std::string_view starts[] = {"team ",      "landesanstalt ", "universität ",
                                                  "institut ",  "redaktion ",     "university of ",
                                                  "center for", "department of"};
    const auto lower = ascii_lower(name);
    return lower.find(" gmbh ") != lower.npos || lower.find("landesanstalt") != lower.npos ||
           lower.find(" magazin ") != lower.npos ||
           std::ranges::any_of(ends, [&](std::string_view end) { return lower.ends_with(end); }) ||
           std::ranges::any_of(starts, [&](std::string_view start) { return lower.starts_with(start); });
}

bool is_login(std::string_view name) {
    return name.find(' ') == name.npos && std::ranges::none_of(name, [](char c) {
               return (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
           });
}

bool is_capitalised(std::string_view word) {
    // Letters beyond ASCII are taken for either.
    return !word.empty() &&
           ((word[0] >= 'A' && word[0] <= 'Z') || static_cast<unsigned char>(word[0]) >= 0xC3);
}

bool is_whole_name(std::string_view name) {
    static constexpr std::string_view particles[] = {"de",  "del", "der", "den", "di",  "da",
                                                     "la",  "le",  "van", "von", "vom", "zu",
                                                     "ter", "bin", "al",  "y",   "e"};
    const auto words = split(name, ' ');
    return words.size() >= 2 && std::ranges::all_of(words, [](std::string_view word) {
               return is_capitalised(word) || std::ranges::find(particles, word) != std::end(particles);
           });
}

std::string whole_name(std::string_view text, std::string_view first) {
    text = trim(text);
    if (!text.starts_with(first) || text.size() <= first.size() || text[first.size()] != ' ') return {};
    const auto rest = text.substr(first.size() + 1);
    const auto last = rest.substr(0, rest.find_first_of(" ,.:;|-"));
    if (!is_capitalised(last) || last.size() < 3) return {};
    return std::string(first) + ' ' + std::string(last);
}

std::string_view behind_date(std::string_view text) {
    const auto lower = ascii_lower(text);
    for (const std::string_view word : {" by ", " von ", " por ", " par "}) {
        const auto at = lower.find(word);
        if (at != std::string::npos && has_digit(text.substr(0, at)))
            return trim(text.substr(at + word.size()));
    }
    return text;
}

void add_names(std::string_view text, Trust trust, std::vector<std::string>& names) {
    constexpr std::size_t k_max_names = 20;
    if (trust == Trust::markup) text = behind_date(text);
    text = without_lead(trim(text));
    if (const auto bar = text.find(" | "); bar != text.npos && trust == Trust::field)
        text = text.substr(0, bar); // What follows is the house.
    if (trust == Trust::field && is_organisation(without_agency(text)) &&
        text.find_first_of(",.") == text.npos) {
        names.emplace_back(text); // "Institute of Woods and Meadows" is one.
        return;
    }
    const auto lower = ascii_lower(text);
    for (std::size_t pos = 0; pos < text.size();) {
        std::size_t end = text.size(), skip = 0;
        for (const std::string_view mark :
             {", ", ",", "; ", ";", " and ", " und ", " & ", " et ", " y ", " / "}) {
            if (const auto at = lower.find(mark, pos); at != std::string::npos && at < end) {
                end = at;
                skip = mark.size();
            }
        }
        auto part = trim(text.substr(pos, end - pos));
        if (istarts_with(part, "and ")) part = part.substr(4);
        auto name = cleaned_name(part, trust);
        const bool is_more = !names.empty() && (is_credential(name) || is_role(name));
        if (!name.empty() && !is_more && names.size() < k_max_names &&
            std::ranges::find(names, name) == names.end())
            names.push_back(std::move(name));
        pos = end + skip;
    }
}

std::vector<std::string> names_in(std::string_view byline) {
    std::vector<std::string> names;
    add_names(byline, Trust::markup, names);
    return names;
}
}
