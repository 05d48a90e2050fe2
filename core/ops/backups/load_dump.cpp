#include "core/ops/backups/load_dump.hpp"

#include "core/backup/format.hpp"
#include "core/base/text.hpp"
#include "core/db/script_session.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace cti::ops {
namespace {
namespace fs = std::filesystem;

std::optional<backup::Decryption> decryption_of(const FoundDump& dump) {
    if (dump.manifest() == nullptr || dump.manifest()->encryption.empty()) return std::nullopt;
    const auto cipher = find_value<backup::Cipher>(dump.manifest()->encryption);
    if (!cipher)
        throw Error{ExitCode::check, "the manifest names an encryption that is not known",
                    "Install the version of cti that made the backup, or a later one."};
    if (dump.key_file.empty())
        throw Error{ExitCode::usage,
                    fmt::format("'{}' is encrypted with {}, and no key is given",
                                printable(dump.backup->path), name_of(*cipher)),
                    "Name the file of the key with --decrypt-key (CTI_BACKUP_DECRYPT_KEY_FILE)."};
    return backup::Decryption{*cipher, dump.key_file};
}

backup::DumpReading make_reading(const Environment& environment, const FoundDump& dump,
                                 const OnProgress& on_progress) {
    backup::DumpReading reading;
    reading.decryption = decryption_of(dump);
    reading.is_stopped = [&environment] { return environment.is_stopped(); };
    if (on_progress)
        reading.on_bytes = [&on_progress](long bytes) {
            on_progress(fmt::format("{} MB read", bytes / 1'000'000));
        };
    return reading;
}

class SessionTarget : public backup::DumpTarget {
public:
    SessionTarget(db::ScriptSession& session, const std::optional<backup::TableSelection>& selection,
                  std::vector<std::string>& refused)
        : m_session(session), m_selection(selection), m_refused(refused) {}

    void run(const backup::Statement& statement, backup::Handling handling) override {
        const auto chosen =
            m_selection ? m_selection->handling_of(statement, handling) : std::optional(handling);
        m_is_passed_over = !chosen || *chosen == backup::Handling::pass_over;
        if (!m_is_passed_over) send(statement, *chosen);
    }
    void add_copy_data(std::string_view bytes) override {
        if (!m_is_passed_over) m_session.add_copy_data(bytes);
    }
    void end_copy() override {
        if (!m_is_passed_over) m_session.end_copy();
    }

private:
    void send(const backup::Statement& statement, backup::Handling handling) try {
        if (backup::is_copy(statement)) return m_session.begin_copy(statement.text);
        if (handling == backup::Handling::run) return m_session.run(statement.text);
        const auto why = m_session.run_if_possible(statement.text);
        if (!why.empty() && std::ranges::find(m_refused, why) == m_refused.end()) m_refused.push_back(why);
    } catch (const Error& error) {
        if (error.code() == ExitCode::interrupted) throw;
        throw Error{error.code(), fmt::format("line {} of the dump: {}", statement.line, error.what()),
                    error.hint()};
    }

    db::ScriptSession& m_session;
    const std::optional<backup::TableSelection>& m_selection;
    std::vector<std::string>& m_refused;
    bool m_is_passed_over = false; // the statement, and the data that follow it
};

std::string dump_of(const backup::Stored& stored) {
    const auto* const format = backup::find_format(stored.manifest->format);
    const auto* const compression = backup::find_compression(stored.manifest->compression);
    if (format == nullptr || compression == nullptr)
        throw Error{ExitCode::check, "the manifest names a format that is not known",
                    "Install the version of cti that made the backup, or a later one."};
    auto name = backup::dump_file(*format, *compression);
    if (!stored.manifest->encryption.empty()) name += "." + stored.manifest->encryption;
    return (fs::path(stored.folder) / name).string();
}
}

FoundDump to_dump(backup::Stored stored) {
    if (!stored.manifest)
        throw Error{ExitCode::check, fmt::format("'{}': {}", printable(stored.path), stored.fault),
                    "Use another backup: 'cti backup list'."};
    auto path = dump_of(stored);
    return {std::move(path), std::move(stored), {}, {}};
}

FoundDump find_dump(backup::Place& place, const std::string& which) {
    if (auto stored = place.find(which)) return to_dump(*std::move(stored));
    std::error_code error;
    if (!fs::exists(which, error))
        throw Error{ExitCode::usage,
                    fmt::format("there is no backup '{}' in '{}'", printable(which), printable(place.text())),
                    "See 'cti backup list', or name a file."};
    return {which, {}, {}, {}};
}

std::unique_ptr<backup::HeldBackup> hold_dump(backup::Place& place, FoundDump& dump) {
    if (!dump.backup) return nullptr;
    auto held = place.hold(*dump.backup);
    dump.backup = held->stored();
    dump.path = dump_of(*dump.backup);
    return held;
}

store::Scope scope_of(const backup::Manifest& manifest) {
    return find_value<store::Scope>(manifest.only).value_or(store::Scope::all);
}

ScratchDatabase::ScratchDatabase(db::Database& server, const std::string& like, Time now)
    : m_server(server), m_name(db::create_scratch_database(server, like, now)) {}
ScratchDatabase::~ScratchDatabase() {
    if (m_is_kept) return;
    try {
        db::drop_database(m_server, m_name);
    } catch (const Error&) { // NOLINT: the next run finds it by its name and drops it.
    }
}

LoadReport load_dump(const Environment& environment, db::Database& into, const FoundDump& dump,
                     const OnProgress& on_progress) {
    LoadReport report;
    {
        db::Transaction transaction(into, db::Access::read_only);
        report.is_superuser = db::is_superuser(transaction);
    }
    const auto reading = make_reading(environment, dump, on_progress);
    db::ScriptSession session(into, environment.connection_name + " loader", reading.is_stopped);
    SessionTarget target(session, dump.selection, report.refused);
    report.summary = backup::read_dump(dump.path, &target, reading);
    session.commit();
    return report;
}

backup::DumpSummary decode_dump(const Environment& environment, const FoundDump& dump,
                                const OnProgress& on_progress) {
    return backup::read_dump(dump.path, nullptr, make_reading(environment, dump, on_progress));
}

std::vector<std::string> find_file_damage(const Environment& environment, const backup::Stored& stored,
                                          const OnProgress& on_progress) {
    long bytes = 0;
    return backup::find_damage(stored, [&](long more) {
        if (environment.is_stopped()) throw Error{ExitCode::interrupted, "stopped"};
        bytes += more;
        if (on_progress) on_progress(fmt::format("{} MB read", bytes / 1'000'000));
    });
}

DatabaseFacts wanted_facts(const FoundDump& dump) {
    auto facts = dump.manifest()->database;
    if (!dump.selection) return facts;
    const auto& selection = *dump.selection;
    std::erase_if(facts.tables,
                  [&](const TableFacts& table) { return !selection.tables.contains(table.name); });
    std::erase_if(facts.sequences, [&](const SequenceFacts& sequence) {
        return !selection.sequences.contains(sequence.name);
    });
    facts.foreign_keys = facts.indexes = 0; // The manifest has them of all tables together.
    return facts;
}

std::vector<std::string> differing_rows(const backup::Manifest& manifest,
                                        const backup::DumpSummary& summary) {
    std::vector<std::string> faults;
    for (const auto& table : manifest.database.tables) {
        const auto found = summary.rows.find(table.name);
        const long rows = found == summary.rows.end() ? 0 : found->second;
        if (rows != table.rows)
            faults.push_back(fmt::format("the dump has {} rows of {}, not {}", rows, table.name, table.rows));
    }
    return faults;
}
}
