#include "core/page/sitemap.hpp"

#include "core/base/date/date.hpp"
#include "core/base/encoding.hpp"
#include "core/base/html.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/page/html/tag_scanner.hpp"

#include <algorithm>

namespace cti::page {
namespace {
constexpr std::size_t k_max_entries = 50'000;
constexpr std::size_t k_max_bytes = 64U * 1024 * 1024; // The standard allows 50 MiB.
constexpr std::size_t k_max_value = 4096;

std::string_view local_name(std::string_view name) {
    const auto colon = name.rfind(':');
    return colon == name.npos ? name : name.substr(colon + 1);
}

class SitemapReader {
public:
    SitemapReader(std::string_view text, std::string_view url)
        : m_text(text.substr(0, k_max_bytes)), m_url(url) {}

    Sitemap run() {
        for (std::size_t pos = 0; pos < m_text.size();) {
            const auto next = std::min(m_text.find('<', pos), m_text.size());
            collect(m_text.substr(pos, next - pos));
            pos = next;
            if (pos < m_text.size()) read_markup(pos);
            if (m_out.pages.size() + m_out.sitemaps.size() >= k_max_entries) {
                m_out.warnings.emplace_back("more than 50,000 entries: the rest is left out");
                break;
            }
        }
        finish(); // The end tag of the last one may be cut off.
        if (!m_is_xml) read_lines();
        return std::move(m_out);
    }

private:
    enum class Field { none, address, date };

    void read_markup(std::size_t& pos) {
        constexpr std::string_view cdata = "<![CDATA[";
        if (m_text.substr(pos).starts_with(cdata)) {
            const auto start = pos + cdata.size();
            const auto end = std::min(m_text.find("]]>", start), m_text.size());
            m_value.append(m_text.substr(start, std::min(end - start, k_max_value)));
            pos = std::min(end + 3, m_text.size());
            return;
        }
        Tag tag;
        const auto before = pos;
        switch (scan_markup(m_text, pos, tag)) {
        case Markup::text: ++pos; break;
        case Markup::tag: use(tag); break;
        case Markup::nothing: break;
        }
        pos = std::max(pos, before + 1);
    }

    void use(const Tag& tag) {
        const auto name = ascii_lower(local_name(tag.name));
        if (name == "urlset" || name == "sitemapindex") m_is_xml = true;
        if (name == "url" || name == "sitemap") {
            finish();
            m_is_index = name == "sitemap";
            m_is_xml = true;
            return;
        }
        // <image:loc> is a picture's address, not the page's.
        const bool is_foreign = tag.name.find(':') != tag.name.npos &&
                                (istarts_with(tag.name, "image:") || istarts_with(tag.name, "video:") ||
                                 istarts_with(tag.name, "xhtml:"));
        const auto field = is_foreign                                        ? Field::none
                           : name == "loc"                                   ? Field::address
                           : name == "lastmod" || name == "publication_date" ? Field::date
                                                                             : Field::none;
        if (tag.closing) {
            if (field != Field::none && field == m_field) store();
            m_field = Field::none;
        } else {
            m_field = tag.self_closing ? Field::none : field;
            m_value.clear();
        }
    }

    void collect(std::string_view text) {
        if (m_field == Field::none || m_value.size() + text.size() > k_max_value) return;
        m_value += decode_entities(text);
    }

    void store() {
        const auto value = trim(m_value);
        if (m_field == Field::address) {
            if (m_entry.url.empty()) m_entry.url = resolve_url(m_url, value);
        } else if (const auto date = parse_date(value); date && !m_entry.modified) {
            m_entry.modified = date;
        }
    }

    void finish() {
        if (is_http_url(m_entry.url)) {
            (m_is_index ? m_out.sitemaps : m_out.pages).push_back(std::move(m_entry));
        } else if (!m_entry.url.empty() && m_out.warnings.empty()) {
            m_out.warnings.emplace_back("an entry that is no web address is left out");
        }
        m_entry = {};
    }

    void read_lines() {
        for (const auto line : split(m_text, '\n')) {
            const auto url = trim(line);
            if (url.size() < k_max_value && is_http_url(url) && url.find_first_of(" <>\"") == url.npos &&
                m_out.pages.size() < k_max_entries)
                m_out.pages.push_back({std::string(url), std::nullopt});
        }
        if (m_out.pages.empty()) m_out.warnings.emplace_back("not a sitemap");
    }

    std::string_view m_text, m_url;
    Sitemap m_out;
    SitemapEntry m_entry;
    Field m_field = Field::none;
    std::string m_value;
    bool m_is_index = false, m_is_xml = false;
};
}

Sitemap read_sitemap(std::string_view bytes, std::string_view content_type, std::string_view url) {
    Decoded decoded;
    decode(bytes, content_type, decoded);
    const auto clean =
        decoded.text.find('\0') == std::string_view::npos ? std::string() : repair_utf8(decoded.text);
    return SitemapReader(clean.empty() ? decoded.text : std::string_view(clean), url).run();
}

std::vector<SitemapEntry> newest_first(std::vector<SitemapEntry> entries, std::optional<Time> since) {
    if (since)
        std::erase_if(entries,
                      [&](const SitemapEntry& entry) { return entry.modified && *entry.modified < *since; });
    std::ranges::stable_sort(entries, [](const SitemapEntry& a, const SitemapEntry& b) {
        return a.modified && (!b.modified || *a.modified > *b.modified);
    });
    return entries;
}
}
