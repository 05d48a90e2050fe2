#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

// A file of SQLite that somebody else has made, and that nothing is believed of: it is opened for reading,
// runs nothing that it holds, and what it holds is bounded.
namespace cti::sqlite {

struct OpenOptions {
    std::size_t max_cell_bytes = 0;
    const std::atomic<int>* stop = nullptr; // not 0: statements end
};

enum class Step {
    row,
    done,
    stopped,
    oversized, // the row has a cell that is larger than is allowed
    damaged    // the pages where the row stands
};

class Statement {
public:
    explicit Statement(sqlite3_stmt* statement) : m_statement(statement, finalize) {}

    void bind(std::int64_t value); // its only parameter, and from the start again
    // Throws Error where none of these is the answer.
    Step step();
    // Valid until the next step. Nothing: no text.
    std::optional<std::string_view> find_text(int column);
    std::optional<std::int64_t> find_number(int column);
    bool is_null(int column);

private:
    static void finalize(sqlite3_stmt* statement);
    std::unique_ptr<sqlite3_stmt, void (*)(sqlite3_stmt*)> m_statement;
};

class Database {
public:
    // Throws Error(usage) where the file cannot be opened, is none of SQLite, or waits for somebody to end
    // what was being written; Error(check) where it is damaged.
    Database(const std::string& path, const OpenOptions& options);

    Statement prepare(const std::string& sql);
    // Throws Error(check) where somebody wrote to it meanwhile, and that was not prevented by locks.
    void require_unchanged() const;

private:
    void find_file();
    void open();
    void distrust() const;
    void begin();

    static void close(sqlite3* database);

    std::string m_name; // what messages call it
    OpenOptions m_options;
    std::filesystem::path m_path; // where it really is: its journals lie beside
    bool m_is_immutable = false;
    std::string m_stamp; // its size and time, where no lock keeps others from changing it
    std::unique_ptr<sqlite3, void (*)(sqlite3*)> m_database{nullptr, close};
};
}
