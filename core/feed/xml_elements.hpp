#pragma once
#include "core/feed/draft.hpp"
#include "core/feed/names.hpp"

#include <map>
#include <string>

// What stands inside of a feed or of an entry, element by element.
namespace cti::feed {

class ElementReader {
public:
    // Both outlive the reader. It asks the feed for its format and adds to its warnings.
    ElementReader(Scanner& scanner, Feed& feed) : m_scanner(scanner), m_values{scanner}, m_feed(feed) {}

    Token next();
    // next() gives the start after which the scanner stands once more.
    void repeat_start() { m_values.next_started = true; }
    // Behind the start of an element: what it says goes into the draft. Of a group its children follow.
    void read(FeedEntryBuilder& draft, bool in_entry);
    // A text that stands between elements. Programs that take XML for HTML close <link> at once, as it is
    // empty there: what follows it is what it should hold.
    void read_stray_text(FeedEntryBuilder& draft);
    void warn_once(const std::string& text);

private:
    struct AtomLink {
        std::string rel, type, length, base;
    };

    void read_field(FeedEntryBuilder& draft, Meaning meaning, bool in_entry);
    void read_id(FeedEntryBuilder& draft, int rank);
    void read_picture(FeedEntryBuilder& draft, Meaning meaning);
    void read_schedule(FeedEntryBuilder& draft, Field field);
    // rank: above 0 where the element says more than a plain link does.
    void read_link(FeedEntryBuilder& draft, int rank, bool in_entry);
    static void place_atom_link(FeedEntryBuilder& draft, const AtomLink& link, const std::string& href,
                                bool in_entry);
    void read_category(FeedEntryBuilder& draft);
    void read_enclosure(FeedEntryBuilder& draft, Field field);
    void read_image(FeedEntryBuilder& draft, int rank);
    void read_date(FeedEntryBuilder& draft, Meaning meaning, bool in_entry);
    void read_description(FeedEntryBuilder& draft, Meaning meaning);
    void read_source(FeedEntryBuilder& draft);
    std::string read_generator();

    Scanner& m_scanner;
    ValueReader m_values;
    Feed& m_feed;
    std::map<std::string, int> m_warned;
    bool m_is_behind_empty_link = false;
};
}
