#pragma once
#include <cstdint>

// Where the extraction draws its lines. Shares are parts of one; lengths are characters without white space.
namespace cti::page {

constexpr double k_max_frame_share = 0.4;
constexpr double k_max_comments_share = 0.9;
constexpr std::uint32_t k_min_folded = 150;
constexpr double k_max_folded_links = 0.3;
constexpr double k_min_named_body = 0.35;
constexpr double k_min_innermost = 0.85;
constexpr double k_min_article = 0.5;
constexpr double k_min_descent = 0.8;
constexpr std::uint32_t k_min_anchor = 300;
constexpr std::uint32_t k_max_caption = 600;
constexpr std::uint32_t k_max_label_good = 200;
constexpr std::uint32_t k_max_label_chars = 400;
constexpr double k_min_mostly_links = 0.7;
constexpr double k_min_teaser_links = 0.2;
constexpr std::uint32_t k_max_teaser = 450;
constexpr std::uint32_t k_max_worded = 300;
constexpr std::uint32_t k_max_closing = 500;
constexpr std::uint32_t k_min_paragraph = 45;
}
