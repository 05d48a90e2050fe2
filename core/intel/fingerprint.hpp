#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

// Hashes as the web service computes them, bit for bit.
namespace cti::intel {

class ArticleText;

// SHA-256 hex of (0) the content: its scheduled worker, and what cti stores; (1) title + "\n" + content; (2)
// both normalised (lower case, tags stripped, white space folded). All three occur in articles.content_hash
// of real databases.
std::array<std::string, 3> content_hashes(ArticleText& text);
std::array<std::string, 3> content_hashes(std::string_view title, std::string_view content);

// 64-bit simhash over the words of title and content; 0 where there are none.
std::uint64_t simhash(ArticleText& text);
std::uint64_t simhash(std::string_view title, std::string_view content);
constexpr int simhash_bucket(std::uint64_t hash) { return static_cast<int>(hash % 16); }
int hamming_distance(std::uint64_t a, std::uint64_t b);

// Words separated by white space, as Python's str.split() counts them.
int count_words(std::string_view text);
}
