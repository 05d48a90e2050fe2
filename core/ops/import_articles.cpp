#include "core/ops/import_articles.hpp"

#include "core/base/text.hpp"
#include "core/io/expanding_reader.hpp"
#include "core/ops/import_store.hpp"
#include "core/ops/run_row.hpp"
#include "core/sources/spec.hpp"
#include "core/sqlite/articles.hpp"

#include <fmt/format.h>
#include <iterator>
#include <map>
#include <utility>

namespace cti::ops {
namespace {

// So many articles, or bytes of their texts, are read before they are stored: sources that take turns in the
// file then have some in each transaction.
constexpr std::size_t k_max_batch = 1000, k_max_batch_bytes = 8U << 20;

std::unique_ptr<importer::Reader> open_file(const Environment& environment,
                                            const ArticleImportOptions& options) {
    if (options.is_sqlite)
        return sqlite::make_article_reader(
            options.path, {options.reading.max_record_bytes, environment.now(), environment.stop});
    auto file = std::make_shared<io::ExpandingReader>(options.path, environment.stop);
    return importer::make_reader([file] { return file->read(); }, options.reading);
}

class Import {
public:
    Import(const Environment& environment, const ArticleImportOptions& options, ArticleImportResult& result)
        : m_environment(environment), m_options(options), m_result(result),
          m_reader(open_file(environment, options)), m_store(environment, options, *m_reader, result) {}

    db::Database& database() { return m_store.database(); }
    void index() { m_store.index(); }

    void run() {
        while (!m_is_ended && !m_result.is_stopped) {
            store(read_batch());
            if (m_options.on_progress) m_options.on_progress(m_result.counts);
        }
    }

private:
    using BySource = std::vector<std::pair<std::string, std::vector<importer::Record>>>;

    // Sources in the order of their first article.
    BySource read_batch() {
        BySource batch;
        std::map<std::string, std::size_t> places;
        std::size_t bytes = 0;
        for (std::size_t count = 0; count < k_max_batch && bytes < k_max_batch_bytes; ++count) {
            auto record = m_reader->next();
            m_result.is_stopped = m_environment.is_stopped(); // It may have cut the record.
            m_is_ended = !record;
            if (!record || m_result.is_stopped) break;
            bytes += record->article.content.size();
            const auto source = source_of(*record);
            if (!record->fault.empty()) {
                ++m_result.counts.read;
                m_store.refuse(record->line, record->fault);
                continue;
            }
            const auto [place, is_new] = places.emplace(source, batch.size());
            if (is_new) batch.emplace_back(source, std::vector<importer::Record>());
            batch[place->second].second.push_back(std::move(*record));
        }
        return batch;
    }

    // Gives the record a fault where it has no source.
    std::string source_of(importer::Record& record) const {
        const bool is_named = !record.source.empty() && !sources::is_reserved_identifier(record.source);
        if (is_named || !record.fault.empty()) return record.source;
        if (m_options.source.empty())
            record.fault =
                record.source.empty()
                    ? "it names no source: --source ID says which one"
                    : fmt::format("its source '{}' belongs to the web service: --source ID says another one",
                                  printable(record.source));
        return m_options.source;
    }

    void store(BySource&& batch) {
        for (auto& [source, records] : batch) {
            m_result.is_stopped = m_result.is_stopped || m_environment.is_stopped();
            if (m_result.is_stopped) return;
            m_result.counts.read += std::ssize(records);
            m_store.add(source, std::move(records));
        }
    }

    const Environment& m_environment;
    const ArticleImportOptions& m_options;
    ArticleImportResult& m_result;
    std::unique_ptr<importer::Reader> m_reader;
    ImportStore m_store;
    bool m_is_ended = false;
};
}

ArticleImportResult import_articles(const Environment& environment, const ArticleImportOptions& options) {
    ArticleImportResult result;
    store::RunRow row;
    row.command = "import", row.started_at = environment.now();
    Import work(environment, options, result);
    work.run();
    if (options.dry_run) return result;
    work.index();
    row.result = result.is_stopped ? "interrupted" : result.counts.refused > 0 ? "partial" : "ok";
    row.finished_at = environment.now();
    row.entries = result.counts.read, row.inserted = result.counts.stored;
    record_finished_run(work.database(), row);
    return result;
}
}
