#pragma once
#include "core/base/time.hpp"
#include "core/import/reader.hpp"

#include <atomic>
#include <memory>
#include <string>

// The articles of a database of the former command-line tool, which SQLAlchemy wrote.
namespace cti::sqlite {

struct ArticleOptions {
    std::size_t max_cell_bytes = importer::k_max_record_bytes;
    Time now; // when articles were published that have no time of any kind
    const std::atomic<int>* stop = nullptr;
};

// In the order of their row numbers, which stand for the lines of a file. Throws Error(usage) where it is no
// such database, see Database; next() throws Error(check) at the end where somebody has changed it meanwhile.
std::unique_ptr<importer::Reader> make_article_reader(const std::string& path, const ArticleOptions& options);
}
