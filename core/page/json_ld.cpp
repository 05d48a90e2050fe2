#include "core/page/json_ld.hpp"

#include "core/base/html.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/page/html/html_text.hpp"
#include "core/page/same_page.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace cti::page {
namespace {
using Json = nlohmann::json;
constexpr int k_max_depth = 40;
constexpr std::size_t k_max_script = 2U * 1024 * 1024;
constexpr std::size_t k_max_objects = 5000;
constexpr std::size_t k_max_authors = 50;

const Json& member(const Json& object, const char* name) {
    static const Json nothing;
    if (!object.is_object()) return nothing;
    const auto it = object.find(name);
    return it != object.end() ? *it : nothing;
}

std::string text_of(const Json& value) {
    if (value.is_array()) return value.empty() ? std::string() : text_of(value.front());
    if (value.is_object()) return text_of(member(value, "@value"));
    if (!value.is_string()) return {};
    return fold_space(decode_entities(repair_utf8(value.get_ref<const std::string&>())));
}

// Scripts hold line ends in strings, comment and CDATA marks, a closing semicolon: a browser's parser is not
// asked.
std::string cleaned(std::string_view script) {
    script = trim(script);
    for (const std::string_view mark : {"<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA["}) {
        if (script.starts_with(mark)) script = trim(script.substr(mark.size()));
    }
    for (const std::string_view mark : {"-->", "//]]>", "/*]]>*/", "]]>", ";"}) {
        if (script.ends_with(mark)) script = trim(script.substr(0, script.size() - mark.size()));
    }
    std::string out(script.substr(0, k_max_script));
    std::ranges::replace_if(
        out, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return out;
}

// All objects of the scripts, outermost first; no recursion.
class Objects {
public:
    void add(std::string_view script) {
        const auto text = cleaned(script);
        if (text.empty() || is_nested_deeper(text, k_max_depth)) return;
        auto parsed = Json::parse(text, nullptr, false);
        if (parsed.is_discarded()) parsed = Json::parse(without_trailing_commas(text), nullptr, false);
        if (!parsed.is_discarded()) m_documents.push_back(std::move(parsed));
    }

    void collect() {
        struct Open {
            const Json* value;
            bool is_listed;
        };
        std::vector<Open> open;
        for (const auto& document : m_documents) open.push_back({&document, false});
        for (std::size_t i = 0; i < open.size() && i < k_max_objects; ++i) {
            const auto [pointer, is_listed] = open[i];
            const auto& value = *pointer;
            if (value.is_object()) {
                m_objects.push_back(&value);
                if (is_listed) m_listed.insert(&value);
                if (const auto id = text_of(member(value, "@id")); !id.empty() && value.size() > 1)
                    m_by_id.emplace(id, &value);
            }
            if (!value.is_structured()) continue;
            for (auto it = value.begin(); it != value.end(); ++it) {
                if (it->is_structured())
                    open.push_back({&*it, is_listed || (value.is_object() && is_list(it.key(), *it))});
            }
        }
    }

    const std::vector<const Json*>& all() const { return m_objects; }
    // An entry of a list, or named by another one: an article of its own.
    bool is_listed(const Json* object) const { return m_listed.contains(object); }

    // {"@id": "…"} stands for the object of that name.
    const Json& resolved(const Json& value) const {
        if (!value.is_object() || value.contains("name")) return value;
        const auto it = m_by_id.find(text_of(member(value, "@id")));
        return it != m_by_id.end() ? *it->second : value;
    }

private:
    static bool is_list(std::string_view property, const Json& value) {
        static constexpr std::string_view names[] = {
            "itemListElement", "mentions",        "citation",    "relatedLink", "isBasedOn",
            "subjectOf",       "significantLink", "workExample", "backstory",   "isRelatedTo"};
        if (property == "blogPost" || property == "blogPosts") return value.is_array() && value.size() > 1;
        return std::ranges::find(names, property) != std::end(names);
    }

    static std::string without_trailing_commas(const std::string& text) {
        std::string out;
        out.reserve(text.size());
        bool in_string = false;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char c = text[i];
            if (in_string && c == '\\' && i + 1 < text.size()) {
                out.append(text, i++, 2);
                continue;
            }
            if (c == '"') in_string = !in_string;
            if (!in_string && c == ',') {
                const auto next = text.find_first_not_of(' ', i + 1);
                if (next != std::string::npos && (text[next] == '}' || text[next] == ']')) continue;
            }
            out += c;
        }
        return out;
    }

    std::vector<Json> m_documents;
    std::vector<const Json*> m_objects;
    std::set<const Json*> m_listed;
    std::map<std::string, const Json*> m_by_id;
};

enum class Type { other, site, page, article };

Type type_of_name(std::string_view name) {
    if (const auto slash = name.find_last_of('/'); slash != name.npos) name.remove_prefix(slash + 1);
    if (name == "WebSite") return Type::site;
    if (name.ends_with("Article") || name.ends_with("BlogPosting") || name == "Report" ||
        name == "SocialMediaPosting" || name == "Review" || name == "ReviewNewsArticle" ||
        name == "DiscussionForumPosting" || name == "Recipe" || name == "Course" || name == "HowTo" ||
        name == "AdvertiserContentArticle")
        return Type::article;
    if (name.ends_with("WebPage") || name == "ItemPage" || name == "FAQPage" || name == "AboutPage")
        return Type::page;
    return Type::other;
}

Type type_of(const Json& object) {
    const auto& type = member(object, "@type");
    if (type.is_string()) return type_of_name(type.get_ref<const std::string&>());
    auto best = Type::other;
    if (type.is_array()) {
        for (const auto& one : type) {
            if (one.is_string()) best = std::max(best, type_of_name(one.get_ref<const std::string&>()));
        }
    }
    return best;
}

std::string address_of(const Json& object) {
    for (const char* name : {"url", "mainEntityOfPage", "@id"}) {
        const auto& value = member(object, name);
        auto text = value.is_object() ? text_of(member(value, "@id")) : text_of(value);
        if (!text.empty()) return text;
    }
    return {};
}

void add_author(const Objects& objects, const Json& value, std::vector<std::string>& out) {
    const auto& author = objects.resolved(value);
    auto name = author.is_object() ? text_of(member(author, "name")) : text_of(author);
    if (!name.empty() && out.size() < k_max_authors && std::ranges::find(out, name) == out.end())
        out.push_back(std::move(name));
}

std::vector<std::string> authors_of(const Objects& objects, const Json& object) {
    std::vector<std::string> out;
    for (const char* name : {"author", "creator"}) {
        const auto& value = member(object, name);
        if (value.is_array()) {
            for (const auto& one : value) add_author(objects, one, out);
        } else if (value.is_object() && member(value, "name").is_array()) {
            for (const auto& one : member(value, "name")) add_author(objects, one, out);
        } else if (!value.is_null()) {
            add_author(objects, value, out);
        }
        if (!out.empty()) break;
    }
    return out;
}

void set_if_empty(std::string& field, std::string value) {
    if (field.empty()) field = std::move(value);
}

void read_article(const Objects& objects, const Json& object, StructuredData& out) {
    set_if_empty(out.headline, text_of(member(object, "headline")));
    set_if_empty(out.headline, text_of(member(object, "name")));
    set_if_empty(out.description, text_of(member(object, "description")));
    set_if_empty(out.published, text_of(member(object, "datePublished")));
    set_if_empty(out.published, text_of(member(object, "dateCreated")));
    set_if_empty(out.modified, text_of(member(object, "dateModified")));
    set_if_empty(out.language, text_of(member(object, "inLanguage")));
    set_if_empty(out.url, address_of(object));
    set_if_empty(out.section, text_of(member(object, "articleSection")));
    if (out.body.empty()) {
        const auto& body = member(object, "articleBody").is_null() ? member(object, "reviewBody")
                                                                   : member(object, "articleBody");
        if (body.is_string()) out.body = html_to_text(body.get_ref<const std::string&>());
    }
    set_if_empty(out.site_name, text_of(member(objects.resolved(member(object, "publisher")), "name")));
    if (out.authors.empty()) out.authors = authors_of(objects, object);
}
}

StructuredData read_json_ld(const std::vector<std::string_view>& scripts, std::string_view url) {
    Objects objects;
    for (const auto script : scripts) objects.add(script);
    objects.collect();
    StructuredData out;
    const Json* best = nullptr;
    for (const auto* object : objects.all()) {
        if (type_of(*object) != Type::article) continue;
        if (best == nullptr && !objects.is_listed(object)) best = object;
        if (!url.empty() && is_same_page(address_of(*object), url)) {
            best = object;
            break;
        }
    }
    for (const auto* object : objects.all()) {
        if (object == best || !objects.is_listed(object)) continue;
        if (auto day = text_of(member(*object, "datePublished")); !day.empty())
            out.listed_days.push_back(std::move(day));
    }
    if (best != nullptr) {
        out.is_article = true;
        read_article(objects, *best, out);
    }
    for (const auto* object : objects.all()) {
        const auto type = type_of(*object);
        if (type == Type::site) set_if_empty(out.site_name, text_of(member(*object, "name")));
        if (type != Type::page || objects.is_listed(object)) continue;
        set_if_empty(out.published, text_of(member(*object, "datePublished")));
        set_if_empty(out.modified, text_of(member(*object, "dateModified")));
        set_if_empty(out.language, text_of(member(*object, "inLanguage")));
        if (out.authors.empty()) out.authors = authors_of(objects, *object);
    }
    return out;
}
}
