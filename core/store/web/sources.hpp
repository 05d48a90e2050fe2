#pragma once
#include "core/db/schema.hpp"
#include "core/model.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

// public.sources, and what cti remembers of each source in cti.source_state.
namespace cti::store {

// Rows that belong to the web service itself ('manual', 'eval_articles', addresses that are not http): listed
// nowhere, never touched.
bool is_internal(const Source& source);

std::vector<Source> list_sources(db::Transaction& transaction,
                                 const db::Schema& schema); // without the internal ones, by identifier
std::optional<Source> find_source(db::Transaction& transaction, const db::Schema& schema,
                                  std::string_view identifier);
// Whether any row has it, the internal ones too.
bool has_identifier(db::Transaction& transaction, const std::string& identifier);
// Active, with an address, and check_frequency has passed since last_check by the server's clock.
std::vector<Source> find_due(db::Transaction& transaction, const db::Schema& schema);

// Returns the new id. Throws Error(usage) when the identifier is taken, Error(schema) where the table has a
// column that it cannot fill.
int insert_source(db::Transaction& transaction, const db::Schema& schema, const SourceSpec& spec);
// Brings the row to the spec; what the spec does not say stays. `active` is changed only when set_active.
// Keys of `config` that the operator owns in the web service (image_ocr_enabled) keep the database's value.
void update_source(db::Transaction& transaction, const db::Schema& schema, int id, const SourceSpec& spec,
                   bool set_active);
// The whole config, as the operator wants it: keys that it lacks go.
void set_config(db::Transaction& transaction, const db::Schema& schema, int id,
                const std::string& config_json);
void set_active(db::Transaction& transaction, const db::Schema& schema, int id, bool active);

// What goes with a source.
struct SourceContents {
    long articles = 0, checks = 0;
    // Rows of other tables that refer to these, by table ("article_annotations", of other schemas
    // "lab.reviews"); what only repeats the articles (content_hashes, simhash_buckets) is not in it.
    std::map<std::string, long> others;
    bool operator==(const SourceContents&) const = default;
};
SourceContents count_contents(db::Transaction& transaction, int id);
// Deletes the source with its articles, hashes, checks, annotations and whatever else of the web service
// refers to them, in the order that its foreign keys ask for; then what cti remembers of it. Returns what
// went.
SourceContents remove_source(db::Transaction& transaction, int id);

struct CheckRow {
    Time time;
    bool success = false;
    std::string method, error;
    int articles_found = 0;
    double response_time_s = 0;
    std::string metadata_json;
};
std::vector<CheckRow> recent_checks(db::Transaction& transaction, const db::Schema& schema, int source_id,
                                    int limit); // newest first
}
