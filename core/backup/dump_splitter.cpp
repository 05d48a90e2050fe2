#include "core/backup/dump_splitter.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::backup {
namespace {
using std::string_view;

// A row of pg_dump --inserts is one statement, and holds an article: 5 MiB are many. Two of these are in
// memory at most.
constexpr std::size_t k_max_statement = 24UL * 1024 * 1024;

// What pg_dump writes around everything; without the second, something is missing.
constexpr string_view k_first_comment = "-- PostgreSQL database dump",
                      k_last_comment = "-- PostgreSQL database dump complete";
}

bool is_copy(const Statement& statement) {
    const auto& tokens = statement.tokens;
    return tokens.size() > 3 && tokens.front().is_word("COPY") && tokens.back().is_word("STDIN") &&
           tokens[tokens.size() - 2].is_word("FROM");
}

void DumpSplitter::refuse(const std::string& why) const {
    throw Error{ExitCode::check, fmt::format("line {} of the dump {}", m_line, why),
                "Nothing was sent to a server. Look at that line, and at who made the file."};
}

void DumpSplitter::add(string_view bytes) {
    m_buffer += bytes;
    if (m_buffer.size() >= m_wanted) work();
}

void DumpSplitter::finish() {
    m_is_all = true;
    work();
    if (m_is_copy) refuse("is the last, and the data of a COPY have no end: something is missing");
    if (!m_tokens.empty()) refuse("is the last, and a statement has no end: something is missing");
    if (m_is_pg_dump && !m_is_complete)
        refuse("is the last, and pg_dump's last words are not there: something is missing");
}

void DumpSplitter::work() {
    m_wanted = 0;
    while (m_is_copy ? work_copy() : work_statement()) {
    }
    forget_what_is_done();
}

// Once for all that came together: each time moves what is left.
void DumpSplitter::forget_what_is_done() {
    const auto done = m_tokens.empty() ? m_pos : m_tokens.front().begin;
    m_buffer.erase(0, done);
    m_pos -= done;
    m_wanted -= std::min(done, m_wanted);
    for (auto& token : m_tokens) token.begin -= done;
}

// One token; false where more bytes are needed.
bool DumpSplitter::work_statement() {
    if (m_awaits_line_end) return skip_blank_line_end();
    if (m_pos >= m_buffer.size()) return false;
    if (!m_tokens.empty() && m_pos - m_tokens.front().begin > k_max_statement)
        refuse("is in a statement that is longer than 24 MiB");
    const auto token = next_token(m_buffer, m_pos, m_is_all);
    if (token.kind != TokenKind::incomplete) return accept_token(token);
    if (m_is_all) refuse("begins a quote or a comment that has no end: something is missing");
    if (token.text.size() > k_max_statement) refuse("begins a text that is longer than 24 MiB");
    // Twice as much next time, so that a long text is not looked through again with each piece.
    m_wanted = m_pos + 2 * token.text.size();
    return false;
}

bool DumpSplitter::accept_token(const Token& token) {
    if (token.kind == TokenKind::backslash) return accept_backslash();
    if (token.kind == TokenKind::nul) refuse("holds a NUL, which no dump does");
    if (token.kind == TokenKind::unicode_escapes)
        refuse("holds U& escapes, which pg_dump never writes and which hide names");
    const auto size = token.text.size();
    const auto lines = std::ranges::count(token.text, '\n');
    if (token.kind == TokenKind::blank) {
        m_is_pg_dump = m_is_pg_dump || token.text.starts_with(k_first_comment);
        m_is_complete = m_is_complete || token.text.starts_with(k_last_comment);
        m_begins_line = lines > 0 ? token.text.back() == '\n' : m_begins_line;
    } else if (token.kind == TokenKind::symbol && token.text == ";" && m_parentheses <= 0 && m_blocks == 0) {
        end_statement();
        return true;
    } else {
        if (m_tokens.empty()) m_first_line = m_line;
        track_depth(token);
        m_tokens.push_back({token.kind, m_pos, size});
        m_begins_line = false;
    }
    m_line += lines;
    m_pos += size;
    return true;
}

// A semicolon in parentheses (CREATE RULE) or in BEGIN ATOMIC … END (a function's body) ends nothing.
void DumpSplitter::track_depth(const Token& token) {
    if (token.kind == TokenKind::symbol && token.text == "(") ++m_parentheses;
    if (token.kind == TokenKind::symbol && token.text == ")") --m_parentheses;
    if (token.kind != TokenKind::word) return;
    const auto last = m_tokens.empty() ? Place{} : m_tokens.back();
    const auto before = string_view(m_buffer).substr(last.begin, last.size);
    if (token.is_word("ATOMIC") && iequals(before, "BEGIN")) ++m_blocks;
    if (m_blocks > 0 && token.is_word("CASE")) ++m_blocks;
    if (m_blocks > 0 && token.is_word("END")) --m_blocks;
}

// \restrict and \unrestrict with their key, which only lock psql's other commands.
bool DumpSplitter::accept_backslash() {
    const auto rest = string_view(m_buffer).substr(m_pos);
    const auto end = rest.find('\n');
    if (end == string_view::npos && !m_is_all && rest.size() < 200) return m_wanted = 0, false;
    const auto line = trim(rest.substr(0, end));
    const auto words = split(line, ' ');
    const bool is_lock =
        words.size() == 2 && (words[0] == "\\restrict" || words[0] == "\\unrestrict") &&
        std::ranges::all_of(words[1], [](char c) { return is_ascii_alpha(c) || is_ascii_digit(c); });
    if (!is_lock || !m_tokens.empty() || !m_begins_line)
        refuse(fmt::format("holds a command of psql: {}", printable(head_code_points(line, 60))));
    m_pos += std::min(end, rest.size());
    return true;
}

void DumpSplitter::end_statement() {
    Statement statement;
    statement.line = m_first_line;
    const string_view all = m_buffer;
    if (!m_tokens.empty()) {
        const auto begin = m_tokens.front().begin;
        statement.text = all.substr(begin, m_pos - begin);
    }
    for (const auto& [kind, begin, size] : m_tokens)
        statement.tokens.push_back({kind, all.substr(begin, size)});
    if (!statement.tokens.empty()) m_receiver.on_statement(statement);
    m_awaits_line_end = is_copy(statement);
    m_tokens.clear();
    m_parentheses = 0;
    m_begins_line = false;
    ++m_pos;
}

// After COPY … FROM stdin; the data begin with the next line.
bool DumpSplitter::skip_blank_line_end() {
    const auto rest = string_view(m_buffer).substr(m_pos);
    const auto end = rest.find('\n');
    if (end == string_view::npos) {
        if (m_is_all || rest.size() > 100) refuse("has no data after its COPY: something is missing");
        return false;
    }
    if (!trim(rest.substr(0, end)).empty()) refuse("goes on after its COPY … FROM stdin;");
    m_pos += end + 1;
    ++m_line;
    m_awaits_line_end = false;
    m_is_copy = m_begins_line = true;
    return true;
}

// All whole lines that are there, up to the one that is only "\."; false where more bytes are needed.
bool DumpSplitter::work_copy() {
    const auto all = string_view(m_buffer).substr(m_pos);
    std::size_t pos = 0;
    bool is_end = false;
    while (pos < all.size() && !is_end) {
        const auto end = all.find('\n', pos);
        const bool is_whole = end != string_view::npos;
        const auto line = all.substr(pos, is_whole ? end - pos : end);
        is_end = m_begins_line && (line == "\\." || line == "\\.\r") && (is_whole || m_is_all);
        // It may become the end.
        if (!is_whole && !is_end && m_begins_line && line.size() < 4) break;
        if (is_end) m_pos += std::min(line.size() + 1, all.size() - pos);
        if (!is_end) pos = is_whole ? end + 1 : all.size();
        if (is_whole) ++m_line;
        m_begins_line = is_whole;
    }
    if (pos > 0) m_receiver.on_copy_data(all.substr(0, pos));
    m_pos += pos;
    m_is_copy = !is_end;
    if (is_end) m_receiver.on_copy_end();
    return is_end;
}
}
