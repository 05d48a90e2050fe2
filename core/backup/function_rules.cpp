#include "core/backup/function_rules.hpp"

#include "core/base/text.hpp"

#include <array>
#include <fmt/format.h>

namespace cti::backup {
using std::string_view;

namespace {
// Functions of the server that read and write its files, run programs, reach other servers, or run SQL that
// is handed to them as a text.
constexpr std::array k_dangerous_names{"lo_import",
                                       "lo_export",
                                       "pg_read_file",
                                       "pg_read_binary_file",
                                       "pg_ls_dir",
                                       "pg_stat_file",
                                       "pg_ls_logdir",
                                       "pg_ls_waldir",
                                       "pg_ls_tmpdir",
                                       "pg_file_write",
                                       "pg_file_read",
                                       "pg_file_rename",
                                       "pg_file_unlink",
                                       "pg_file_sync",
                                       "pg_execute_server_program",
                                       "pg_read_server_files",
                                       "pg_write_server_files",
                                       "pg_reload_conf",
                                       "pg_rotate_logfile",
                                       "pg_terminate_backend",
                                       "pg_cancel_backend",
                                       "dblink",
                                       "dblink_connect",
                                       "dblink_connect_u",
                                       "dblink_exec",
                                       "dblink_send_query",
                                       "query_to_xml",
                                       "query_to_xmlschema",
                                       "query_to_xml_and_xmlschema",
                                       "cursor_to_xml",
                                       "database_to_xml",
                                       "schema_to_xml",
                                       "table_to_xml",
                                       "ts_stat",
                                       "pg_logical_emit_message",
                                       "pg_create_logical_replication_slot",
                                       "pg_promote",
                                       "pg_switch_wal",
                                       "pg_create_restore_point",
                                       "pg_config",
                                       "pg_hba_file_rules",
                                       "pg_current_logfile",
                                       "pg_export_snapshot",
                                       "xpath_table",
                                       "crosstab",
                                       "connectby"};
}

Fault dangerous_name(const Tokens& tokens) {
    for (const auto& token : tokens)
        if (is_name(token) && contains(k_dangerous_names, ascii_lower(name_of(token))))
            return fmt::format("names {}, which reaches beyond the database", printable(name_of(token)));
    return std::nullopt;
}

// A superuser may write to the server's own tables: a row of pg_proc is a function that runs anything.
bool is_catalog(string_view name) { return name.starts_with("pg_") || name == "information_schema"; }

Fault catalog_fault(const Tokens& tokens) {
    const bool writes = has_word(tokens, "INSERT") || has_word(tokens, "UPDATE") ||
                        has_word(tokens, "DELETE") || has_word(tokens, "MERGE") ||
                        has_word(tokens, "TRUNCATE");
    if (!writes) return std::nullopt;
    // What follows these words is written to.
    // What follows these words is written to, and what follows DELETE FROM.
    constexpr std::array k_before{"INTO", "UPDATE", "TRUNCATE", "TABLE", "ONLY"};
    for (std::size_t i = 1; i < tokens.size(); ++i) {
        const auto is_before = [&](const char* word) { return tokens[i - 1].is_word(word); };
        const bool is_deleted = i > 1 && is_before("FROM") && tokens[i - 2].is_word("DELETE");
        const bool is_target = is_deleted || std::ranges::any_of(k_before, is_before);
        if (is_target && is_name(tokens[i]) && is_catalog(name_of(tokens[i])))
            return fmt::format("may write to {}, which is the server's own", printable(name_of(tokens[i])));
    }
    return std::nullopt;
}

namespace {
// What a function of articles never does, and what gives it the rights or the means to do the rest.
Fault command_fault(const Tokens& tokens) {
    constexpr std::array k_things{"ROLE",   "USER",     "EXTENSION", "LANGUAGE", "SUBSCRIPTION",
                                  "SERVER", "FUNCTION", "DATABASE",  "SYSTEM"};
    for (std::size_t i = 1; i < tokens.size(); ++i) {
        const auto& before = tokens[i - 1];
        if (before.is_word("LOAD") && is_text(tokens[i])) return "has a function that loads a library";
        if (!before.is_word("CREATE") && !before.is_word("ALTER") && !before.is_word("REPLACE")) continue;
        const auto is_it = [&](const char* word) { return tokens[i].is_word(word); };
        if (std::ranges::any_of(k_things, is_it))
            return fmt::format("has a function that makes or changes a {}", ascii_lower(tokens[i].text));
    }
    return std::nullopt;
}
}

namespace {
// The body of a function, and the texts in it, which it may run.
Fault body_fault(string_view body, int depth) {
    constexpr int k_max_depth = 4;
    const auto tokens = tokens_of(body);
    if (auto fault = dangerous_name(tokens)) return fault;
    // Of a text in it only what is a command: others speak of a copy, too.
    const bool is_command = depth == 0 || begins_with(tokens, "COPY") || has_word(tokens, "PROGRAM");
    if (is_command && has_word(tokens, "COPY")) return "has a function that runs COPY";
    if (auto fault = command_fault(tokens)) return fault;
    if (auto fault = catalog_fault(tokens)) return fault;
    for (const auto& token : tokens) {
        if (token.kind == TokenKind::unicode_escapes)
            return "has a function with U& escapes, which hide names";
        if (depth < k_max_depth && is_text(token))
            if (auto fault = body_fault(inside(token), depth + 1)) return fault;
    }
    return std::nullopt;
}
}

Fault function_fault(const Tokens& tokens) {
    constexpr std::array k_languages{"sql", "plpgsql"};
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].kind == TokenKind::escaped_text)
            return "has a function whose text is written with backslashes, which hide names";
        if (tokens[i].is_word("LANGUAGE") && i + 1 < tokens.size()) {
            const auto& named = tokens[i + 1];
            const auto language = is_text(named) ? ascii_lower(inside(named)) : name_of(named);
            if (!contains(k_languages, language))
                return fmt::format("has a function in the language {}, which may do anything",
                                   printable(language));
        }
        if (is_text(tokens[i]))
            if (auto fault = body_fault(inside(tokens[i]), 0)) return fault;
    }
    return std::nullopt;
}
}
