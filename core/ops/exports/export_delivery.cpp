#include "core/ops/exports/export_delivery.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace cti::ops {
namespace {
namespace fs = std::filesystem;

class Descriptor {
public:
    explicit Descriptor(int number) : m_number(number) {}
    ~Descriptor() {
        if (m_number >= 0) ::close(m_number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return m_number; }

private:
    int m_number;
};

// Whether the last export's file still waits under its temporary name. Throws where that cannot be found out:
// to take it for delivered would lose it. Throws too where the process that will rename it is alive: it would
// be delivered twice.
bool is_waiting(const std::string& name, const std::string& file) {
    const auto refuse = [&](const std::string& why) {
        throw Error{ExitCode::output,
                    fmt::format("cannot tell whether the last export of '{}' reached its file: '{}': {}",
                                printable(name), printable(file), why),
                    "Make its folder readable again (is it mounted?), or begin anew under another name."};
    };
    const Descriptor waiting(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (waiting.number() < 0 && errno != ENOENT) refuse(ascii_lower(std::strerror(errno)));
    // Shared, so that two that look at the same time do not take each other for its writer.
    if (waiting.number() >= 0 && ::flock(waiting.number(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        throw Error{ExitCode::locked, fmt::format("another export of '{}' is at work", printable(name)),
                    "Let only one run at a time."};
    // Only now: whoever held the lock may have renamed it before letting go.
    std::error_code error;
    if (fs::exists(fs::symlink_status(file, error))) return true;
    if (error && error != std::errc::no_such_file_or_directory) refuse(ascii_lower(error.message()));
    if (const auto folder = fs::path(file).parent_path(); !fs::is_directory(folder, error))
        refuse("its folder is not there");
    return false;
}

// True where the file is no more, by whomever it was removed.
bool remove_file(const std::string& file) {
    std::error_code error;
    if (fs::remove(file, error)) return true;
    // A folder that is not mounted comes back with the file in it.
    return !error && fs::is_directory(fs::path(file).parent_path(), error);
}

// A file that still waits under its temporary name was handed to nobody: what it held is exported again. It
// stays, as the only proof of that, until the cursor has moved again: this run may fail too.
store::ExportCursor begin_from(const Environment& environment, db::Transaction& tx, const std::string& name) {
    auto cursor = store::read_export_cursor(tx, name);
    if (!cursor.pending_file.empty() && is_waiting(name, cursor.pending_file))
        environment.warn(
            fmt::format("the last export of '{}' ended before its file was in place: its articles come again",
                        printable(name)));
    else
        cursor.previous = {cursor.last_id, cursor.beyond}, cursor.pending_file.clear();
    return cursor;
}
}

void Delivery::begin(const Environment& environment, db::Transaction& tx, store::Selection& selection) {
    if (m_name.empty()) return;
    m_cursor = begin_from(environment, tx, m_name);
    selection.behind = m_cursor.previous;
}

void Delivery::add(int article_id) {
    if (!m_name.empty()) m_exported.push_back(article_id);
}

void Delivery::end_reading(db::Transaction& tx, const db::Schema& schema) {
    if (!m_name.empty()) m_place = store::place_behind(tx, schema, m_cursor.previous, m_exported);
}

void Delivery::deliver(db::Database& database, Target& target) {
    const bool is_named = !m_name.empty();
    const auto waiting = target.waiting_file();
    const auto file = waiting.empty() ? waiting : fs::absolute(waiting).string();
    if (is_named) record_file(database, file);
    target.finish();
    if (is_named) move_cursor(database, target, file);
    target.close();
    if (is_named) confirm(database, file);
}

// Before the file is made. It cannot be made after the cursor has moved instead: where a killed run had
// made none, the next one would take that for a file which was delivered.
void Delivery::record_file(db::Database& database, const std::string& file) const {
    if (file.empty()) return;
    db::with_retry(database, [&](db::Transaction& tx) { store::record_export_file(tx, m_name, file); });
}

// Behind what was exported, with the name of the file that waits. Where the server does not say whether
// it has committed, the file stays: it is the proof if it has.
void Delivery::move_cursor(db::Database& database, Target& target, const std::string& file) {
    bool moved = false, again = false;
    target.keep_waiting(true);
    db::with_retry(database, [&](db::Transaction& tx) {
        moved = store::move_export_cursor(tx, m_name, m_cursor, m_place, static_cast<long>(m_exported.size()),
                                          file, std::exchange(again, true));
        m_files = store::list_export_files(tx, m_name);
    });
    if (!moved) {
        target.keep_waiting(false);
        throw Error{
            ExitCode::locked, fmt::format("another export of '{}' has ended meanwhile", printable(m_name)),
            "Let only one run at a time; what this one would have written is not lost, the next one exports what is new."};
    }
    // The articles of the one before are in the new file. Whoever made one of the others read the cursor
    // before it moved, and can no longer move it.
    if (!m_cursor.pending_file.empty())
        m_files.push_back(m_cursor.pending_file); // of a version that wrote down no others
    std::erase_if(m_files, [&](const std::string& one) { return one == file || !remove_file(one); });
}

// The file is in place, and the others are gone. Where this cannot be written down, the next run sees
// that nothing waits any more.
void Delivery::confirm(db::Database& database, const std::string& file) {
    if (!file.empty()) m_files.push_back(file);
    if (m_files.empty()) return;
    db::with_retry(database, [&](db::Transaction& tx) { store::confirm_export(tx, m_name, file, m_files); });
}
}
