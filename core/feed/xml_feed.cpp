#include "core/base/date.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/feed/draft.hpp"
#include "core/feed/formats.hpp"
#include "core/feed/values.hpp"

#include <algorithm>
#include <map>

namespace cti::feed {
namespace {
struct AtomLink {
    std::string rel, type, length, base;
};

class XmlFeed {
public:
    XmlFeed(std::string_view text, const ParseOptions& options, Feed& feed)
        : m_scanner(text, options.url), m_reader{m_scanner}, m_options(options), m_feed(feed) {}
    bool read();

private:
    Token next();
    bool enter_root();
    void read_entry();
    void read_element(Draft& draft, bool in_entry);
    void read_field(Draft& draft, Meaning meaning, bool in_entry);
    void read_link(Draft& draft, bool in_entry);
    void place_atom_link(Draft& draft, const AtomLink& link, const std::string& href, bool in_entry);
    void read_category(Draft& draft);
    void read_enclosure(Draft& draft, Field field);
    void read_image(Draft& draft, int rank);
    void read_date(Draft& draft, Meaning meaning, bool in_entry);
    void read_description(Draft& draft, Meaning meaning);
    void read_source(Draft& draft);
    std::string read_generator();
    void warn_of_repairs();
    void finish_entry(Draft&& draft);
    void finish_feed();
    void warn_once(const std::string& text);
    bool is_entry() const {
        return find_meaning(m_scanner.ns(), m_scanner.local_name()).field == Field::entry;
    }

    Scanner m_scanner;
    ValueReader m_reader;
    const ParseOptions& m_options;
    Feed& m_feed;
    Draft m_draft;
    bool m_is_atom = false, m_has_junk_before = false;
    std::map<std::string, int> m_warned;
};

Token XmlFeed::next() {
    if (m_reader.next_started) {
        m_reader.next_started = false;
        return Token::start;
    }
    return m_scanner.next();
}

void XmlFeed::warn_once(const std::string& text) {
    constexpr std::size_t most = 100; // A thousand odd dates are one habit.
    if (m_warned.size() < most && m_warned[text]++ == 0) m_feed.warnings.push_back(text);
}

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
            m_reader.next_started = true;
            return true;
        }
        if (name == "channel" && ns == Ns::core) {
            const bool is_cdf = m_scanner.name() == "CHANNEL" || !m_scanner.attribute("href").empty();
            m_feed.format = is_cdf ? "cdf" : "rss20";
            m_reader.next_started = true;
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
        const auto token = next();
        if (token == Token::end_of_input) break;
        const bool is_behind = m_scanner.depth() <= (token == Token::start ? 1U : 0U);
        if (is_behind && (token == Token::start || (token == Token::text && !trim(m_scanner.text()).empty())))
            warn_once("something stands behind the feed's end");
        if (token != Token::start) continue;
        if (is_entry()) {
            if (m_feed.entries.size() >= m_options.max_entries) {
                warn_once("more entries than are read of one feed: the rest was left out");
                break;
            }
            read_entry();
        } else {
            read_element(m_draft, false);
        }
    }
    finish_feed();
    return true;
}

void XmlFeed::read_entry() {
    const auto depth = m_scanner.depth();
    Draft draft;
    if (auto language = m_scanner.attribute("xml:lang"); !language.empty())
        draft.language.offer(std::move(language), 5);
    if (auto about = m_scanner.attribute("rdf:about"); !about.empty()) draft.id.offer(std::move(about), 20);
    if (auto href = m_scanner.attribute("href"); !href.empty() && m_feed.format == "cdf") {
        draft.link.offer(resolve_url(m_scanner.base(), href), 40);
    }
    if (auto date = m_scanner.attribute("lastmod"); !date.empty()) draft.updated.offer(parse_date(date), 5);
    while (true) {
        const auto token = next();
        if (token == Token::start) {
            read_element(draft, true);
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

void XmlFeed::read_element(Draft& draft, bool in_entry) {
    const auto meaning = find_meaning(m_scanner.ns(), m_scanner.local_name());
    switch (meaning.field) {
    case Field::root:
        if (!in_entry && m_feed.format == "cdf") {
            draft.link.offer(resolve_url(m_scanner.base(), m_scanner.attribute("href")), 30);
            if (auto date = m_scanner.attribute("lastmod"); !date.empty())
                draft.updated.offer(parse_date(date), 5);
        }
        if (auto language = m_scanner.attribute("xml:lang"); !language.empty())
            draft.language.offer(std::move(language), 5);
        return;
    case Field::group: return; // Its children follow.
    case Field::container:
        if (in_entry) m_reader.skip();
        return;
    case Field::source: in_entry ? read_source(draft) : m_reader.skip(); return;
    case Field::unknown:
        // textInput, cloud and strangers have titles and links
        // of their own.
        m_reader.skip();
        return;
    default: read_field(draft, meaning, in_entry);
    }
}

void XmlFeed::read_field(Draft& draft, Meaning meaning, bool in_entry) {
    const bool atom = m_scanner.ns() == Ns::atom;
    switch (meaning.field) {
    case Field::title: {
        const auto value = m_reader.read(Form::unknown);
        if (auto title = to_title(value); !title.empty()) draft.title.offer(std::move(title), meaning.rank);
        break;
    }
    case Field::link: read_link(draft, in_entry); break;
    case Field::comments: {
        const auto base = m_scanner.base();
        if (auto url = m_reader.read_text(References::in_attribute); !url.empty())
            draft.comments = resolve_url(base, url);
        break;
    }
    case Field::id: {
        const auto permalink = ascii_lower(m_scanner.attribute("isPermaLink"));
        const bool is_guid = iequals(m_scanner.local_name(), "guid");
        const auto base = m_scanner.base();
        auto text = m_reader.read_text(References::in_attribute);
        if (text.empty()) break;
        if (is_guid && draft.guid.empty()) {
            draft.guid = text;
            draft.guid_is_link =
                permalink != "false" && (permalink == "true" || is_http_url(text) || text.starts_with('/'));
        }
        if (atom) text = resolve_url(base, text); // RFC 4287: an IRI.
        draft.id.offer(std::move(text), meaning.rank);
        break;
    }
    case Field::summary:
    case Field::content:
    case Field::body: read_description(draft, meaning); break;
    case Field::author:
    case Field::creator:
    case Field::owner: add_person(draft.authors, meaning.rank, m_reader.read_person()); break;
    case Field::contributor: add_person(draft.contributors, 0, m_reader.read_person()); break;
    case Field::rights: {
        const auto base = m_scanner.base();
        auto html = to_html(m_reader.read(atom ? Form::unknown : Form::html), base);
        if (!html.empty()) draft.rights.offer(std::move(html), meaning.rank);
        break;
    }
    case Field::generator: draft.generator = read_generator(); break;
    case Field::category: read_category(draft); break;
    case Field::itunes_category:
        add_unique(draft.tags, fold_space(m_scanner.attribute("text")));
        break; // It may hold others.
    case Field::keywords: {
        const auto text = m_reader.read_text();
        for (const auto part : split(text, ',')) add_unique(draft.tags, fold_space(part));
        break;
    }
    case Field::published:
    case Field::updated:
    case Field::created:
    case Field::date: read_date(draft, meaning, in_entry); break;
    case Field::enclosure:
    case Field::media_content: read_enclosure(draft, meaning.field); break;
    case Field::image: read_image(draft, meaning.rank); break;
    case Field::thumbnail: {
        auto url = m_scanner.attribute("url");
        const auto base = m_scanner.base();
        const auto text = m_reader.read_text();
        if (url.empty()) url = text;
        if (!url.empty()) draft.image.offer(resolve_url(base, url), meaning.rank);
        break;
    }
    case Field::itunes_image: {
        auto url = m_scanner.attribute("href");
        if (url.empty()) url = m_scanner.attribute("url");
        if (!url.empty()) draft.image.offer(resolve_url(m_scanner.base(), url), meaning.rank);
        m_reader.skip();
        break;
    }
    case Field::language:
        if (auto text = m_reader.read_text(); !text.empty())
            draft.language.offer(std::move(text), meaning.rank);
        break;
    case Field::ttl:
        if (const auto minutes = parse_length(m_reader.read_text()); minutes && *minutes < 10'000'000)
            draft.ttl_minutes = static_cast<int>(*minutes);
        break;
    case Field::update_period: draft.update_period = m_reader.read_text(); break;
    case Field::update_frequency:
        if (const auto times = parse_length(m_reader.read_text()); times && *times > 0 && *times < 10'000)
            draft.update_frequency = static_cast<int>(*times);
        break;
    default: m_reader.skip();
    }
}

void XmlFeed::read_link(Draft& draft, bool in_entry) {
    if (const auto href = m_scanner.attribute("href"); !href.empty()) {
        place_atom_link(draft,
                        {m_scanner.attribute("rel"), m_scanner.attribute("type"),
                         m_scanner.attribute("length"), m_scanner.base()},
                        href, in_entry);
        m_reader.skip();
        return;
    }
    const AtomLink link{m_scanner.attribute("rel"), m_scanner.attribute("type"),
                        m_scanner.attribute("length"), m_scanner.base()};
    const auto text = m_reader.read_text(References::in_attribute);
    constexpr int written_out = 45; // Above every atom:link of an RSS feed.
    if (text.empty()) return;
    if (!link.rel.empty()) {
        place_atom_link(draft, link, text, in_entry);
    } else {
        draft.link.offer(resolve_url(link.base, text), written_out);
    }
}

void XmlFeed::place_atom_link(Draft& draft, const AtomLink& link, const std::string& href, bool in_entry) {
    auto rel = ascii_lower(link.rel);
    const bool is_registered_spelling = rel == link.rel;
    if (const auto slash = rel.rfind('/'); slash != std::string::npos)
        rel.erase(0, slash + 1); // A registered relation's address.
    const auto type = ascii_lower(link.type);
    auto url = resolve_url(link.base, href);
    if (rel == "enclosure") {
        add_enclosure(draft, {url, link.type, parse_length(link.length)});
    } else if (rel.empty() || rel == "alternate") {
        const bool is_page = type.empty() || type.starts_with("text/html") ||
                             type == "application/xhtml+xml" || type == "xhtml" || type == "html";
        draft.link.offer(std::move(url), (is_page ? 40 : 20) - (is_registered_spelling ? 0 : 1));
    } else if (rel == "replies") {
        const bool is_page = type.empty() || type == "text/html" || type == "application/xhtml+xml";
        if (is_page && draft.comments.empty()) draft.comments = std::move(url);
    } else if (rel == "self") {
        draft.link.offer(std::move(url), in_entry ? 4 : 2);
    } else if (rel == "related" || rel == "via" || rel == "bookmark") {
        draft.link.offer(std::move(url), 3);
    } else if ((rel == "icon" || rel == "image") && !in_entry) {
        draft.image.offer(std::move(url), 5);
    }
}

void XmlFeed::read_category(Draft& draft) {
    auto term = m_scanner.attribute("term");
    const auto label = m_scanner.attribute("label");
    const auto value = m_reader.read(Form::unknown);
    if (value.text.find("Bag>") != std::string::npos || value.text.find("Seq>") != std::string::npos) {
        add_bag(draft.tags, value.text);
        return;
    }
    if (term.empty()) term = to_tag(value);
    add_unique(draft.tags, fold_space(term.empty() ? label : term));
}

void XmlFeed::read_enclosure(Draft& draft, Field field) {
    auto url = m_scanner.attribute("url");
    if (url.empty()) url = m_scanner.attribute("rdf:resource");
    if (url.empty()) url = m_scanner.attribute("href");
    if (url.empty()) url = m_scanner.attribute("enc:url");
    auto length = m_scanner.attribute("length");
    if (length.empty()) length = m_scanner.attribute("fileSize");
    if (!url.empty())
        add_enclosure(
            draft, {resolve_url(m_scanner.base(), url), m_scanner.attribute("type"), parse_length(length)});
    if (field == Field::enclosure)
        m_reader.skip(); // media:content may hold a title, a description, a thumbnail.
}

// RSS: <image><url>…; others: <image href="…"> or the address as text.
void XmlFeed::read_image(Draft& draft, int rank) {
    const auto depth = m_scanner.depth();
    const auto base = m_scanner.base();
    auto url = m_scanner.attribute("href");
    if (url.empty()) {
        url = m_scanner.attribute("rdf:resource");
        if (!url.empty()) --rank; // The <image> that it names may say more.
    }
    std::string text;
    while (true) {
        const auto token = m_scanner.next();
        if (token == Token::text) {
            m_scanner.append_text(text);
        } else if (token == Token::start && iequals(m_scanner.local_name(), "url")) {
            url = m_reader.read_text(References::in_attribute);
        } else if (token == Token::end_of_input || (token == Token::end && m_scanner.depth() < depth)) {
            break;
        }
    }
    if (url.empty() && text.find("://") != std::string::npos) url = std::string(trim(text));
    if (!url.empty()) draft.image.offer(resolve_url(base, url), rank);
}

void XmlFeed::read_date(Draft& draft, Meaning meaning, bool in_entry) {
    auto raw = m_reader.read_text();
    if (raw.empty()) return;
    const auto time = parse_date(raw);
    if (!time) warn_once("a date could not be read: '" + std::string(head_code_points(raw, 60)) + "'");
    auto& slot = meaning.field == Field::published ? draft.published
                 : meaning.field == Field::updated ? draft.updated
                 : meaning.field == Field::created ? draft.created
                                                   : draft.date;
    const bool is_first = in_entry && meaning.field != Field::updated && draft.published_raw.empty();
    if (is_first) draft.published_raw = raw;
    // What cannot be read gives way to what can.
    if (!slot.offer(std::optional(time), time ? meaning.rank : 0, meaning.field == Field::updated)) return;
    if (meaning.field == Field::published) draft.published_raw = std::move(raw);
}

void XmlFeed::read_description(Draft& draft, Meaning meaning) {
    const bool atom = m_scanner.ns() == Ns::atom;
    const auto base = m_scanner.base();
    const bool is_core_summary = meaning.field == Field::summary && m_scanner.ns() == Ns::core &&
                                 iequals(m_scanner.local_name(), "summary");
    // RFC 4287 section 4.1.3.2: the content is elsewhere.
    if (const auto src = m_scanner.attribute("src"); atom && !src.empty())
        draft.link.offer(resolve_url(base, src), 3);
    auto html = to_html(m_reader.read(atom ? Form::unknown : Form::html), base);
    if (html.empty()) return;
    if (is_core_summary) draft.description_twin.offer(std::string(html), meaning.rank);
    auto& slot = meaning.field == Field::summary ? draft.summary : draft.content;
    slot.offer(std::move(html), meaning.rank);
}

// RFC 4287 section 4.2.1: an entry without authors has those of the feed that it was taken from.
void XmlFeed::read_source(Draft& draft) {
    const auto depth = m_scanner.depth();
    while (true) {
        const auto token = next();
        if (token == Token::end_of_input || (token == Token::end && m_scanner.depth() < depth)) return;
        if (token != Token::start) continue;
        if (find_meaning(m_scanner.ns(), m_scanner.local_name()).field == Field::author) {
            add_person(draft.source_authors, 30, m_reader.read_person());
        } else {
            m_reader.skip();
        }
    }
}

std::string XmlFeed::read_generator() {
    const auto version = m_scanner.attribute("version");
    auto uri = m_scanner.attribute("uri");
    if (uri.empty()) uri = m_scanner.attribute("url");
    if (!uri.empty()) uri = resolve_url(m_scanner.base(), uri);
    auto out = fold_space(m_reader.read_text());
    if (!version.empty()) (out += " v") += version;
    if (!uri.empty()) (out += ' ') += uri;
    return fold_space(out);
}

void XmlFeed::finish_entry(Draft&& draft) {
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
