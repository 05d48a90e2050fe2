#include "core/page/wp_json.hpp"

#include "core/base/date/date.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/page/html/html_text.hpp"

#include <nlohmann/json.hpp>

namespace cti::page {
namespace {
using Json = nlohmann::json;
constexpr std::size_t k_max_wp_posts = 500;
constexpr int k_max_wp_depth = 60;

const Json& member(const Json& object, const std::string& name) {
    static const Json nothing;
    if (!object.is_object()) return nothing;
    const auto it = object.find(name);
    return it != object.end() ? *it : nothing;
}

// "text", or {"rendered": "text"}.
std::string wp_text_of(const Json& value) {
    const auto& text = value.is_object() ? member(value, "rendered") : value;
    return text.is_string() ? repair_utf8(text.get_ref<const std::string&>()) : std::string();
}

std::optional<Time> date_of(const Json& post, const std::string& name) {
    // date_gmt has no zone and is UTC; the plain one is the site's local time.
    if (auto date = parse_date(wp_text_of(member(post, name + "_gmt")))) return date;
    return parse_date(wp_text_of(member(post, name)));
}

std::string address_of(const Json& post, const std::vector<std::string>& fields) {
    for (const auto& field : fields) {
        const auto text = wp_text_of(member(post, field));
        if (const auto url = trim(text); is_http_url(url)) return std::string(url);
    }
    return {};
}

WpPost read_post(const Json& value, const std::vector<std::string>& fields) {
    WpPost post;
    post.url = address_of(value, fields);
    post.title = fold_space(html_to_text(wp_text_of(member(value, "title"))));
    post.content = wp_text_of(member(value, "content"));
    post.excerpt = wp_text_of(member(value, "excerpt"));
    post.published = date_of(value, "date");
    post.modified = date_of(value, "modified");
    const auto& authors = member(member(value, "_embedded"), "author");
    if (authors.is_array()) {
        for (const auto& author : authors) {
            if (auto name = fold_space(wp_text_of(member(author, "name")));
                !name.empty() && post.authors.size() < 20)
                post.authors.push_back(std::move(name));
        }
    }
    return post;
}
}

WpPosts read_wp_json(std::string_view bytes, const std::vector<std::string>& url_fields) {
    WpPosts out;
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    if (is_nested_deeper(bytes, k_max_wp_depth)) {
        out.error = "nested too deep";
        return out;
    }
    const auto parsed = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
    if (parsed.is_discarded()) {
        out.error = "no JSON";
        return out;
    }
    if (const auto& message = member(parsed, "message"); parsed.is_object() && message.is_string()) {
        out.error = "the site says: " + printable(repair_utf8(message.get_ref<const std::string&>()));
        return out;
    }
    static const std::vector<std::string> k_fields{"link", "guid"};
    const auto& fields = url_fields.empty() ? k_fields : url_fields;
    const auto& list =
        parsed.is_object() && member(parsed, "posts").is_array() ? member(parsed, "posts") : parsed;
    const auto add = [&](const Json& value) {
        if (!value.is_object() || out.posts.size() >= k_max_wp_posts) return;
        if (auto post = read_post(value, fields); !post.url.empty()) out.posts.push_back(std::move(post));
    };
    if (list.is_array()) {
        for (const auto& value : list) add(value);
    } else {
        add(list);
    }
    if (out.posts.empty() && !(list.is_array() && list.empty())) out.error = "no posts in it";
    return out;
}
}
