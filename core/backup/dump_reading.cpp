#include "core/backup/dump_reading.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/child_process.hpp"
#include "core/io/expanding_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <thread>
#include <unistd.h>

namespace cti::backup {
namespace {
namespace fs = std::filesystem;
using std::string_view;

constexpr string_view k_custom = "PGDMP", k_tar = "ustar";
constexpr std::size_t k_tar_mark = 257;

// A file that was compressed as a whole, made whole again for a program that reads a pipe.
class Feeder {
public:
    explicit Feeder(const std::string& path) : m_reader(path) {
        if (::pipe2(m_ends, O_CLOEXEC) != 0) throw Error{ExitCode::failure, "cannot make a pipe"};
        m_thread = std::jthread([this] { feed(); });
    }
    ~Feeder() { close_output(); }
    Feeder(const Feeder&) = delete;
    Feeder& operator=(const Feeder&) = delete;

    int output() const { return m_ends[0]; }
    // The reader has its own by now; without ours it is the end of the feeding where that one goes.
    void close_output() {
        if (m_ends[0] >= 0) ::close(std::exchange(m_ends[0], -1));
    }
    void finish() {
        m_thread.join();
        if (m_fault) std::rethrow_exception(m_fault);
    }

private:
    void feed() try {
        for (auto bytes = m_reader.read(); !bytes.empty(); bytes = m_reader.read())
            while (!bytes.empty()) {
                const auto written = ::write(m_ends[1], bytes.data(), bytes.size());
                if (written < 0 && errno == EINTR) continue;
                if (written < 0) return ::close(m_ends[1]), void(); // Nobody reads on; why, that one says.
                bytes.remove_prefix(static_cast<std::size_t>(written));
            }
        ::close(m_ends[1]);
    } catch (...) {
        m_fault = std::current_exception();
        ::close(m_ends[1]);
    }

    io::ExpandingReader m_reader;
    int m_ends[2] = {-1, -1};
    std::exception_ptr m_fault;
    std::jthread m_thread;
};

bool is_compressed(const std::string& path) {
    io::ExpandingReader reader(path);
    reader.read();
    return reader.is_expanding();
}

// The plain SQL of an archive, as pg_restore writes it.
class Archive {
public:
    Archive(const std::string& path, DumpKind kind, const DumpReading& reading) {
        io::ChildPlan plan;
        plan.words = {"pg_restore", "--file=-", "--no-publications", "--no-subscriptions",
                      "--no-security-labels"};
        plan.is_stopped = reading.is_stopped;
        plan.code = ExitCode::check;
        plan.missing_hint = "Install PostgreSQL's client programs (Debian: postgresql-client).";
        if (kind == DumpKind::custom && is_compressed(path)) m_feeder = std::make_unique<Feeder>(path);
        if (m_feeder)
            plan.input = m_feeder->output();
        else
            plan.words.push_back(fs::absolute(path).string()); // It never begins with a dash.
        m_child = std::make_unique<io::ChildProcess>(std::move(plan));
        if (m_feeder) m_feeder->close_output();
    }
    string_view read() { return m_child->read(); }
    void finish() {
        m_child->finish();
        if (m_feeder) m_feeder->finish();
    }

private:
    std::unique_ptr<Feeder> m_feeder;
    std::unique_ptr<io::ChildProcess> m_child;
};

class Checker : public DumpReceiver {
public:
    Checker(DumpTarget* target, DumpSummary& summary) : m_target(target), m_summary(summary) {}

    void on_statement(const Statement& statement) override {
        const auto handling = check_statement(statement);
        ++m_summary.statements;
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
}

DumpKind find_kind(const std::string& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        if (fs::exists(fs::path(path) / "toc.dat", error)) return DumpKind::directory;
        throw Error{ExitCode::usage,
                    fmt::format("'{}' is a folder, and holds neither a backup nor a dump", printable(path))};
    }
    io::ExpandingReader reader(path);
    const auto head = reader.read();
    if (head.starts_with(k_custom)) return DumpKind::custom;
    if (head.size() > k_tar_mark && head.substr(k_tar_mark).starts_with(k_tar)) return DumpKind::tar;
    if (head.empty() || head.find('\0') != head.npos || !is_valid_utf8(head.substr(0, head.find('\n'))))
        throw Error{
            ExitCode::check, fmt::format("'{}' is no dump that cti knows", printable(path)),
            "It reads what pg_dump makes: custom, directory, tar and plain SQL, also with gzip or zstd."};
    return DumpKind::sql;
}

DumpSummary read_dump(const std::string& path, DumpTarget* target, const DumpReading& reading) {
    DumpSummary summary;
    Checker checker(target, summary);
    DumpSplitter splitter(checker);
    const auto kind = find_kind(path);
    if (kind == DumpKind::sql) {
        io::ExpandingReader reader(path);
        read_all(reader, splitter, reading, summary);
    } else {
        Archive archive(path, kind, reading);
        read_all(archive, splitter, reading, summary);
        // Before the dump's own end: where pg_restore fails, that is why something is missing.
        archive.finish();
    }
    splitter.finish();
    return summary;
}
}
