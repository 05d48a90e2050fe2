#pragma once
#include "core/feed/feed.hpp"
#include "core/feed/values.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What an XML feed and its entries say, while they are read: several elements compete for one field.
namespace cti::feed {

// A field that several elements may fill: the one that says it best stays, the first of equals.
template <class T>
struct Ranked {
    T value{};
    int rank = -1;
    bool offer(T&& candidate, int its_rank, bool last_wins = false) {
        if (its_rank < rank || (its_rank == rank && !last_wins)) return false;
        value = std::move(candidate);
        rank = its_rank;
        return true;
    }
};

using People = std::vector<std::pair<int, Person>>; // with the rank of the element that named them

// What a feed and an entry have in common, while it is read.
struct FeedEntryBuilder {
    Ranked<std::string> title, link, id, language, image;
    Ranked<std::string> summary, content, description_twin;
    Ranked<std::optional<Time>> published, updated, created, date;
    std::string published_raw, comments;
    People authors, contributors, source_authors;
    Ranked<std::string> rights;
    std::string generator;
    std::vector<std::string> tags;
    std::vector<Enclosure> enclosures;
    std::string guid;
    bool guid_is_link = false;
    std::optional<int> ttl_minutes;
    std::string update_period;
    int update_frequency = 1;
};

void add_unique(std::vector<std::string>& list, std::string text); // "" is left out
// Two notes of one person, by name or address, are made one.
void add_person(People& people, int rank, Person person);
// Publishers and web masters stand in for authors only where nobody else does.
std::vector<Person> pick_authors(People& authors);
void add_enclosure(FeedEntryBuilder& draft, Enclosure enclosure);
// RDF lists several terms in one element: <rdf:Bag><rdf:li>…
void add_bag(std::vector<std::string>& tags, std::string_view markup);
std::string to_tag(const Value& value);
std::optional<long long> parse_length(std::string_view text); // nothing for what is no number, or negative
int minutes_of_period(std::string_view period);               // sy:updatePeriod; 0 for unknown words
}
