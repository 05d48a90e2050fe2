#include "cli/difference_table.hpp"

namespace cti::cli {
namespace {

void add_fields(Table& table, const std::string& kind, const sources::SourceChange& change) {
    for (const auto& field : change.fields)
        table.add({kind, change.spec.identifier, field.field, field.before, field.after});
}
}

Table difference_table(const sources::Difference& difference, const std::string& missing_word) {
    Table table({"CHANGE", "SOURCE", "FIELD", "OLD", "NEW"});
    for (const auto& change : difference.added) add_fields(table, "added", change);
    for (const auto& change : difference.changed) add_fields(table, "changed", change);
    if (missing_word.empty()) return table;
    for (const auto& row : difference.missing) {
        if (missing_word != "disabled")
            table.add({missing_word, row.identifier, "", "", ""});
        else if (row.active)
            table.add({missing_word, row.identifier, "active", "yes", "no"});
    }
    return table;
}
}
