#pragma once
#include "core/model/article.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cti::exporter { // `export` is a word of the language

enum class Subject { articles, indicators };

// Traffic Light Protocol 2.0 (FIRST, 2022).
enum class Tlp { none, clear, green, amber, amber_strict, red };

struct Options {
    Subject of = Subject::articles; // for the formats that can do both
    std::vector<std::string> fields =
        {};                      // the keys or columns wanted, in this order; empty: all of the format's
    bool content = true;         // whole texts
    bool csv_raw = false;        // leave cells as they are that a spreadsheet would run as a formula
    bool bom = false;            // a byte order mark before CSV
    bool patterns = false;       // STIX: an indicator with a pattern for each observable
    bool defang = false;         // list: values made unclickable
    bool stock_programs = false; // Zeek: also names of programs that every system has
    Tlp tlp = Tlp::none;
    std::string bulk_index = {}; // ECS: action lines of Elasticsearch's bulk API for this index
    std::optional<Time> since = {}, until = {}; // what was asked for: the period of a digest
};

// One document: begin, any number of articles (newest first, their findings already selected), end. Each call
// appends to `out`, which the caller writes away and empties whenever it likes. What a writer must keep to
// write each thing once (ids of a STIX bundle, lines of a list) grows with the number of distinct values,
// never with texts. The same articles give the same bytes: no clock, no locale, no random numbers.
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

struct File {
    std::string name; // safe in any folder: letters, digits, "-", "_" and "."
    std::string content;
};

// A folder of files, for --output-dir.
class FolderWriter {
public:
    FolderWriter() = default;
    FolderWriter(const FolderWriter&) = delete;
    FolderWriter& operator=(const FolderWriter&) = delete;
    virtual ~FolderWriter() = default;

    virtual File article(const StoredArticle& article) = 0;
    virtual std::vector<File> end() { return {}; } // what refers to the others, written last
};

// What a format wants to know of an article. What it does not want is not read from the database.
struct Needs {
    bool content = false, findings = false;
    bool score = true; // It stands in the article's metadata, which may be long.
    bool discovered_at = true;
    bool analyses = false; // by language models
};

struct Format {
    std::string_view name, summary; // for --format and its help
    std::string_view extension;     // of its files, without the dot
    Needs (*needs)(const Options& options);
    std::unique_ptr<Writer> (*make)(const Options& options);
    // Null: one document an article.
    std::unique_ptr<FolderWriter> (*make_folder)(const Options& options) = nullptr;
    bool is_for_people = false; // International names stay as people write them.
};
std::span<const Format> formats();

// Null where no format has that name.
const Format* find_format(std::string_view name);
// The first that writes such files, by the name's end before ".gz" or ".zst"; ".jsonl" is ndjson. Null where
// none does, or where it tells nothing (".txt").
const Format* find_format_of_file(std::string_view name);
// The ending of a format's files that a name was likely meant to have: "csv" for "a.cvs". Empty where the
// name has no ending, has a format, or is like none.
std::string find_near_ending(std::string_view name);
// Throws Error(usage) where the options do not fit to the format: a field that it has not got, for example.
std::unique_ptr<Writer> make_writer(const Format& format, const Options& options = {});
std::unique_ptr<FolderWriter> make_folder_writer(const Format& format, const Options& options = {});
}
