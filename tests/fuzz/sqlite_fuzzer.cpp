#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/sqlite/articles.hpp"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

// A database that comes in, read twice: the same rows and the same faults, each row once, and what is taken
// for an article has all that the tables ask for.
namespace {
using namespace cti::importer;

// Where it is read: SQLite wants a file, and looks for others beside it.
class Folder {
public:
    Folder() : m_path((std::filesystem::temp_directory_path() / "cti-fuzz-XXXXXX").string()) {
        if (mkdtemp(m_path.data()) == nullptr) std::abort();
    }
    ~Folder() { std::filesystem::remove_all(m_path); }
    std::string file() const { return m_path + "/old.db"; }

private:
    std::string m_path;
};

std::vector<Record> read_all(const std::string& path) {
    std::vector<Record> records;
    try {
        cti::sqlite::ArticleOptions options;
        options.max_cell_bytes = 4096;
        const auto reader = cti::sqlite::make_article_reader(path, options);
        while (auto record = reader->next()) records.push_back(std::move(*record));
        for (const auto& record : records) reader->describe_source(record.source);
    } catch (const cti::Error&) {
        return {};
    }
    return records;
}

bool is_fit(const Record& record) {
    const auto& article = record.article;
    const auto is_text = [](const std::string& text) {
        return text.size() <= 3 * 4096 && cti::is_valid_utf8(text) && text.find('\0') == std::string::npos;
    };
    return !article.url.empty() && !article.title.empty() && !article.content.empty() &&
           is_text(article.url) && is_text(article.title) && is_text(article.content) &&
           is_text(article.summary.value_or("")) && is_text(record.source);
}
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Folder folder;
    std::ofstream(folder.file(), std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    const auto records = read_all(folder.file()), again = read_all(folder.file());
    if (records.size() != again.size()) std::abort();
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i].line != again[i].line || records[i].fault != again[i].fault) std::abort();
        // The last one may tell that nothing more can be read.
        if (i > 0 && i + 1 < records.size() && records[i].line <= records[i - 1].line) std::abort();
        if (records[i].fault.empty() && !is_fit(records[i])) std::abort();
    }
    return 0;
}
