#include "core/base/hash.hpp"
#include "core/base/text.hpp"
#include "core/export/harmless.hpp"
#include "core/export/writers.hpp"

#include <array>
#include <unordered_map>

// A feed of the articles by RFC 4287, for feed readers.
namespace cti::exporter {
namespace {
enum class Place { text, attribute };

bool is_plain(char c) { return c >= ' ' && c < 0x7F && c != '&' && c != '<' && c != '>' && c != '"'; }

// Readers fold line ends in text and in attributes (XML 1.0 sections 2.11 and 3.3.3): those that must come
// back are references. What XML cannot carry is left out.
void append_xml(std::string& out, std::string_view text, Place place = Place::text) {
    for (std::size_t pos = 0; pos < text.size();) {
        const auto begin = pos;
        while (pos < text.size() && is_plain(text[pos])) ++pos;
        out += text.substr(begin, pos - begin);
        if (pos == text.size()) return;
        const auto c = next_code_point(text, pos);
        const bool is_blank = c == '\t' || c == '\n';
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"' && place == Place::attribute)
            out += "&quot;";
        else if (c == '\r' || (is_blank && place == Place::attribute))
            out += c == '\r' ? "&#13;" : (c == '\t' ? "&#9;" : "&#10;");
        else if ((c >= 0x20 || is_blank) && c != 0xFFFE && c != 0xFFFF)
            append_utf8(out, c);
    }
}

void append_element(std::string& out, std::string_view open, std::string_view name, std::string_view text) {
    out.append("<").append(open).append(">");
    append_xml(out, text);
    out.append("</").append(name).append(">\n");
}
void append_element(std::string& out, std::string_view name, std::string_view text) {
    append_element(out, name, name, text);
}

// A UUID of version 8 (RFC 9562: its bits are the maker's own), of SHA-256.
std::string uuid_of(std::string_view key) {
    auto hex = sha256_hex(key).substr(0, 32);
    hex[12] = '8', hex[16] = '8';
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) +
           '-' + hex.substr(20);
}

std::string_view tlp_label(Tlp tlp) {
    constexpr std::array<std::string_view, 6> labels{"",          "TLP:CLEAR",        "TLP:GREEN",
                                                     "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"};
    return labels.at(static_cast<std::size_t>(tlp));
}

class AtomWriter : public Writer {
public:
    explicit AtomWriter(const Options& options)
        : m_content(options.content), m_tlp(options.tlp),
          m_when_empty(options.until ? options.until : options.since) {}

    void article(std::string& out, const StoredArticle& article) override {
        // The newest comes first, and the feed was updated when it was.
        open(out, article.published_at);
        out += "<entry>\n";
        append_element(out, "id", "urn:uuid:" + id_of(article));
        append_element(out, "title type=\"text\"", "title", article.title);
        append_element(out, "updated", format_rfc3339(article.published_at));
        append_element(out, "published", format_rfc3339(article.published_at));
        for (const auto& author : article.authors) append_author(out, author);
        const auto link = web_link(article.url);
        if (!link.empty()) append_empty(out, "link rel=\"alternate\" href", link);
        for (const auto& tag : article.tags)
            if (!trim(tag).empty()) append_empty(out, "category term", tag);
        append_source(out, article);
        append_texts(out, article, !link.empty());
        out += "</entry>\n";
    }

    void end(std::string& out) override {
        open(out, m_when_empty.value_or(Time{}));
        out += "</feed>\n";
    }

private:
    static void append_author(std::string& out, std::string_view name) {
        if (trim(name).empty()) return;
        out += "<author>";
        append_element(out, "name", name);
        out += "</author>\n";
    }

    static void append_empty(std::string& out, std::string_view until_value, std::string_view value) {
        out.append("<").append(until_value).append("=\"");
        append_xml(out, value, Place::attribute);
        out += "\"/>\n";
    }

    void open(std::string& out, Time updated) {
        if (m_is_open) return;
        m_is_open = true;
        out += "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n";
        append_element(out, "id", "urn:uuid:" + uuid_of("cti feed"));
        append_element(out, "title type=\"text\"", "title", "Threat intelligence reports");
        append_element(out, "updated", format_rfc3339(updated));
        out += "<author><name>cti</name></author>\n<generator>cti</generator>\n";
        if (m_tlp != Tlp::none) append_element(out, "rights type=\"text\"", "rights", tlp_label(m_tlp));
    }

    // By the address, which survives a restored database. A second article of one address is another entry.
    std::string id_of(const StoredArticle& article) {
        const auto id = uuid_of("cti article\n" + article.url);
        const auto before = m_times[id]++;
        return before == 0 ? id : uuid_of("cti article " + std::to_string(before) + "\n" + article.url);
    }

    static void append_source(std::string& out, const StoredArticle& article) {
        const auto link = web_link(article.source_url);
        if (link.empty()) return;
        out += "<source>\n";
        append_element(out, "id", link);
        append_element(out, "title type=\"text\"", "title",
                       article.source_name.empty() ? article.source : article.source_name);
        append_element(out, "updated", format_rfc3339(article.published_at));
        append_empty(out, "link rel=\"alternate\" href", link);
        out += "</source>\n";
    }

    void append_texts(std::string& out, const StoredArticle& article, bool has_link) const {
        const bool has_content = m_content && !article.content.empty();
        if (article.summary && !article.summary->empty())
            append_element(out, "summary type=\"text\"", "summary", *article.summary);
        // An entry without a link must have content (RFC 4287 section 4.1.2).
        if (has_content || !has_link)
            append_element(out, "content type=\"text\"", "content",
                           has_content ? article.content : article.title);
    }

    bool m_content, m_is_open = false;
    Tlp m_tlp;
    std::optional<Time> m_when_empty;
    std::unordered_map<std::string, int> m_times;
};
}

Needs needs_atom(const Options& options) { return {.content = options.content, .findings = false}; }
std::unique_ptr<Writer> make_atom(const Options& options) { return std::make_unique<AtomWriter>(options); }
}
