#include "core/ops/backups/create_backup.hpp"

#include "core/backup/format.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/db/databases.hpp"
#include "core/db/tool_address.hpp"
#include "core/io/child_process.hpp"
#include "core/io/out.hpp"
#include "core/io/pipe_feeder.hpp"
#include "core/ops/backups/backup_marks.hpp"
#include "core/store/read/database_facts.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <future>
#include <memory>
#include <optional>

namespace cti::ops {
namespace {
namespace fs = std::filesystem;
constexpr const char* k_client_hint =
    "Install PostgreSQL's client programs (Debian: postgresql-client), of the "
    "server's version or a later one.";

std::string pg_dump_version(const Environment& environment) {
    io::ChildProcess child({.words = {"pg_dump", "--version"},
                            .environment = {},
                            .is_stopped = [&] { return environment.is_stopped(); },
                            .missing_hint = k_client_hint});
    std::string said;
    for (auto bytes = child.read(); !bytes.empty(); bytes = child.read()) said += bytes;
    child.finish();
    return fold_space(said);
}

// What the options name, looked up before anything is done.
struct Plan {
    const backup::Format* format;
    const backup::NamedCompression* compression;
    store::Scope scope;
    std::string pg_dump;
    std::optional<backup::Encryption> encryption;
};

std::string file_of(const Plan& plan) {
    const auto name = backup::dump_file(*plan.format, *plan.compression);
    return plan.encryption ? backup::encrypted_name(name, plan.encryption->cipher) : name;
}

void require_encryption(const Environment& environment, const Plan& plan) {
    if (!plan.encryption) return;
    if (plan.format->is_folder)
        throw Error{ExitCode::usage,
                    "the format directory cannot be encrypted, as pg_dump writes its files by itself",
                    "Take --format custom or sql."};
    backup::require_usable(*plan.encryption, [&] { return environment.is_stopped(); });
}

Plan make_plan(const Environment& environment, const BackupOptions& options) {
    Plan plan{backup::find_format(options.format), backup::find_compression(options.compression),
              find_value<store::Scope>(options.only).value_or(store::Scope::all),
              pg_dump_version(environment), options.encryption};
    if (plan.format == nullptr || plan.compression == nullptr)
        throw Error{ExitCode::usage, "there is no such format or compression"};
    if (!options.label.empty() && !backup::is_label(options.label))
        throw Error{ExitCode::usage, fmt::format("'{}' is no label", printable(options.label)),
                    "A label is 1 to 40 letters, digits, '_' and '.'."};
    const int version = backup::major_version(plan.pg_dump);
    if (plan.format->is_compressed_inside && version < plan.compression->min_pg_dump)
        throw Error{ExitCode::usage,
                    fmt::format("pg_dump {} cannot make the format {} with {}", version, plan.format->name,
                                plan.compression->name),
                    fmt::format("Take --compress gzip, or install postgresql-client-{}.",
                                plan.compression->min_pg_dump)};
    require_encryption(environment, plan);
    return plan;
}

// What pg_dump says, compressed where it does not do so itself. Throws where it fails.
class DumpOutput {
public:
    DumpOutput(io::ChildPlan plan, io::Compression around)
        : m_child(std::move(plan)), m_compressor(io::make_compressor(around)) {}
    std::string_view read() {
        m_compressed.clear();
        while (!m_is_ended && m_compressed.empty()) {
            const auto bytes = m_child.read();
            if (bytes.empty()) m_is_ended = true, m_child.finish();
            if (!m_compressor) return bytes;
            m_compressor->add(m_compressed, bytes, m_is_ended);
        }
        return m_compressed;
    }

private:
    io::ChildProcess m_child;
    std::unique_ptr<io::Compressor> m_compressor;
    std::string m_compressed;
    bool m_is_ended = false;
};

// Through another program onto the disk, and nowhere else.
void write_encrypted(DumpOutput& dump, const backup::Encryption& encryption,
                     const backup::IsStopped& is_stopped, io::Out& out) {
    io::PipeFeeder feeder([&dump] { return dump.read(); });
    backup::CipherProgram program(encryption, feeder.output(), ExitCode::output, is_stopped);
    feeder.close_output();
    for (auto bytes = program.read(); !bytes.empty(); bytes = program.read())
        if (!out.write(bytes)) return;
    program.finish();
    feeder.finish(); // Where pg_dump failed, the other one got less and knows nothing of it.
    out.close();
}

// pg_dump's output, onto the disk. For a folder it writes the files itself, and says nothing. Where it fails,
// the file never gets its name.
void write_dump(io::ChildPlan child_plan, const Plan& plan, const std::string& folder) {
    if (plan.format->is_folder) return io::ChildProcess(std::move(child_plan)).finish();
    const auto is_stopped = child_plan.is_stopped;
    DumpOutput dump(std::move(child_plan), plan.format->is_compressed_inside ? io::Compression::none
                                                                             : plan.compression->compression);
    io::Out out((fs::path(folder) / file_of(plan)).string());
    if (plan.encryption) return write_encrypted(dump, *plan.encryption, is_stopped, out);
    for (auto bytes = dump.read(); !bytes.empty(); bytes = dump.read())
        if (!out.write(bytes)) return;
    out.close();
}

// pg_dump at work in a thread of its own; ended with this.
class Dump {
public:
    Dump(const Environment& environment, const Plan& plan, const backup::DumpOrder& order,
         const db::ToolAddress& address, std::string folder) {
        io::ChildPlan child;
        child.words = backup::pg_dump_words(order, address.connection);
        child.environment = address.environment;
        child.is_stopped = [this, &environment] { return m_is_abandoned || environment.is_stopped(); };
        child.code = ExitCode::output;
        child.missing_hint = k_client_hint;
        m_work = std::async(std::launch::async,
                            [child, &plan, folder = std::move(folder)] { write_dump(child, plan, folder); });
    }
    ~Dump() {
        m_is_abandoned = true;
        if (m_work.valid()) m_work.wait();
    }
    Dump(const Dump&) = delete;
    Dump& operator=(const Dump&) = delete;
    void finish() { m_work.get(); }

private:
    std::atomic<bool> m_is_abandoned = false;
    std::future<void> m_work;
};

backup::DumpOrder make_order(db::Transaction& transaction, const Plan& plan, const BackupOptions& options,
                             const std::string& folder) {
    backup::DumpOrder order;
    order.format = plan.format, order.compression = plan.compression, order.jobs = options.jobs;
    order.snapshot = store::export_snapshot(transaction);
    order.folder = (fs::path(folder) / plan.format->file).string();
    auto left_out = store::list_left_out(transaction, plan.scope);
    order.left_out_tables = std::move(left_out.tables), order.left_out_schemas = std::move(left_out.schemas);
    return order;
}

// Both look at the same snapshot, which lives as long as the transaction; the server works for both at once.
DatabaseFacts dump_and_count(const Environment& environment, const BackupOptions& options, const Plan& plan,
                             db::Database& database, db::Transaction& transaction,
                             const std::string& folder) {
    const auto order = make_order(transaction, plan, options, folder);
    Dump dump(environment, plan, order, db::tool_address(database), folder);
    auto facts = store::read_database_facts(transaction, plan.scope, [&](const std::string& table) {
        if (environment.is_stopped()) throw Error{ExitCode::interrupted, "stopped"};
        if (options.on_progress) options.on_progress("counting " + table);
    });
    if (options.on_progress) options.on_progress("pg_dump is writing");
    dump.finish();
    return facts;
}

db::Database open(const Environment& environment, const BackupOptions& options) {
    if (options.read_database_url.empty()) return environment.connect();
    return db::Database(options.read_database_url, {}, environment.connection_name + " reader");
}

std::chrono::milliseconds since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

// What the result holds where this throws is as far as it came.
void make_backup(const Environment& environment, const BackupOptions& options,
                 std::chrono::steady_clock::time_point begin, BackupResult& result) {
    const auto plan = make_plan(environment, options);
    const auto place = open_place(environment, options.place, options.on_progress);
    result.leftovers = place->prepare();
    auto database = open(environment, options);
    db::Transaction transaction(database, db::Access::read_only);
    auto& manifest = result.manifest;
    manifest.started = environment.now();
    manifest.database.database = db::current_database(transaction);
    const backup::Name name{manifest.database.database, options.label, manifest.started};
    const auto begun = place->begin(name);
    manifest.database = dump_and_count(environment, options, plan, database, transaction, begun->folder());
    manifest.label = options.label, manifest.only = options.only;
    manifest.format = plan.format->name, manifest.compression = plan.compression->name;
    if (plan.encryption) manifest.encryption = name_of(plan.encryption->cipher);
    manifest.program_version = version(), manifest.pg_dump_version = plan.pg_dump;
    if (options.on_progress) options.on_progress("reading it back");
    manifest.files = backup::read_files(begun->folder(), {});
    manifest.duration = since(begin);
    result.path = begun->publish(name, manifest);
}

BackupNotice notice_of(const BackupOptions& options, const BackupResult& result, std::string_view event,
                       std::chrono::steady_clock::time_point begin) {
    BackupNotice notice;
    notice.event = event, notice.place = options.place, notice.duration = since(begin);
    notice.database = result.manifest.database.database;
    return notice;
}

void tell_of_success(const Environment& environment, const BackupOptions& options, const BackupResult& result,
                     std::chrono::steady_clock::time_point begin) {
    auto notice = notice_of(options, result, k_backup_created, begin);
    notice.backup = result.manifest.name;
    notice.bytes = result.manifest.bytes(), notice.rows = result.manifest.database.rows();
    post_notice(environment, options.webhook, notice);
}
}

BackupResult create_backup(const Environment& environment, const BackupOptions& options) {
    const auto begin = std::chrono::steady_clock::now();
    BackupResult result;
    try {
        make_backup(environment, options, begin, result);
    } catch (const std::exception& error) {
        mark_backup(environment, k_backup_mark, false, begin);
        post_failure(environment, options.webhook, notice_of(options, result, k_backup_failed, begin), error);
        throw;
    }
    mark_backup(environment, k_backup_mark, true, begin);
    tell_of_success(environment, options, result, begin);
    return result;
}
}
