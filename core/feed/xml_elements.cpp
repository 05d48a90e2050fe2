#include "core/feed/xml_elements.hpp"

#include "core/base/date/date.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"

#include <algorithm>

namespace cti::feed {
namespace {
constexpr int k_written_out = 45; // Of a link as text: above every atom:link of an RSS feed.
// RSS has no attribute of this name: who writes one means it, and gofeed takes it before those as text.
constexpr int k_address_of_channel = 46;
}

Token ElementReader::next() {
    if (m_values.next_started) {
        m_values.next_started = false;
        return Token::start;
    }
    return m_scanner.next();
}

void ElementReader::warn_once(const std::string& text) {
    constexpr std::size_t most = 100; // A thousand odd dates are one habit.
    if (m_warned.size() < most && m_warned[text]++ == 0) m_feed.warnings.push_back(text);
}

void ElementReader::read(FeedEntryBuilder& draft, bool in_entry) {
    const auto meaning = find_meaning(m_scanner.ns(), m_scanner.local_name());
    m_is_behind_empty_link = false;
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
        if (in_entry) m_values.skip();
        return;
    case Field::source: in_entry ? read_source(draft) : m_values.skip(); return;
    case Field::unknown:
        // textInput, cloud and strangers have titles and links
        // of their own.
        m_values.skip();
        return;
    default: read_field(draft, meaning, in_entry);
    }
}

void ElementReader::read_field(FeedEntryBuilder& draft, Meaning meaning, bool in_entry) {
    const bool atom = m_scanner.ns() == Ns::atom;
    switch (meaning.field) {
    case Field::title: {
        const auto value = m_values.read(Form::unknown);
        if (auto title = to_title(value); !title.empty()) draft.title.offer(std::move(title), meaning.rank);
        break;
    }
    case Field::link: read_link(draft, meaning.rank, in_entry); break;
    case Field::comments: {
        const auto base = m_scanner.base();
        if (auto url = m_values.read_text(References::in_attribute); !url.empty())
            draft.comments = resolve_url(base, url);
        break;
    }
    case Field::id: read_id(draft, meaning.rank); break;
    case Field::summary:
    case Field::content:
    case Field::body: read_description(draft, meaning); break;
    case Field::author:
    case Field::creator:
    case Field::owner: add_person(draft.authors, meaning.rank, m_values.read_person()); break;
    case Field::contributor: add_person(draft.contributors, 0, m_values.read_person()); break;
    case Field::rights: {
        const auto base = m_scanner.base();
        auto html = to_html(m_values.read(atom ? Form::unknown : Form::html), base);
        if (!html.empty()) draft.rights.offer(std::move(html), meaning.rank);
        break;
    }
    case Field::generator: draft.generator = read_generator(); break;
    case Field::category: read_category(draft); break;
    case Field::itunes_category:
        add_unique(draft.tags, fold_space(m_scanner.attribute("text")));
        break; // It may hold others.
    case Field::keywords: {
        const auto text = m_values.read_text();
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
    case Field::thumbnail:
    case Field::itunes_image: read_picture(draft, meaning); break;
    case Field::language:
        if (auto text = m_values.read_text(); !text.empty())
            draft.language.offer(std::move(text), meaning.rank);
        break;
    case Field::ttl:
    case Field::update_period:
    case Field::update_frequency: read_schedule(draft, meaning.field); break;
    default: m_values.skip();
    }
}

void ElementReader::read_id(FeedEntryBuilder& draft, int rank) {
    const auto permalink = ascii_lower(m_scanner.attribute("isPermaLink"));
    const bool is_guid = iequals(m_scanner.local_name(), "guid"), is_atom = m_scanner.ns() == Ns::atom;
    const auto base = m_scanner.base();
    auto text = m_values.read_text(References::in_attribute);
    if (text.empty()) return;
    if (is_guid && draft.guid.empty()) {
        draft.guid = text;
        draft.guid_is_link =
            permalink != "false" && (permalink == "true" || is_http_url(text) || text.starts_with('/'));
    }
    if (is_atom) text = resolve_url(base, text); // RFC 4287: an IRI.
    draft.id.offer(std::move(text), rank);
}

// media:thumbnail and itunes:image: their address is an attribute, at times the text.
void ElementReader::read_picture(FeedEntryBuilder& draft, Meaning meaning) {
    auto url = m_scanner.attribute(meaning.field == Field::itunes_image ? "href" : "url");
    if (url.empty()) url = m_scanner.attribute("url");
    const auto base = m_scanner.base();
    const auto text = m_values.read_text();
    if (url.empty() && meaning.field == Field::thumbnail) url = text;
    if (!url.empty()) draft.image.offer(resolve_url(base, url), meaning.rank);
}

void ElementReader::read_schedule(FeedEntryBuilder& draft, Field field) {
    // What is above them is a slip of somebody's.
    constexpr long long max_minutes = 10'000'000, max_times = 10'000;
    const auto text = m_values.read_text();
    const auto number = parse_length(text);
    if (field == Field::update_period)
        draft.update_period = text;
    else if (field == Field::ttl && number && *number < max_minutes)
        draft.ttl_minutes = static_cast<int>(*number);
    else if (field == Field::update_frequency && number && *number > 0 && *number < max_times)
        draft.update_frequency = static_cast<int>(*number);
}

void ElementReader::read_link(FeedEntryBuilder& draft, int rank, bool in_entry) {
    const AtomLink link{m_scanner.attribute("rel"), m_scanner.attribute("type"),
                        m_scanner.attribute("length"), m_scanner.base()};
    const bool is_core = m_scanner.ns() == Ns::core;
    if (const auto href = m_scanner.attribute("href"); !href.empty()) {
        const bool is_of_channel = is_core && !in_entry && !m_feed.format.starts_with("atom");
        if (is_of_channel && link.rel.empty() && link.type.empty())
            draft.link.offer(resolve_url(link.base, href), k_address_of_channel);
        else
            place_atom_link(draft, link, href, in_entry);
        m_values.skip();
        return;
    }
    const auto text = m_values.read_text(References::in_attribute);
    m_is_behind_empty_link = text.empty() && link.rel.empty() && is_core;
    if (text.empty()) return;
    if (!link.rel.empty()) {
        place_atom_link(draft, link, text, in_entry);
    } else {
        auto url = resolve_url(link.base, text);
        if (rank <= k_written_out || is_http_url(url))
            draft.link.offer(std::move(url), std::max(rank, k_written_out));
    }
}

void ElementReader::read_stray_text(FeedEntryBuilder& draft) {
    if (!m_is_behind_empty_link) return;
    std::string text;
    m_scanner.append_text(text, References::in_attribute);
    auto url = std::string(trim(text));
    if (url.empty()) return; // It may stand behind a comment.
    m_is_behind_empty_link = false;
    if (is_http_url(url) && std::ranges::none_of(url, is_ascii_space)) {
        draft.link.offer(std::move(url), k_written_out);
        warn_once("a link that stands behind its element was read");
    }
}

void ElementReader::place_atom_link(FeedEntryBuilder& draft, const AtomLink& link, const std::string& href,
                                    bool in_entry) {
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

void ElementReader::read_category(FeedEntryBuilder& draft) {
    auto term = m_scanner.attribute("term");
    const auto label = m_scanner.attribute("label");
    const auto value = m_values.read(Form::unknown);
    if (value.text.find("Bag>") != std::string::npos || value.text.find("Seq>") != std::string::npos) {
        add_bag(draft.tags, value.text);
        return;
    }
    if (term.empty()) term = to_tag(value);
    add_unique(draft.tags, fold_space(term.empty() ? label : term));
}

void ElementReader::read_enclosure(FeedEntryBuilder& draft, Field field) {
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
        m_values.skip(); // media:content may hold a title, a description, a thumbnail.
}

// RSS: <image><url>…; others: <image href="…"> or the address as text.
void ElementReader::read_image(FeedEntryBuilder& draft, int rank) {
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
            url = m_values.read_text(References::in_attribute);
        } else if (token == Token::end_of_input || (token == Token::end && m_scanner.depth() < depth)) {
            break;
        }
    }
    if (url.empty() && text.find("://") != std::string::npos) url = std::string(trim(text));
    if (!url.empty()) draft.image.offer(resolve_url(base, url), rank);
}

void ElementReader::read_date(FeedEntryBuilder& draft, Meaning meaning, bool in_entry) {
    auto raw = m_values.read_text();
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

void ElementReader::read_description(FeedEntryBuilder& draft, Meaning meaning) {
    const bool atom = m_scanner.ns() == Ns::atom;
    const auto base = m_scanner.base();
    const bool is_core_summary = meaning.field == Field::summary && m_scanner.ns() == Ns::core &&
                                 iequals(m_scanner.local_name(), "summary");
    // RFC 4287 section 4.1.3.2: the content is elsewhere.
    if (const auto src = m_scanner.attribute("src"); atom && !src.empty())
        draft.link.offer(resolve_url(base, src), 3);
    auto html = to_html(m_values.read(atom ? Form::unknown : Form::html), base);
    if (html.empty()) return;
    if (is_core_summary) draft.description_twin.offer(std::string(html), meaning.rank);
    auto& slot = meaning.field == Field::summary ? draft.summary : draft.content;
    slot.offer(std::move(html), meaning.rank);
}

// RFC 4287 section 4.2.1: an entry without authors has those of the feed that it was taken from.
void ElementReader::read_source(FeedEntryBuilder& draft) {
    const auto depth = m_scanner.depth();
    while (true) {
        const auto token = next();
        if (token == Token::end_of_input || (token == Token::end && m_scanner.depth() < depth)) return;
        if (token != Token::start) continue;
        if (find_meaning(m_scanner.ns(), m_scanner.local_name()).field == Field::author) {
            add_person(draft.source_authors, 30, m_values.read_person());
        } else {
            m_values.skip();
        }
    }
}

std::string ElementReader::read_generator() {
    const auto version = m_scanner.attribute("version");
    auto uri = m_scanner.attribute("uri");
    if (uri.empty()) uri = m_scanner.attribute("url");
    if (!uri.empty()) uri = resolve_url(m_scanner.base(), uri);
    auto out = fold_space(m_values.read_text());
    if (!version.empty()) (out += " v") += version;
    if (!uri.empty()) (out += ' ') += uri;
    return fold_space(out);
}
}
