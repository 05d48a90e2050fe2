#include "core/base/date/date.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/feed/formats.hpp"
#include "core/feed/xml_elements.hpp"

#include <algorithm>

namespace cti::feed {
namespace {

class XmlFeed {
public:
    XmlFeed(std::string_view text, const ParseOptions& options, Feed& feed)
        : m_scanner(text, options.url), m_elements(m_scanner, feed), m_options(options), m_feed(feed) {}
    bool read();

private:
    bool enter_root();
    void read_entry();
    void warn_of_repairs();
    void finish_entry(FeedEntryBuilder&& draft);
    void finish_feed();
    void warn_once(const std::string& text) { m_elements.warn_once(text); }
    bool is_entry() const {
        return find_meaning(m_scanner.ns(), m_scanner.local_name()).field == Field::entry;
    }

    Scanner m_scanner;
    ElementReader m_elements;
    const ParseOptions& m_options;
    Feed& m_feed;
    FeedEntryBuilder m_draft;
    bool m_is_atom = false, m_has_junk_before = false;
};

std::string atom_version(std::string_view uri) {
    if (uri.empty() || iequals(uri, "http://www.w3.org/2005/Atom") ||
        iequals(uri, "https://www.w3.org/2005/Atom"))
        return "atom10";
    return "atom03";
}

// The first element that says what this is; whatever stands around it is passed over.
bool XmlFeed::enter_root() {
    constexpr int most_others = 50;
    for (int others = 0; others < most_others;) {
        const auto token = m_scanner.next();
        if (token == Token::end_of_input) return false;
        if (token == Token::text && !trim(m_scanner.text()).empty()) m_has_junk_before = true;
        if (token != Token::start) continue;
        const auto name = ascii_lower(m_scanner.local_name());
        const auto ns = m_scanner.ns();
        if (name == "rss") {
            std::string version = m_scanner.attribute("version");
            std::erase_if(version, [](char c) { return !is_ascii_digit(c); });
            m_feed.language = m_scanner.attribute("xml:lang");
            m_feed.format = "rss" + (version.empty() ? "20" : version.substr(0, 3));
            return true;
        }
        if (name == "rdf") {
            const auto uri = ascii_lower(m_scanner.root_default_namespace());
            m_feed.format = uri.find("simple/0.9") != std::string::npos ? "rss090" : "rss10";
            return true;
        }
        if (name == "feed" && (ns == Ns::atom || ns == Ns::core)) {
            m_is_atom = true;
            m_feed.format =
                atom_version(ns == Ns::atom ? m_scanner.root_default_namespace() : std::string_view{});
            if (m_scanner.attribute("version").starts_with("0.")) m_feed.format = "atom03";
            m_feed.language = m_scanner.attribute("xml:lang");
            return true;
        }
        if (name == "entry" && ns == Ns::atom) { // RFC 4287: an entry may be a document of its own.
            m_is_atom = true;
            m_feed.format = atom_version(m_scanner.root_default_namespace());
            m_elements.repeat_start();
            return true;
        }
        if (name == "channel" && ns == Ns::core) {
            const bool is_cdf = m_scanner.name() == "CHANNEL" || !m_scanner.attribute("href").empty();
            m_feed.format = is_cdf ? "cdf" : "rss20";
            m_elements.repeat_start();
            return true;
        }
        if (name == "html" || name == "body" || name == "head") return false;
        ++others;
    }
    return false;
}

bool XmlFeed::read() {
    if (!enter_root()) return false;
    while (true) {
        const auto token = m_elements.next();
        if (token == Token::end_of_input) break;
        const bool is_behind = m_scanner.depth() <= (token == Token::start ? 1U : 0U);
        if (is_behind && (token == Token::start || (token == Token::text && !trim(m_scanner.text()).empty())))
            warn_once("something stands behind the feed's end");
        if (token == Token::text && !is_behind) m_elements.read_stray_text(m_draft);
        if (token != Token::start) continue;
        if (is_entry()) {
            if (m_feed.entries.size() >= m_options.max_entries) {
                warn_once("more entries than are read of one feed: the rest was left out");
                break;
            }
            read_entry();
        } else {
            m_elements.read(m_draft, false);
        }
    }
    finish_feed();
    return true;
}

void XmlFeed::read_entry() {
    const auto depth = m_scanner.depth();
    FeedEntryBuilder draft;
    if (auto language = m_scanner.attribute("xml:lang"); !language.empty())
        draft.language.offer(std::move(language), 5);
    if (auto about = m_scanner.attribute("rdf:about"); !about.empty()) draft.id.offer(std::move(about), 20);
    if (auto href = m_scanner.attribute("href"); !href.empty() && m_feed.format == "cdf") {
        draft.link.offer(resolve_url(m_scanner.base(), href), 40);
    }
    if (auto date = m_scanner.attribute("lastmod"); !date.empty()) draft.updated.offer(parse_date(date), 5);
    while (true) {
        const auto token = m_elements.next();
        if (token == Token::start) {
            m_elements.read(draft, true);
        } else if (token == Token::text) {
            m_elements.read_stray_text(draft);
        } else if (token == Token::end_of_input || (token == Token::end && m_scanner.depth() < depth)) {
            break;
        }
    }
    if (m_scanner.was_cut()) {
        warn_once("the feed was cut off in the middle of an entry, which was left out");
        return;
    }
    finish_entry(std::move(draft));
}

void XmlFeed::finish_entry(FeedEntryBuilder&& draft) {
    auto& entry = m_feed.entries.emplace_back();
    entry.title = std::move(draft.title.value);
    entry.link = std::move(draft.link.value);
    entry.id = std::move(draft.id.value);
    if (draft.link.rank < 10) {
        if (draft.guid_is_link) entry.link = resolve_url(m_scanner.base(), draft.guid);
        if (entry.link.empty() && is_http_url(entry.id) && draft.guid.empty()) entry.link = entry.id;
    }
    if (entry.id.empty()) entry.id = entry.link;
    entry.published = draft.published.value ? draft.published.value
                      : draft.date.value    ? draft.date.value
                                            : draft.created.value;
    entry.updated = draft.updated.value ? draft.updated.value : draft.date.value;
    entry.published_raw = std::move(draft.published_raw);
    entry.authors = pick_authors(draft.authors.empty() ? draft.source_authors : draft.authors);
    entry.contributors = pick_authors(draft.contributors);
    entry.rights = std::move(draft.rights.value);
    entry.language = std::move(draft.language.value);
    entry.summary = std::move(draft.summary.value);
    entry.content = std::move(draft.content.value);
    if (entry.content.empty() && draft.description_twin.rank >= 0 &&
        draft.summary.rank > draft.description_twin.rank)
        entry.content = std::move(draft.description_twin.value);
    entry.comments = std::move(draft.comments);
    entry.tags = std::move(draft.tags);
    entry.enclosures = std::move(draft.enclosures);
}

void XmlFeed::warn_of_repairs() {
    if (const auto count = m_scanner.repairs(); count > 0)
        m_feed.warnings.push_back("the XML is ill-formed and was repaired in " + std::to_string(count) +
                                  (count == 1 ? " place" : " places") +
                                  ": tags without an end or a start, or '<' in text");
    if (m_has_junk_before) warn_once("text before the feed was left out");
    const auto& references = m_scanner.references();
    if (references.stray_ampersand) warn_once("an ampersand that is not escaped was read as itself");
    if (references.html_name) warn_once("entities of HTML, which XML does not know, were read");
    if (const auto prefix = m_scanner.undeclared_prefix(); !prefix.empty())
        warn_once("the prefix '" + std::string(head_code_points(prefix, 40)) + "' is not declared");
    if (m_scanner.defined_entities()) warn_once("what the doctype defines was left out");
}

void XmlFeed::finish_feed() {
    auto& draft = m_draft;
    m_feed.title = std::move(draft.title.value);
    m_feed.link = std::move(draft.link.value);
    m_feed.id = std::move(draft.id.value);
    m_feed.description =
        draft.summary.rank >= 0 ? std::move(draft.summary.value) : std::move(draft.content.value);
    if (draft.language.rank >= 0) m_feed.language = std::move(draft.language.value);
    m_feed.image = std::move(draft.image.value);
    m_feed.updated = draft.updated.value ? draft.updated.value : draft.date.value;
    m_feed.published = draft.published.value ? draft.published.value : draft.created.value;
    m_feed.authors = pick_authors(draft.authors);
    m_feed.contributors = pick_authors(draft.contributors);
    m_feed.rights = std::move(draft.rights.value);
    m_feed.generator = std::move(draft.generator);
    m_feed.tags = std::move(draft.tags);
    m_feed.ttl_minutes = draft.ttl_minutes;
    if (const int period = minutes_of_period(draft.update_period); !m_feed.ttl_minutes && period > 0)
        m_feed.ttl_minutes = std::max(1, period / draft.update_frequency);
    warn_of_repairs();
    m_feed.truncated = m_scanner.was_cut();
    if (m_feed.truncated) warn_once("the document ends before its last element does");
    for (auto& entry : m_feed.entries) {
        // RFC 4287 section 4.2.1: the feed's authors wrote what names no other.
        if (m_is_atom && entry.authors.empty()) entry.authors = m_feed.authors;
    }
}
}

bool read_xml_feed(std::string_view text, const ParseOptions& options, Feed& feed) {
    return XmlFeed(text, options, feed).read();
}
}
