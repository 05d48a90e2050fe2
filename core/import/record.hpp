#pragma once
#include "core/model/article.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What an export of ours says of one article.
namespace cti::importer { // `import` is a word of the language

struct Record {
    long line = 0;      // where it begins in the file, from 1
    std::string fault;  // why it is no article, ready to follow the line's number; "": it is one
    std::string source; // identifier; "" names none
    Article article; // what the file says of it: address, title, text, summary, authors, tags, published_at
    std::optional<Time> discovered_at; // where it comes from
};

// The keys of docs/reference.md that are read; all others are passed over, as they can be made again.
enum class Key { source, title, url, published_at, authors, tags, summary, content, discovered_at };
constexpr std::array<std::string_view, 9> k_key_names = {
    "source", "title", "url", "published_at", "authors", "tags", "summary", "content", "discovered_at"};
constexpr std::string_view name_of(Key key) { return k_key_names[static_cast<std::size_t>(key)]; }
std::optional<Key> find_key(std::string_view name);
constexpr bool is_list(Key key) { return key == Key::authors || key == Key::tags; }
constexpr bool is_required(Key key) {
    return key == Key::title || key == Key::url || key == Key::published_at || key == Key::content;
}

// One value as it stands there, before anybody has asked whether it can be right.
struct Value {
    bool is_given = false;
    std::string text;
    std::vector<std::string> list;
    std::string fault; // of the wrong kind
};
class Values {
public:
    Value& operator[](Key key) { return m_values[static_cast<std::size_t>(key)]; }

private:
    std::array<Value, k_key_names.size()> m_values;
};

// Checks everything that the tables, and whoever reads them, rely on; takes what it needs out of `values`.
Record make_record(Values& values, long line);
Record make_fault(long line, std::string fault);
}
