#include "core/collect/backfill.hpp"

#include "core/store/own/derived.hpp"
#include "core/store/own/progress.hpp"

namespace cti::collect {
namespace {

bool is_stopped(const std::atomic<int>* stop) { return stop != nullptr && stop->load() != 0; }

Article make_article(const store::PendingArticle& pending, const pipeline::Step& step,
                     const pipeline::StepTools& tools) {
    Article article;
    article.url = pending.url, article.title = pending.title, article.content = pending.content;
    if (pending.is_own && step.reads != StepReads::fingerprint) pipeline::run_step(step, tools, article);
    return article;
}

void write_batch(db::Database& database, const db::Schema& schema, const pipeline::Step& step,
                 const pipeline::StepTools& tools, const store::PendingBatch& batch) {
    std::vector<Article> articles;
    std::vector<store::MadeArticle> made;
    articles.reserve(batch.articles.size());
    for (const auto& pending : batch.articles) {
        articles.push_back(make_article(pending, step, tools));
        made.push_back({&pending, &articles.back()});
    }
    db::with_retry(database,
                   [&](db::Transaction& tx) { store::write_pending(tx, schema, done_by(step), made); });
}

void tidy(db::Database& database, const pipeline::Step& step, const std::atomic<int>* stop) {
    constexpr long k_many = 4096; // what is less, autovacuum finds in time
    for (long rewritten = 1; rewritten > 0 && !is_stopped(stop);) {
        db::with_retry(database, [&](db::Transaction& tx) { rewritten = store::tidy_step(tx, step.name); });
        if (rewritten >= k_many) store::vacuum_step(database, step.name);
    }
}

// Batch by batch above `after_id`, `max` articles at most. Where none is left, that is noted.
BackfillProgress run_batches(db::Database& database, const db::Schema& schema, const pipeline::Step& step,
                             const pipeline::StepTools& tools, const BackfillOptions& options, long after_id,
                             long max, store::PendingRows rows = store::PendingRows::all) {
    // Nothing is read but ids where the database makes it from the rows.
    constexpr int k_max_ids = 5000;
    const int size = step.reads == StepReads::fingerprint ? k_max_ids : options.batch;
    BackfillProgress progress;
    while (progress.done < max && !is_stopped(options.stop)) {
        store::PendingBatch batch;
        db::with_retry(database, [&](db::Transaction& tx) {
            batch = store::find_pending(tx, schema, done_by(step), step.reads, after_id, size, rows);
            if (batch.articles.empty() && rows == store::PendingRows::all)
                store::keep_progress_to_last_hour(tx, schema, store::progress_of(done_by(step)));
        });
        if (batch.articles.empty()) break;
        write_batch(database, schema, step, tools, batch);
        tidy(database, step, options.stop);
        after_id = batch.last_id;
        progress.done += static_cast<long>(batch.articles.size());
        for (const auto& article : batch.articles)
            progress.bytes += static_cast<std::int64_t>(article.content.size());
        if (options.on_progress) options.on_progress(progress);
    }
    return progress;
}
}

StepDone done_by(const pipeline::Step& step) { return {step.name, step.version}; }

BackfillProgress backfill(db::Database& database, const db::Schema& schema, const pipeline::Step& step,
                          const pipeline::StepTools& tools, const BackfillOptions& options) {
    long total = 0;
    db::with_retry(database, [&](db::Transaction& tx) {
        if (options.again) store::forget_step(tx, step.name);
        total = store::count_pending(tx, schema, done_by(step));
    });
    auto with_total = options;
    with_total.on_progress = [&](BackfillProgress progress) {
        progress.total = total;
        if (options.on_progress) options.on_progress(progress);
    };
    auto done = run_batches(database, schema, step, tools, with_total, 0, std::numeric_limits<long>::max());
    done.total = total;
    return done;
}

void catch_up(db::Database& database, const db::Schema& schema, const pipeline::Step& step,
              const std::atomic<int>* stop, long max_articles) {
    long from = 0;
    db::with_retry(database, [&](db::Transaction& tx) {
        from = store::read_progress(tx, store::progress_of(done_by(step)));
    });
    BackfillOptions options;
    options.stop = stop;
    const auto done = run_batches(database, schema, step, {}, options, from, max_articles).done;
    if (!step.in_article_transaction)
        run_batches(database, schema, step, {}, options, 0, max_articles - done, store::PendingRows::marked);
}
}
