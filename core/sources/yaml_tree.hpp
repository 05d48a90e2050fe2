#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// A YAML document as a plain tree with line numbers. yaml-cpp's own nodes share their parts, so that a few
// lines of aliases stand for terabytes, and they forget whether a scalar was quoted.
namespace cti::sources {

struct YamlMember;

struct YamlNode {
    enum class Kind { null, scalar, sequence, mapping };
    Kind kind = Kind::null;
    bool quoted = false;             // the scalar is text, whatever it looks like
    int line = 0;                    // 1 is the first
    std::string text;                // of a scalar
    std::vector<YamlNode> items;     // of a sequence
    std::vector<YamlMember> members; // of a mapping, as they stand there

    bool is_null() const;
    bool is_sequence() const { return kind == Kind::sequence; }
    bool is_mapping() const { return kind == Kind::mapping; }
    // The value of the last member of that name (as the web service's parser has it), or nullptr.
    const YamlNode* find(std::string_view key) const;
};
struct YamlMember {
    YamlNode first, second; // key and value
};

constexpr std::size_t k_max_yaml_bytes = 10 * 1024 * 1024;
constexpr std::size_t k_max_yaml_depth = 64;
// With the copies that aliases stand for: the largest file read in earnest (40 sources) has 3,000 nodes.
constexpr std::size_t k_max_yaml_nodes = 500'000;

struct YamlDocument {
    YamlNode root;
    std::string error; // empty: the text was well-formed and within the limits
    int error_line = 0;
};
// One document, UTF-8. Merge keys (<<) are carried out.
YamlDocument parse_yaml(std::string_view text);
}
