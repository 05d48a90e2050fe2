#include "core/feed/names.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

namespace cti::feed {
namespace {
struct NamespaceName {
    std::string_view text;
    Ns ns;
};
// Lower case, without "http://", "https://" and a slash or hash at the end.
constexpr NamespaceName k_uris[] = {
    {"www.w3.org/2005/atom", Ns::atom},
    {"purl.org/atom/ns", Ns::atom},
    {"purl.org/atom", Ns::atom},
    {"example.com/newformat", Ns::atom}, // Drafts of Atom 0.2 and 0.3.
    {"example.com/necho", Ns::atom},
    {"purl.org/echo", Ns::atom},
    {"uri/of/echo/namespace", Ns::atom},
    {"purl.org/pie", Ns::atom},
    {"purl.org/rss/1.0", Ns::core},
    {"my.netscape.com/rdf/simple/0.9", Ns::core},
    {"my.netscape.com/publish/formats/rss-0.91.dtd", Ns::core},
    {"channel.netscape.com/rdf/simple/0.9", Ns::core},
    {"backend.userland.com/rss", Ns::core},
    {"backend.userland.com/rss2", Ns::core},
    {"backend.userland.com/rss091", Ns::core},
    {"backend.userland.com/rss092", Ns::core},
    {"blogs.law.harvard.edu/tech/rss", Ns::core},
    {"cyber.law.harvard.edu/rss/rss.html", Ns::core},
    {"purl.org/net/rss1.1", Ns::core},
    {"www.rssboard.org/rss-specification", Ns::core},
    {"www.w3.org/tr/1998/note-cdf-19980309", Ns::core},
    {"www.w3.org/1999/02/22-rdf-syntax-ns", Ns::rdf},
    {"purl.org/rss/1.0/modules/content", Ns::content},
    {"purl.org/dc/elements/1.1", Ns::dc},
    {"purl.org/dc/elements/1.0", Ns::dc},
    {"purl.org/rss/1.0/modules/dc", Ns::dc},
    {"purl.org/dc/terms", Ns::dcterms},
    {"purl.org/rss/1.0/modules/dcterms", Ns::dcterms},
    {"search.yahoo.com/mrss", Ns::media},
    {"tools.search.yahoo.com/mrss", Ns::media},
    {"www.rssboard.org/media-rss", Ns::media},
    {"video.search.yahoo.com/mrss", Ns::media},
    {"www.itunes.com/dtds/podcast-1.0.dtd", Ns::itunes},
    {"itunes.com/dtds/podcast-1.0.dtd", Ns::itunes},
    {"example.com/dtds/podcast-1.0.dtd", Ns::itunes},
    {"www.itunes.com/dtds/podcast", Ns::itunes},
    {"purl.org/rss/1.0/modules/slash", Ns::slash},
    {"purl.org/rss/1.0/modules/syndication", Ns::sy},
    {"rssnamespace.org/feedburner/ext/1.0", Ns::feedburner},
    {"www.w3.org/1999/xhtml", Ns::xhtml},
    {"www.w3.org/tr/rec-html40", Ns::xhtml},
    {"www.w3.org/2000/svg", Ns::embedded},
    {"www.w3.org/1998/math/mathml", Ns::embedded},
    {"www.w3.org/xml/1998/namespace", Ns::xml},
};
constexpr NamespaceName k_prefixes[] = {
    {"atom", Ns::atom},       {"atom10", Ns::atom},
    {"a10", Ns::atom},        {"atom03", Ns::atom},
    {"rss", Ns::core},        {"rdf", Ns::rdf},
    {"content", Ns::content}, {"dc", Ns::dc},
    {"dcterms", Ns::dcterms}, {"dcterm", Ns::dcterms},
    {"media", Ns::media},     {"itunes", Ns::itunes},
    {"slash", Ns::slash},     {"sy", Ns::sy},
    {"syn", Ns::sy},          {"feedburner", Ns::feedburner},
    {"xhtml", Ns::xhtml},     {"html", Ns::xhtml},
    {"svg", Ns::embedded},    {"math", Ns::embedded},
    {"mml", Ns::embedded},    {"xml", Ns::xml},
};

struct Element {
    std::string_view name;
    Field field;
    int rank = 0;
};
// What RSS, Atom and CDF call their own. One table for all: feeds borrow from each other with and without a
// prefix.
constexpr Element k_core[] = {
    {"abstract", Field::summary, 20},
    {"author", Field::author, 30},
    {"body", Field::body, 30},
    {"category", Field::category},
    {"channel", Field::root},
    {"comments", Field::comments},
    {"content", Field::content, 40},
    {"contributor", Field::contributor},
    {"copyright", Field::rights, 30},
    {"created", Field::created, 20},
    {"date", Field::date, 10},
    {"description", Field::summary, 40},
    {"enclosure", Field::enclosure},
    {"entry", Field::entry},
    {"feed", Field::root},
    {"fullitem", Field::content, 30},
    {"generator", Field::generator},
    {"guid", Field::id, 30},
    {"icon", Field::thumbnail, 10},
    {"id", Field::id, 30},
    {"image", Field::image, 30},
    {"info", Field::unknown},
    {"issued", Field::published, 30},
    {"item", Field::entry},
    {"items", Field::container},
    {"keywords", Field::keywords},
    {"language", Field::language, 30},
    {"lastbuilddate", Field::updated, 25},
    {"link", Field::link},
    {"logo", Field::thumbnail, 20},
    {"managingeditor", Field::author, 25},
    {"modified", Field::updated, 20},
    {"name", Field::name},
    {"pubdate", Field::published, 40},
    {"published", Field::published, 35},
    {"rdf", Field::root},
    {"redirect", Field::unknown},
    {"rights", Field::rights, 30},
    {"rss", Field::root},
    {"source", Field::source},
    {"subtitle", Field::summary, 35},
    {"summary", Field::summary, 30},
    {"tagline", Field::summary, 30},
    {"tags", Field::keywords},
    {"title", Field::title, 40},
    {"ttl", Field::ttl},
    {"updated", Field::updated, 30},
    {"uri", Field::id, 10},
    {"webmaster", Field::author, 10},
};
constexpr Element k_dc[] = {
    {"author", Field::creator, 20},    {"contributor", Field::contributor}, {"creator", Field::creator, 20},
    {"date", Field::date, 20},         {"description", Field::summary, 10}, {"identifier", Field::id, 10},
    {"language", Field::language, 20}, {"publisher", Field::creator, 5},    {"rights", Field::rights, 20},
    {"subject", Field::category},      {"title", Field::title, 10},
};
constexpr Element k_dcterms[] = {
    {"abstract", Field::summary, 9},  {"available", Field::published, 12}, {"created", Field::created, 10},
    {"creator", Field::creator, 18},  {"date", Field::date, 15},           {"description", Field::summary, 9},
    {"issued", Field::published, 15}, {"modified", Field::updated, 15},    {"rights", Field::rights, 15},
    {"subject", Field::category},     {"title", Field::title, 9},
};
constexpr Element k_content[] = {{"encoded", Field::content, 50}};
constexpr Element k_media[] = {
    {"category", Field::category}, {"content", Field::media_content}, {"description", Field::summary, 4},
    {"group", Field::group},       {"keywords", Field::keywords},     {"thumbnail", Field::thumbnail, 5},
    {"title", Field::title, 4},
};
constexpr Element k_itunes[] = {
    {"author", Field::creator, 15}, {"category", Field::itunes_category}, {"image", Field::itunes_image, 15},
    {"keywords", Field::keywords},  {"owner", Field::owner, 12},          {"subtitle", Field::summary, 6},
    {"summary", Field::summary, 8}, {"title", Field::title, 5},
};
constexpr Element k_sy[] = {{"updatefrequency", Field::update_frequency},
                            {"updateperiod", Field::update_period}};
constexpr Element k_rdf[] = {{"rdf", Field::root}};
constexpr Element k_xhtml[] = {{"body", Field::body, 30}, {"div", Field::body, 25}};

template <std::size_t N>
Meaning look_up(const Element (&table)[N], std::string_view name) {
    const auto* it = std::ranges::lower_bound(table, name, {}, &Element::name);
    return it != std::end(table) && it->name == name ? Meaning{it->field, it->rank} : Meaning{};
}
}

Ns namespace_of_uri(std::string_view uri) {
    std::string key = ascii_lower(trim(uri));
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (key.starts_with(scheme)) key.erase(0, scheme.size());
    }
    while (!key.empty() && (key.back() == '/' || key.back() == '#')) key.pop_back();
    if (key.empty()) return Ns::core;
    const auto* it = std::ranges::find(k_uris, std::string_view(key), &NamespaceName::text);
    return it != std::end(k_uris) ? it->ns : Ns::other;
}

Ns namespace_of_prefix(std::string_view prefix) {
    const auto* it =
        std::ranges::find_if(k_prefixes, [&](const auto& known) { return iequals(known.text, prefix); });
    return it != std::end(k_prefixes) ? it->ns : Ns::other;
}

Meaning find_meaning(Ns ns, std::string_view local_name) {
    std::array<char, 20> lower{};
    if (local_name.size() > lower.size()) return {};
    std::ranges::transform(local_name, lower.begin(), [](char c) { return ascii_lower(c); });
    const std::string_view name(lower.data(), local_name.size());
    switch (ns) {
    case Ns::core:
    case Ns::atom: return look_up(k_core, name);
    case Ns::dc: return look_up(k_dc, name);
    case Ns::dcterms: return look_up(k_dcterms, name);
    case Ns::content: return look_up(k_content, name);
    case Ns::media: return look_up(k_media, name);
    case Ns::itunes: return look_up(k_itunes, name);
    case Ns::sy: return look_up(k_sy, name);
    case Ns::rdf: return look_up(k_rdf, name);
    case Ns::feedburner: return name == "origlink" ? Meaning{Field::link, 50} : Meaning{};
    case Ns::xhtml: return look_up(k_xhtml, name);
    default: return {};
    }
}
}
