#include "core/ops/backfill.hpp"

#include <optional>

namespace cti::ops {

BackfillResult backfill(const Environment& environment, const BackfillOptions& options,
                        const BackfillObserver& observer) {
    const auto intelligence = make_intelligence(options.intelligence);
    auto database = environment.connect();
    std::optional<db::Schema> schema;
    {
        db::Transaction tx(database, db::Access::read_only);
        schema = db::read_schema(tx);
    }
    if (observer.on_begin) observer.on_begin();
    collect::BackfillOptions reading;
    reading.batch = options.batch;
    reading.again = options.again;
    reading.stop = environment.stop;
    reading.on_progress = observer.on_progress;
    BackfillResult result;
    result.read = collect::backfill(database, *schema, *intelligence, reading);
    if (observer.on_read) observer.on_read(result.read);
    reading.on_progress = [&](const collect::BackfillProgress& progress) {
        if (observer.on_index_progress) observer.on_index_progress(progress.read);
    };
    result.indexed = collect::index_search(database, *schema, reading);
    return result;
}
}
