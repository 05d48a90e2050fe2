#include "core/backup/dump_reading.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/child_process.hpp"
#include "core/io/expanding_reader.hpp"
#include "core/io/pipe_feeder.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <memory>

namespace cti::backup {
namespace {
namespace fs = std::filesystem;
using std::string_view;

constexpr string_view k_custom = "PGDMP", k_tar = "ustar", k_age = "age-encryption.org/";
constexpr std::size_t k_tar_mark = 257;

bool is_compressed(const std::string& path) {
    io::ExpandingReader reader(path);
    reader.read();
    return reader.is_expanding();
}

// The plain SQL of an archive, as pg_restore writes it.
class Archive {
public:
    Archive(const std::string& path, const DumpReading& reading) {
        auto plan = make_plan(reading);
        plan.words.push_back(fs::absolute(path).string()); // It never begins with a dash.
        m_child = std::make_unique<io::ChildProcess>(std::move(plan));
    }
    Archive(io::ByteSource source, const DumpReading& reading)
        : m_feeder(std::make_unique<io::PipeFeeder>(std::move(source))) {
        auto plan = make_plan(reading);
        plan.input = m_feeder->output();
        m_child = std::make_unique<io::ChildProcess>(std::move(plan));
        m_feeder->close_output();
    }
    string_view read() { return m_child->read(); }
    void finish() try {
        m_child->finish();
        if (m_feeder) m_feeder->finish();
    } catch (const Error&) {
        // What the feeder met is why pg_restore did not get all.
        if (m_feeder) m_feeder->finish();
        throw;
    }

private:
    static io::ChildPlan make_plan(const DumpReading& reading) {
        io::ChildPlan plan;
        plan.words = {"pg_restore", "--file=-", "--no-publications", "--no-subscriptions",
                      "--no-security-labels"};
        plan.is_stopped = reading.is_stopped;
        plan.code = ExitCode::check;
        plan.missing_hint = "Install PostgreSQL's client programs (Debian: postgresql-client).";
        return plan;
    }

    std::unique_ptr<io::PipeFeeder> m_feeder;
    std::unique_ptr<io::ChildProcess> m_child;
};

// What is in an encrypted file, made whole where it was compressed.
class EncryptedDump {
public:
    EncryptedDump(const std::string& path, const Decryption& decryption, const DumpReading& reading)
        : m_file(path, decryption, reading.is_stopped), m_reader(path, [this] { return m_file.read(); }),
          m_head(m_reader.read()) {}
    string_view head() const { return m_head; }
    string_view read() { return m_is_begun ? m_reader.read() : (m_is_begun = true, m_head); }

private:
    DecryptedFile m_file;
    io::ExpandingReader m_reader;
    string_view m_head;
    bool m_is_begun = false;
};

class Checker : public DumpReceiver {
public:
    Checker(DumpTarget* target, DumpSummary& summary) : m_target(target), m_summary(summary) {}

    void on_statement(const Statement& statement) override {
        const auto handling = check_statement(statement);
        ++m_summary.statements;
        m_summary.outline.add(statement);
        if (has_dynamic_sql(statement)) m_summary.dynamic_lines.push_back(statement.line);
        if (is_copy(statement)) m_rows = &m_summary.rows[copied_table(statement)];
        if (m_target != nullptr) m_target->run(statement, handling);
    }
    void on_copy_data(string_view bytes) override {
        *m_rows += std::ranges::count(bytes, '\n');
        if (m_target != nullptr) m_target->add_copy_data(bytes);
    }
    void on_copy_end() override {
        if (m_target != nullptr) m_target->end_copy();
    }

private:
    DumpTarget* m_target;
    DumpSummary& m_summary;
    long* m_rows = nullptr;
};

template <class Source>
void read_all(Source& source, DumpSplitter& splitter, const DumpReading& reading, DumpSummary& summary) {
    for (auto bytes = source.read(); !bytes.empty(); bytes = source.read()) {
        if (reading.is_stopped && reading.is_stopped()) throw Error{ExitCode::interrupted, "stopped"};
        splitter.add(bytes);
        summary.bytes += static_cast<long>(bytes.size());
        if (reading.on_bytes) reading.on_bytes(summary.bytes);
    }
}

// By the first bytes of it.
DumpKind kind_of(string_view head, const std::string& path) {
    if (head.starts_with(k_custom)) return DumpKind::custom;
    if (head.size() > k_tar_mark && head.substr(k_tar_mark).starts_with(k_tar)) return DumpKind::tar;
    if (head.starts_with(k_age) || path.ends_with(encrypted_name("", Cipher::gpg)))
        throw Error{ExitCode::usage, fmt::format("'{}' is encrypted", printable(path)),
                    "Name the backup that it belongs to, and the key with --decrypt-key."};
    if (head.empty() || head.find('\0') != head.npos || !is_valid_utf8(head.substr(0, head.find('\n'))))
        throw Error{
            ExitCode::check, fmt::format("'{}' is no dump that cti knows", printable(path)),
            "It reads what pg_dump makes: custom, directory, tar and plain SQL, also with gzip or zstd."};
    return DumpKind::sql;
}

// Before the dump's own end: where pg_restore fails, that is why something is missing.
void read_archive(Archive& archive, DumpSplitter& splitter, const DumpReading& reading,
                  DumpSummary& summary) {
    read_all(archive, splitter, reading, summary);
    archive.finish();
}

void read_encrypted(const std::string& path, DumpSplitter& splitter, const DumpReading& reading,
                    DumpSummary& summary) {
    EncryptedDump dump(path, *reading.decryption, reading);
    summary.kind = kind_of(dump.head(), {});
    if (summary.kind == DumpKind::sql) return read_all(dump, splitter, reading, summary);
    Archive archive([&dump] { return dump.read(); }, reading);
    read_archive(archive, splitter, reading, summary);
}

void read_file(const std::string& path, DumpSplitter& splitter, const DumpReading& reading,
               DumpSummary& summary) {
    summary.kind = find_kind(path);
    const bool is_piped = summary.kind == DumpKind::custom && is_compressed(path);
    if (summary.kind != DumpKind::sql && !is_piped) {
        Archive archive(path, reading);
        return read_archive(archive, splitter, reading, summary);
    }
    io::ExpandingReader reader(path);
    if (summary.kind == DumpKind::sql) return read_all(reader, splitter, reading, summary);
    Archive archive([&reader] { return reader.read(); }, reading);
    read_archive(archive, splitter, reading, summary);
}
}

DumpKind find_kind(const std::string& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        if (fs::exists(fs::path(path) / "toc.dat", error)) return DumpKind::directory;
        throw Error{ExitCode::usage,
                    fmt::format("'{}' is a folder, and holds neither a backup nor a dump", printable(path))};
    }
    io::ExpandingReader reader(path);
    return kind_of(reader.read(), path);
}

DumpSummary read_dump(const std::string& path, DumpTarget* target, const DumpReading& reading) {
    DumpSummary summary;
    Checker checker(target, summary);
    DumpSplitter splitter(checker);
    reading.decryption ? read_encrypted(path, splitter, reading, summary)
                       : read_file(path, splitter, reading, summary);
    splitter.finish();
    return summary;
}
}
