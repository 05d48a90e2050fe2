#include "core/feed/opml.hpp"

#include "core/base/encoding.hpp"
#include "core/base/html.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <pugixml.hpp>
#include <set>

namespace cti::feed {
namespace {
constexpr std::size_t k_max_categories = 64, k_max_feeds = 10'000, k_max_bytes = 10 * 1024 * 1024;

// Attribute names differ in case from program to program: xmlUrl, xmlurl, XMLURL.
std::string attribute(const pugi::xml_node& node, std::string_view name) {
    for (const auto& candidate : node.attributes()) {
        if (iequals(candidate.name(), name))
            return fold_space(repair_utf8(decode_entities(candidate.value())));
    }
    return {};
}

pugi::xml_node find_body(const pugi::xml_document& document) {
    for (const auto& root : document.children()) {
        for (const auto& child : root.children()) {
            if (iequals(child.name(), "body")) return child;
        }
        if (iequals(root.name(), "body") || iequals(root.name(), "outline"))
            return root; // Some exports leave the frame away.
    }
    return {};
}

class Reader {
public:
    explicit Reader(Opml& opml) : m_opml(opml) {}

    // Iterative, because the nesting comes from outside.
    void read(const pugi::xml_node& body) {
        for (auto node = body.first_child(); node;) {
            const bool is_feed = visit(node);
            if (node.first_child()) {
                // An <outline> that was never closed holds all that follow; a feed is no category of theirs.
                m_path.push_back(is_feed ? "" : label(node));
                node = node.first_child();
                continue;
            }
            while (node && !node.next_sibling() && !m_path.empty()) {
                node = node.parent();
                m_path.pop_back();
            }
            if (node) node = node.next_sibling();
        }
    }

private:
    static std::string label(const pugi::xml_node& node) {
        const auto text = attribute(node, "text");
        return text.empty() ? attribute(node, "title") : text;
    }

    // Whether it is a feed's outline.
    bool visit(const pugi::xml_node& node) {
        if (!iequals(node.name(), "outline")) return false;
        Outline outline;
        outline.feed_url = attribute(node, "xmlUrl");
        if (outline.feed_url.empty() && iequals(attribute(node, "type"), "rss"))
            outline.feed_url = attribute(node, "url");
        if (outline.feed_url.empty()) return false;
        if (!m_seen.insert(outline.feed_url).second) return true;
        if (m_opml.outlines.size() >= k_max_feeds) {
            if (!m_full)
                m_opml.warnings.push_back(fmt::format("only the first {} feeds were read", k_max_feeds));
            m_full = true;
            return true;
        }
        outline.title = label(node);
        outline.site_url = attribute(node, "htmlUrl");
        for (const auto& name : m_path) add_category(outline, name);
        // "/Security/Vendors,apt": comma lists of slash paths (OPML 2.0, "category").
        const auto listed = attribute(node, "category");
        for (const auto part : split(listed, ',')) {
            const auto slash = part.rfind('/');
            add_category(outline,
                         std::string(trim(slash == std::string_view::npos ? part : part.substr(slash + 1))));
        }
        m_opml.outlines.push_back(std::move(outline));
        return true;
    }

    static void add_category(Outline& outline, const std::string& name) {
        if (name.empty() || outline.categories.size() >= k_max_categories) return;
        if (std::ranges::find(outline.categories, name) == outline.categories.end())
            outline.categories.push_back(name);
    }

    Opml& m_opml;
    std::vector<std::string> m_path;
    std::set<std::string> m_seen;
    bool m_full = false;
};

// Attribute values of XML 1.0 hold no control characters.
std::string attribute_text(std::string_view text) { return escape_html(printable(repair_utf8(text))); }

// What a comma list of slash paths can say; the group around it says the rest.
std::string category_list(const Outline& outline) {
    std::vector<std::string> names;
    for (const auto& name : outline.categories)
        if (name.find_first_of(",/") == std::string::npos) names.push_back("/" + name);
    return join(names, ",");
}

void write_outline(std::string& out, const Outline& outline, std::string_view indent) {
    const auto member = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) out += fmt::format(" {}=\"{}\"", name, attribute_text(value));
    };
    out += fmt::format("{}<outline type=\"rss\"", indent);
    member("text", outline.title.empty() ? outline.feed_url : outline.title);
    member("xmlUrl", outline.feed_url);
    member("htmlUrl", outline.site_url);
    if (outline.categories.size() > 1) member("category", category_list(outline));
    out += "/>\n";
}
}

Opml parse_opml(std::string_view bytes) {
    Opml opml;
    if (bytes.size() > k_max_bytes) {
        opml.error = fmt::format("it is larger than {} MiB", k_max_bytes >> 20);
        return opml;
    }
    pugi::xml_document document;
    Decoded decoded;
    decode(bytes, "", decoded);
    // References are decoded by us: pugixml knows the five of XML only, and lists of the wild hold HTML's.
    const auto parsed = document.load_buffer(decoded.text.data(), decoded.text.size(),
                                             pugi::parse_default & ~pugi::parse_escapes, pugi::encoding_utf8);
    const auto body = find_body(document);
    if (!body) {
        opml.error = parsed ? "it is not OPML: there is no <body>"
                            : fmt::format("it is not OPML: {} at byte {}", ascii_lower(parsed.description()),
                                          parsed.offset);
        return opml;
    }
    if (!parsed)
        opml.warnings.push_back(
            fmt::format("read up to byte {} only: {}", parsed.offset, ascii_lower(parsed.description())));
    opml.title = fold_space(
        repair_utf8(decode_entities(document.document_element().child("head").child_value("title"))));
    Reader(opml).read(iequals(body.name(), "outline") ? pugi::xml_node(document) : body);
    if (opml.outlines.empty() && !iequals(document.document_element().name(), "opml"))
        opml.error = "it is not OPML: no outline of it has an xmlUrl";
    return opml;
}

std::string write_opml(std::string_view title, const std::vector<Outline>& outlines) {
    std::map<std::string, std::vector<const Outline*>> groups;
    for (const auto& outline : outlines)
        groups[outline.categories.empty() ? "" : outline.categories.front()].push_back(&outline);
    std::string out = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head><title>{}</title></head>\n<body>\n",
        attribute_text(title));
    for (const auto& [name, members] : groups) {
        if (!name.empty()) out += fmt::format("<outline text=\"{}\">\n", attribute_text(name));
        for (const auto* outline : members) write_outline(out, *outline, name.empty() ? "" : "  ");
        if (!name.empty()) out += "</outline>\n";
    }
    return out + "</body>\n</opml>\n";
}
}
