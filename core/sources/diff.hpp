#pragma once
#include "core/model.hpp"

#include <string>
#include <vector>

// What bringing sources.yaml into the database would change. Pure: `init` carries it out, `--dry-run` and
// `sources diff` show it.
namespace cti::sources {

// Who decides whether an existing source is active. The web service's operators switch sources on and off in
// the database, so the file does only when it is asked to.
enum class ActiveFrom { database, file };

struct FieldChange {
    std::string field, before, after; // for people; "config.rss_only" for a key of config
};

struct SourceChange {
    SourceSpec spec; // as it will be: config merged with the row's
    int id = 0;      // of the row that it changes; 0: to be added
    std::vector<FieldChange> fields;
};

struct Difference {
    std::vector<SourceChange> added, changed;
    std::vector<std::string> unchanged; // identifiers
    std::vector<Source> missing;        // rows that no file names
    std::vector<std::string> doubled;   // identifiers that several rows have, where the unique index is gone
    std::vector<Source> active_differs; // `active` of the row stays, though the file says otherwise
};

// rows: without the web service's internal ones.
Difference compare(const std::vector<Source>& rows, const std::vector<SourceSpec>& specs,
                   ActiveFrom active_from = ActiveFrom::database);

// The specs without what the web service of 2026 leaves to the database in rows that are there already: how
// often and how far back its operators want a source checked (unless the file decides), and the user agent
// that the service itself writes into config.robots when it starts.
enum class ScheduleFrom { database, file };
std::vector<SourceSpec> leave_to_database(const std::vector<Source>& rows, std::vector<SourceSpec> specs,
                                          ScheduleFrom schedule_from);

// What `spec` would change in `row`; spec.config_json is taken as the whole config unless it is "{}".
std::vector<FieldChange> compare_fields(const Source& row, const SourceSpec& spec, ActiveFrom active_from);
}
