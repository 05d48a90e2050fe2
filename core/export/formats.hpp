#pragma once
#include "core/model.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cti::exporter { // `export` is a word of the language

struct Options {
    bool csv_raw = false; // leave cells as they are that a spreadsheet would run as a formula
};

// One document: begin, any number of articles, end. Each call appends to `out`, which the caller writes away
// and empties whenever it likes, so memory does not depend on the number of articles.
class Writer {
public:
    Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    virtual ~Writer() = default;

    virtual void begin(std::string&) {}
    virtual void article(std::string& out, const StoredArticle& article) = 0;
    virtual void end(std::string&) {}
};

struct Format {
    std::string_view name, summary; // for --format and its help
    std::unique_ptr<Writer> (*make)(const Options& options);
};
std::span<const Format> formats();

// Null where no format has that name.
std::unique_ptr<Writer> make_writer(std::string_view format, const Options& options = {});
}
