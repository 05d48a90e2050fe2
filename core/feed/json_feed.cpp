#include "core/base/date/date.hpp"
#include "core/base/html.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/feed/formats.hpp"
#include "core/feed/markup.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cti::feed {
namespace {
using Json = nlohmann::json;
constexpr std::size_t k_max_json_list = 1000;

const Json& member(const Json& object, const char* name) {
    static const Json nothing;
    if (!object.is_object()) return nothing;
    const auto it = object.find(name);
    return it != object.end() ? *it : nothing;
}

// Numbers too: ids are written so in the wild.
std::string text_of(const Json& value) {
    if (value.is_string()) return repair_utf8(value.get_ref<const std::string&>());
    if (value.is_number_integer() || value.is_number_float()) return value.dump();
    return {};
}
std::string text_of(const Json& object, const char* name) { return text_of(member(object, name)); }

std::vector<Person> read_authors(const Json& object, const std::string& base) {
    std::vector<Person> out;
    const auto add = [&](const Json& author) {
        Person person;
        if (author.is_string()) {
            person.name = fold_space(text_of(author));
        } else {
            person.name = fold_space(text_of(author, "name"));
            person.uri = resolve_url(base, text_of(author, "url"));
            if (istarts_with(person.uri, "mailto:")) person.email = person.uri.substr(7);
            if (auto email = text_of(author, "email"); !email.empty()) person.email = std::move(email);
        }
        if ((!person.name.empty() || !person.uri.empty() || !person.email.empty()) &&
            out.size() < k_max_json_list)
            out.push_back(std::move(person));
    };
    const auto& authors = member(object, "authors"); // 1.1; "author" is 1.0.
    if (authors.is_array()) {
        for (const auto& author : authors) add(author);
    } else if (!authors.is_null()) {
        add(authors);
    }
    if (const auto& author = member(object, "author"); out.empty() && author.is_array()) {
        for (const auto& one : author) add(one);
    } else if (out.empty() && !author.is_null()) {
        add(author);
    }
    return out;
}

void read_attachments(const Json& item, const std::string& base, Entry& entry) {
    const auto& attachments = member(item, "attachments");
    if (!attachments.is_array()) return;
    for (const auto& attachment : attachments) {
        Enclosure enclosure{resolve_url(base, text_of(attachment, "url")), text_of(attachment, "mime_type"),
                            std::nullopt};
        const auto& size = member(attachment, "size_in_bytes");
        if (size.is_number() && size.get<double>() >= 0 && size.get<double>() < 9e18)
            enclosure.length = static_cast<long long>(size.get<double>());
        if (size.is_string() && size.get_ref<const std::string&>().size() < 18) {
            const auto& digits = size.get_ref<const std::string&>();
            if (!digits.empty() && std::ranges::all_of(digits, is_ascii_digit))
                enclosure.length = std::stoll(digits);
        }
        if (!enclosure.url.empty() && entry.enclosures.size() < k_max_json_list)
            entry.enclosures.push_back(std::move(enclosure));
    }
}

std::optional<Time> read_date(const Json& item, const char* name, Feed& feed) {
    const auto raw = text_of(item, name);
    if (raw.empty()) return std::nullopt;
    auto time = parse_date(raw);
    if (!time && feed.warnings.size() < 100)
        feed.warnings.push_back("a date could not be read: '" + std::string(head_code_points(raw, 60)) + "'");
    return time;
}

Entry read_item(const Json& item, const std::string& base, Feed& feed) {
    Entry entry;
    entry.id = text_of(item, "id");
    entry.link = resolve_url(base, text_of(item, "url"));
    if (entry.link.empty()) entry.link = resolve_url(base, text_of(item, "external_url"));
    if (entry.link.empty() && is_http_url(entry.id)) entry.link = entry.id;
    if (entry.id.empty()) entry.id = entry.link;
    entry.title = plain_text(text_of(item, "title"), false);
    entry.content = text_of(item, "content_html");
    make_links_absolute(entry.content, base);
    if (entry.content.empty()) entry.content = escape_html(text_of(item, "content_text"));
    entry.summary = escape_html(text_of(item, "summary"));
    entry.published_raw = text_of(item, "date_published");
    entry.published = read_date(item, "date_published", feed);
    entry.updated = read_date(item, "date_modified", feed);
    entry.authors = read_authors(item, base);
    if (const auto& tags = member(item, "tags"); tags.is_array()) {
        for (const auto& tag : tags) {
            if (auto text = fold_space(text_of(tag)); !text.empty() && entry.tags.size() < k_max_json_list)
                entry.tags.push_back(std::move(text));
        }
    } else if (auto text = fold_space(text_of(tags)); !text.empty()) {
        entry.tags.push_back(std::move(text));
    }
    read_attachments(item, base, entry);
    return entry;
}
// Commas before a closing bracket and line ends inside of strings: JSON forbids both, people write both.
std::string repair_json(std::string_view text) {
    std::string out;
    bool in_string = false;
    std::size_t comma = std::string::npos; // the last one that only blanks follow
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string && c == '\\' && i + 1 < text.size()) {
            (out += c) += text[++i];
        } else if (in_string && (c == '\n' || c == '\t')) {
            out += c == '\n' ? "\\n" : "\\t";
        } else {
            if (!in_string && (c == ']' || c == '}') && comma != std::string::npos) out.erase(comma, 1);
            if (!in_string && !is_ascii_space(c)) comma = c == ',' ? out.size() : std::string::npos;
            if (c == '"') in_string = !in_string;
            out += c;
        }
    }
    return out;
}
}

bool read_json_feed(std::string_view text, const ParseOptions& options, Feed& feed) {
    constexpr int k_max_depth = 64;
    if (is_nested_deeper(text, k_max_depth)) return false;
    auto document = Json::parse(text, nullptr, false, true);
    const bool repaired = document.is_discarded();
    if (repaired) document = Json::parse(repair_json(text), nullptr, false, true);
    if (!document.is_object()) return false;
    const auto version = text_of(document, "version");
    const auto& items = member(document, "items");
    if (version.find("jsonfeed.org") == std::string::npos && !items.is_array()) return false;
    feed.format = version.find("1.1") != std::string::npos ? "jsonfeed11" : "jsonfeed10";
    if (repaired) feed.warnings.emplace_back("the JSON is ill-formed and was repaired");
    const std::string self = resolve_url(options.url, text_of(document, "feed_url"));
    const std::string& base = options.url.empty() ? self : options.url;
    feed.title = plain_text(text_of(document, "title"), false);
    feed.link = resolve_url(base, text_of(document, "home_page_url"));
    feed.id = self;
    feed.description = escape_html(text_of(document, "description"));
    feed.language = text_of(document, "language");
    feed.image = resolve_url(base, text_of(document, "icon"));
    if (feed.image.empty()) feed.image = resolve_url(base, text_of(document, "favicon"));
    feed.authors = read_authors(document, base);
    if (!items.is_array()) return true;
    for (const auto& item : items) {
        if (feed.entries.size() >= options.max_entries) {
            feed.warnings.emplace_back("more entries than are read of one feed: the rest was left out");
            break;
        }
        if (!item.is_object()) continue;
        feed.entries.push_back(read_item(item, base, feed));
        // The format has no dates of its own for the feed: the newest item's are it.
        const auto& entry = feed.entries.back();
        if (entry.published)
            feed.published = std::max(feed.published.value_or(*entry.published), *entry.published);
        if (entry.updated) feed.updated = std::max(feed.updated.value_or(*entry.updated), *entry.updated);
        if (feed.entries.back().authors.empty()) feed.entries.back().authors = feed.authors;
    }
    return true;
}
}
