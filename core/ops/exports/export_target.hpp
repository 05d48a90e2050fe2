#pragma once
#include "core/ops/exports/export_articles.hpp"

#include <memory>
#include <string>

namespace cti::ops {

// Thrown to leave for_each_article(): the reader is gone, or somebody asks to stop.
struct Stopped {};

// Where the bytes of the articles go: one document, or a file for each article. write() throws Stopped where
// nobody reads.
class Target {
public:
    Target() = default;
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;
    virtual ~Target() = default;
    virtual void begin() {}
    virtual void article(const StoredArticle& article) = 0;
    // The file that will wait for its name after finish(), or "".
    virtual std::string waiting_file() const { return ""; }
    // All is written, and may be given out by close().
    virtual void finish() = 0;
    // That file stays, whatever happens: see Out::keep_temporary().
    virtual void keep_waiting(bool) {}
    virtual void close() {}
};

// Throws Error(usage) where the writer's options do not fit to the format, Error(output) where there is no
// place to write to.
std::unique_ptr<Target> make_target(const ExportOptions& options, const exporter::Format& format);

// What the options say, else the name of the file.
io::Compression choose_compression(const ExportOptions& options);
}
