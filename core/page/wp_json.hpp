#pragma once
#include "core/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Posts as WordPress gives them under /wp-json/wp/v2/posts.
namespace cti::page {

struct WpPost {
    std::string url, title;       // title: plain text
    std::string content, excerpt; // HTML
    std::optional<Time> published, modified;
    std::vector<std::string> authors; // only where the answer embeds them
};

struct WpPosts {
    std::vector<WpPost> posts; // in the answer's order, which is newest first
    std::string error;         // why nothing could be read, or ""
};

// `url_fields` are the names to take the address from, in their order: wp_json.url_field_priority of the
// source, or {"link", "guid"}. A field may be {"rendered": …}. A single post and {"posts": […]} are read too.
// At most 500 posts.
WpPosts read_wp_json(std::string_view bytes, const std::vector<std::string>& url_fields);
}
