#pragma once
#include <string_view>

// The vocabulary of feeds: which namespace an address or a prefix stands for, and what an element means to a
// reader.
namespace cti::feed {

enum class Ns : unsigned char {
    core, // no namespace, or one of RSS's and CDF's own
    atom,
    rdf,
    content,
    dc,
    dcterms,
    media,
    itunes,
    slash,
    sy,
    feedburner,
    xhtml,
    embedded, // SVG and MathML: they may stand inside of content
    xml,
    other,
};

Ns namespace_of_uri(std::string_view uri);       // Ns::other for what is not known
Ns namespace_of_prefix(std::string_view prefix); // the customary prefixes

enum class Field : unsigned char {
    unknown,
    root, // <rss>, <rdf:RDF>, <feed>, <channel>
    entry,
    group, // only its children matter: media:group
    title,
    link,
    id,
    summary,
    content,
    body,    // XHTML in an RSS item
    author,  // name and address in one text, or an Atom person
    creator, // dc:creator and its kin: a name
    owner,   // itunes:owner: children name and email
    source,  // atom:source: whose feed an entry was taken from
    contributor,
    rights,
    generator,
    container, // <items> around the entries of odd RSS; RDF's holds addresses only
    category,  // text, or an Atom term
    itunes_category,
    keywords, // separated by commas
    published,
    updated,
    created,
    date, // dc:date: neither said to be the one nor the other
    enclosure,
    media_content,
    thumbnail,
    image,
    itunes_image,
    language,
    ttl,
    update_period,
    update_frequency,
    comments,
    name,
    email,
    uri,
    base,
};

struct Meaning {
    Field field = Field::unknown;
    int rank = 0; // Of two values of one field the higher rank stays.
};
Meaning find_meaning(Ns ns, std::string_view local_name);
}
