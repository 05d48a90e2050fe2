#include "core/store/own/export_cursors.hpp"

#include "core/store/sql.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::store {
ExportCursor read_export_cursor(db::Transaction& transaction, const std::string& name) {
    db::Params params;
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        SELECT last_id, beyond, exported, coalesce(pending_file, ''), coalesce(previous_last_id, 0), coalesce(previous_beyond, '{{}}'), revision
        FROM cti.export_cursors
        WHERE name = {})sql",
                                      params.add(name)),
                          params);
    if (rows.empty()) return {};
    const auto row = rows[0];
    return {number<int>(row[0]),
            read_int_array(view(row[1])),
            number<long>(row[2]),
            text(row[3]),
            {number<int>(row[4]), read_int_array(view(row[5]))},
            number<int>(row[6])};
}

ExportCursor::Place place_behind(db::Transaction& transaction, const db::Schema& schema,
                                 const ExportCursor::Place& before, const std::vector<int>& exported) {
    db::Params params;
    const auto zone = params.add(schema.time_zone);
    const auto rows = run(transaction,
                          fmt::format(R"sql(
        SELECT a.id
        FROM public.articles a
        WHERE a.discovered_at < {}
        ORDER BY a.id DESC
        LIMIT 1)sql",
                                      as_column_time(schema.articles.columns.find("discovered_at")->second,
                                                     "now() - interval '1 hour'", zone)),
                          params);
    ExportCursor::Place place;
    place.last_id = std::max(before.last_id, rows.empty() ? 0 : number<int>(rows[0][0]));
    for (const auto* ids : {&before.beyond, &exported})
        std::ranges::copy_if(*ids, std::back_inserter(place.beyond),
                             [&](int id) { return id > place.last_id; });
    std::ranges::sort(place.beyond);
    place.beyond.erase(std::unique(place.beyond.begin(), place.beyond.end()), place.beyond.end());
    return place;
}

void record_export_file(db::Transaction& transaction, const std::string& name, const std::string& file) {
    db::Params params;
    const auto key = params.add(name), made = params.add(file);
    run(transaction,
        fmt::format(R"sql(
        INSERT INTO cti.export_cursors AS c (name, made_files)
        VALUES ({}, ARRAY[{}::text])
        ON CONFLICT (name) DO UPDATE
        SET made_files = array_remove(c.made_files, excluded.made_files[1]) || excluded.made_files)sql",
                    key, made),
        params);
}

std::vector<std::string> list_export_files(db::Transaction& transaction, const std::string& name) {
    db::Params params;
    std::vector<std::string> files;
    for (const auto& row :
         run(transaction,
             fmt::format("SELECT unnest(made_files) FROM cti.export_cursors WHERE name = {}",
                         params.add(name)),
             params))
        files.push_back(text(row[0]));
    return files;
}

bool move_export_cursor(db::Transaction& transaction, const std::string& name, const ExportCursor& from,
                        const ExportCursor::Place& to, long exported, const std::string& pending_file,
                        bool again) {
    db::Params params;
    const auto key = params.add(name), revision = params.add(from.revision), last_id = params.add(to.last_id),
               beyond = params.add(int_array(to.beyond)), total = params.add(from.exported + exported),
               file = params.add(pending_file.empty() ? std::optional<std::string>() : pending_file),
               previous_id = params.add(from.previous.last_id),
               previous = params.add(int_array(from.previous.beyond)), is_again = params.add(again);
    return run(transaction,
               fmt::format(R"sql(
        INSERT INTO cti.export_cursors AS c (name, last_id, beyond, exported, pending_file, previous_last_id, previous_beyond, revision)
        SELECT {}, {}::int, {}::int[], {}::bigint, {}::text, {}::int, {}::int[], 1
        WHERE {}::int = 0 OR EXISTS (SELECT 1 FROM cti.export_cursors e WHERE e.name = {})
        ON CONFLICT (name) DO UPDATE
        SET last_id = excluded.last_id, beyond = excluded.beyond, exported = excluded.exported, pending_file = excluded.pending_file,
            previous_last_id = excluded.previous_last_id, previous_beyond = excluded.previous_beyond, revision = c.revision + 1,
            updated_at = now()
        WHERE c.revision = {}::int
           OR {}::bool AND c.revision = {}::int + 1 AND c.last_id = excluded.last_id AND c.beyond = excluded.beyond
              AND c.exported = excluded.exported AND c.pending_file IS NOT DISTINCT FROM excluded.pending_file)sql",
                           key, last_id, beyond, total, file, previous_id, previous, revision, key, revision,
                           is_again, revision),
               params)
               .affected_rows() == 1;
}

void confirm_export(db::Transaction& transaction, const std::string& name, const std::string& file,
                    const std::vector<std::string>& gone) {
    db::TextArray files;
    for (const auto& one : gone) files.add(one);
    db::Params params;
    const auto key = params.add(name), pending = params.add(file), forgotten = params.add(files.finish());
    run(transaction,
        fmt::format(R"sql(
        UPDATE cti.export_cursors
        SET pending_file = nullif(pending_file, {}::text),
            made_files = ARRAY(SELECT f FROM unnest(made_files) WITH ORDINALITY AS m (f, n) WHERE f <> ALL ({}::text[]) ORDER BY n)
        WHERE name = {})sql",
                    pending, forgotten, key),
        params);
}
}
