#include "core/feed/draft.hpp"

#include "core/base/html.hpp"
#include "core/base/text.hpp"
#include "core/feed/markup.hpp"

#include <algorithm>
#include <charconv>

namespace cti::feed {
namespace {
constexpr std::size_t k_max_list = 1000; // tags, authors, enclosures of one entry
}

void add_unique(std::vector<std::string>& list, std::string text) {
    if (text.empty() || list.size() >= k_max_list || std::ranges::find(list, text) != list.end()) return;
    list.push_back(std::move(text));
}

void add_person(People& people, int rank, Person person) {
    if (person.name.empty() && person.email.empty() && person.uri.empty()) return;
    if (people.size() >= k_max_list) return;
    const auto same = std::ranges::find_if(people, [&](const auto& known) {
        const auto& other = known.second;
        return (!person.name.empty() && other.name == person.name) ||
               (!person.email.empty() && other.email == person.email);
    });
    if (same == people.end()) {
        people.emplace_back(rank, std::move(person));
        return;
    }
    auto& known = same->second;
    if (known.name.empty()) known.name = std::move(person.name);
    if (known.email.empty()) known.email = std::move(person.email);
    if (known.uri.empty()) known.uri = std::move(person.uri);
}

std::vector<Person> pick_authors(People& authors) {
    constexpr int real_author = 12;
    const bool has_real = std::ranges::any_of(authors, [](const auto& a) { return a.first >= real_author; });
    std::vector<Person> out;
    for (auto& [rank, person] : authors) {
        if (!has_real || rank >= real_author) out.push_back(std::move(person));
    }
    return out;
}

void add_enclosure(FeedEntryBuilder& draft, Enclosure enclosure) {
    if (enclosure.url.empty() || draft.enclosures.size() >= k_max_list) return;
    const auto same = std::ranges::find(draft.enclosures, enclosure.url, &Enclosure::url);
    if (same == draft.enclosures.end()) {
        draft.enclosures.push_back(std::move(enclosure));
        return;
    }
    if (same->type.empty()) same->type = std::move(enclosure.type);
    if (!same->length) same->length = enclosure.length;
}

std::optional<long long> parse_length(std::string_view text) {
    long long value = 0;
    text = trim(text);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value < 0) return std::nullopt;
    return value;
}

int minutes_of_period(std::string_view period) {
    static constexpr std::pair<std::string_view, int> known[] = {
        {"hourly", 60}, {"daily", 1440}, {"weekly", 10080}, {"monthly", 43200}, {"yearly", 525600}};
    const auto* it = std::ranges::find_if(known, [&](const auto& k) { return iequals(k.first, period); });
    return it != std::end(known) ? it->second : 0;
}

void add_bag(std::vector<std::string>& tags, std::string_view markup) {
    constexpr std::string_view item = "li>";
    for (auto at = markup.find(item); at != std::string_view::npos; at = markup.find(item, at)) {
        const auto start = at + item.size();
        const auto end = markup.find("</", start);
        if (end == std::string_view::npos) return;
        add_unique(tags, plain_text(markup.substr(start, end - start), true));
        at = std::min(markup.find('>', end), markup.size());
    }
}

// Markup in a tag is the tag's own text; entities alone are the habit of those who escape twice: "Q&amp;A".
std::string to_tag(const Value& value) {
    if (value.form == Form::html || value.text.find('<') != std::string::npos) return fold_space(value.text);
    const auto decoded = decode_entities(value.text);
    return fold_space(decoded.find('<') == std::string::npos ? decoded : value.text);
}
}
