#include "core/collect/backfill.hpp"

#include "core/store/own/indicators.hpp"
#include "core/store/read/search.hpp"

#include <limits>

namespace cti::collect {
namespace {
Article read_article(const store::UnreadArticle& unread, const Intelligence& intelligence) {
    Article article;
    article.findings = intelligence.find(unread.title, unread.content, unread.url);
    article.extractor_version = intel::k_extractor_version;
    return article;
}

long write_batch(db::Database& database, const store::UnreadBatch& batch, const Intelligence& intelligence) {
    std::vector<Article> articles;
    std::vector<store::NewFindings> findings;
    articles.reserve(batch.articles.size());
    for (const auto& unread : batch.articles) {
        articles.push_back(read_article(unread, intelligence));
        findings.push_back({unread.id, &articles.back()});
    }
    long written = 0;
    db::with_retry(database,
                   [&](db::Transaction& tx) { written = store::replace_older_findings(tx, findings); });
    return written;
}
}

BackfillProgress backfill(db::Database& database, const db::Schema& schema, const Intelligence& intelligence,
                          const BackfillOptions& options) {
    BackfillProgress progress;
    db::with_retry(database, [&](db::Transaction& tx) {
        if (options.again) store::forget_extractions(tx);
        progress.total = store::count_unread(tx, intel::k_extractor_version);
    });
    for (int last_id = 0; options.stop == nullptr || options.stop->load() == 0;) {
        store::UnreadBatch batch;
        db::with_retry(database, [&](db::Transaction& tx) {
            batch = store::find_unread(tx, schema, intel::k_extractor_version, last_id, options.batch);
        });
        if (batch.articles.empty()) break;
        last_id = batch.last_id;
        progress.read += write_batch(database, batch, intelligence);
        for (const auto& article : batch.articles)
            progress.bytes += static_cast<std::int64_t>(article.content.size());
        if (options.on_progress) options.on_progress(progress);
    }
    return progress;
}

namespace {
bool is_stopped(const std::atomic<int>* stop) { return stop != nullptr && stop->load() != 0; }

// Batch by batch behind `from`.
long index_behind(db::Database& database, const db::Schema& schema, const BackfillOptions& options, int from,
                  long most) {
    long done = 0;
    while (done < most && !is_stopped(options.stop)) {
        long read = 0;
        int last = from;
        db::with_retry(database, [&](db::Transaction& tx) {
            last = from;
            read = store::index_words(tx, schema, options.batch, last);
        });
        if (read == 0) {
            db::with_retry(database, [&](db::Transaction& tx) { store::note_indexed(tx, schema); });
            break;
        }
        from = last;
        done += read;
        if (options.on_progress) options.on_progress({done, 0, 0});
    }
    return done;
}
}

long index_search(db::Database& database, const db::Schema& schema, const BackfillOptions& options) {
    if (options.again) db::with_retry(database, [](db::Transaction& tx) { store::forget_words(tx); });
    return index_behind(database, schema, options, 0, std::numeric_limits<long>::max());
}

void index_new_articles(db::Database& database, const db::Schema& schema, const std::atomic<int>* stop) {
    constexpr long k_most = 5000;
    long from = 0;
    db::with_retry(database, [&](db::Transaction& tx) { from = store::read_indexed_to(tx); });
    BackfillOptions options;
    options.stop = stop;
    index_behind(database, schema, options, static_cast<int>(from), k_most);
}
}
