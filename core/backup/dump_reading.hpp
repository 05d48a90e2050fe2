#pragma once
#include "core/backup/dump_rules.hpp"
#include "core/backup/encryption.hpp"
#include "core/backup/table_selection.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cti::backup {

enum class DumpKind { custom, tar, directory, sql };
// By its bytes, also within gzip and zstd. Throws Error(usage) where it cannot be read, Error(check) where it
// is none.
DumpKind find_kind(const std::string& path);
constexpr std::string_view name_of(DumpKind value) {
    switch (value) {
    case DumpKind::custom: return "custom";
    case DumpKind::tar: return "tar";
    case DumpKind::directory: return "directory";
    case DumpKind::sql: return "sql";
    }
    return {};
}

// Whoever gets what was looked at and may be restored.
class DumpTarget {
public:
    virtual ~DumpTarget() = default;
    virtual void run(const Statement& statement, Handling handling) = 0; // also COPY, before its data
    virtual void add_copy_data(std::string_view bytes) = 0;
    virtual void end_copy() = 0;
};

struct DumpReading {
    std::function<bool()> is_stopped;
    std::function<void(long)> on_bytes;   // of plain SQL
    std::optional<Decryption> decryption; // of a file that is encrypted
};

struct DumpSummary {
    DumpKind kind = DumpKind::sql;
    long statements = 0, bytes = 0;
    std::map<std::string, long> rows; // of each table that is copied
    std::vector<long> dynamic_lines;  // see has_dynamic_sql()
    DumpOutline outline;
};

// All of a dump, as plain SQL (what is none goes through pg_restore), statement by statement past the rules,
// and on to the target where there is one. Throws Error(check) where it is damaged or must not be restored.
DumpSummary read_dump(const std::string& path, DumpTarget* target, const DumpReading& reading);
}
