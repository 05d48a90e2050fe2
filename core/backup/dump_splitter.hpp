#pragma once
#include "core/backup/sql_token.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cti::backup {

struct Statement {
    std::string_view text; // without its semicolon
    std::vector<Token> tokens;
    long line = 0; // of the dump, from 1: where it begins
};

// Whoever is told what a dump holds, in its order. A statement that is_copy() is followed by its data.
class DumpReceiver {
public:
    virtual ~DumpReceiver() = default;
    virtual void on_statement(const Statement& statement) = 0;
    // Whole or parts of lines of COPY's text format, with their line ends.
    virtual void on_copy_data(std::string_view bytes) = 0;
    virtual void on_copy_end() = 0;
};

// COPY … FROM stdin: its rows follow it.
bool is_copy(const Statement& statement);

// A dump in plain SQL, as it comes, cut into its statements and its data. It is told apart by the words of
// SQL alone, and nothing in it is a command: the two lines \restrict and \unrestrict that pg_dump writes
// since 2025 are passed over, any other backslash outside quotes and data is refused. Memory: the longest
// statement, which is bounded.
class DumpSplitter {
public:
    explicit DumpSplitter(DumpReceiver& receiver) : m_receiver(receiver) {}

    // Throw Error(check) that names the line.
    void add(std::string_view bytes);
    void finish();

private:
    struct Place {
        TokenKind kind = TokenKind::blank;
        std::size_t begin = 0, size = 0;
    };

    void work();
    bool work_statement();
    bool work_copy();
    bool accept_token(const Token& token);
    bool accept_backslash();
    void end_statement();
    bool skip_blank_line_end();
    void track_depth(const Token& token);
    void forget_what_is_done();
    [[noreturn]] void refuse(const std::string& why) const;

    DumpReceiver& m_receiver;
    std::string m_buffer;
    std::size_t m_pos = 0;    // of the next token
    std::size_t m_wanted = 0; // So much must be there before it is worth another look.
    std::vector<Place> m_tokens;
    long m_line = 1;       // at m_pos
    long m_first_line = 1; // of the statement
    int m_parentheses = 0, m_blocks = 0;
    bool m_is_all = false, m_is_copy = false, m_awaits_line_end = false, m_begins_line = true;
    bool m_is_pg_dump = false, m_is_complete = false;
};
}
