#pragma once
#include "core/import/record.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

// Exports of ours, read as a stream: one article after the other, whatever the size of the file.
namespace cti::importer {

// The next bytes of the file; empty at its end. They live until the next call.
using Bytes = std::function<std::string_view()>;

enum class Format { by_content, ndjson, json, csv };

// Above what a page can hold as text, with every character escaped; a record that is larger is passed over.
constexpr std::size_t k_max_record_bytes = 64U << 20;

struct ReadOptions {
    Format format = Format::by_content;
    bool csv_raw = false; // the cells were written with --csv-raw
    std::size_t max_record_bytes = k_max_record_bytes;
};

// What a file says of a source beside its id; nothing of it is checked.
struct SourceDescription {
    std::string name, url, rss_url; // "": it does not say
};

class Reader {
public:
    Reader() = default;
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    virtual ~Reader() = default;

    // The next article, or why what stands there is none; nothing at the end. After a fault it goes on with
    // what follows.
    virtual std::optional<Record> next() = 0;
    // Nothing: the file names sources by their ids alone.
    virtual std::optional<SourceDescription> describe_source(const std::string&) const { return {}; }
};

// Throws Error(usage) where the file is none of these, or a table without a column that articles need.
std::unique_ptr<Reader> make_reader(Bytes bytes, const ReadOptions& options);
}
