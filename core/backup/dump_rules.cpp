#include "core/backup/dump_rules.hpp"

#include "core/backup/function_rules.hpp"
#include "core/backup/token_words.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

namespace cti::backup {
namespace {
using std::string_view;
Fault extension_fault(const Tokens& tokens) {
    constexpr std::array k_known{"plpgsql",  "vector",   "pg_trgm",   "btree_gin",     "btree_gist",
                                 "citext",   "unaccent", "uuid-ossp", "pgcrypto",      "hstore",
                                 "intarray", "ltree",    "cube",      "fuzzystrmatch", "pg_stat_statements"};
    const auto name = std::ranges::find_if(tokens.begin() + 2, tokens.end(), [](const Token& token) {
        return !token.is_word("IF") && !token.is_word("NOT") && !token.is_word("EXISTS");
    });
    if (name != tokens.end() && contains(k_known, name_of(*name))) return std::nullopt;
    return fmt::format("makes the extension {}, which a database of articles does not need",
                       name == tokens.end() ? std::string() : printable(name_of(*name)));
}

// Only what pg_dump sets of its own session. A text in another encoding may hide a quote.
Fault setting_fault(const Tokens& tokens) {
    constexpr std::array k_settings{"statement_timeout",
                                    "lock_timeout",
                                    "idle_in_transaction_session_timeout",
                                    "transaction_timeout",
                                    "client_encoding",
                                    "standard_conforming_strings",
                                    "check_function_bodies",
                                    "xmloption",
                                    "client_min_messages",
                                    "row_security",
                                    "default_tablespace",
                                    "default_table_access_method",
                                    "default_with_oids",
                                    "escape_string_warning",
                                    "search_path"};
    constexpr std::array k_encodings{"UTF8", "UTF-8", "SQL_ASCII", "LATIN1", "LATIN9", "WIN1252"};
    const auto name = tokens.size() > 1 ? name_of(tokens[1]) : std::string();
    if (tokens.size() < 4 || !contains(k_settings, name) ||
        !(is_symbol(tokens[2], "=") || tokens[2].is_word("TO")))
        return "changes a setting of the session that pg_dump never does";
    const auto value = is_text(tokens[3]) ? inside(tokens[3]) : tokens[3].text;
    if (name == "standard_conforming_strings" && !iequals(value, "on"))
        return "switches the meaning of quotes";
    if (name == "client_encoding" && !contains(k_encodings, value))
        return fmt::format("is in the encoding {}; make the dump with --encoding=UTF8", printable(value));
    return std::nullopt;
}

// SELECT pg_catalog.setval('public.articles_id_seq', 5, true)
Fault select_fault(const Tokens& tokens) {
    constexpr std::array k_calls{"set_config", "setval", "lo_create", "lo_open", "lowrite", "lo_close"};
    constexpr auto k_refused = "asks the server something that pg_dump never does";
    const bool is_call = tokens.size() > 5 && tokens[1].is_word("PG_CATALOG") && is_symbol(tokens[2], ".") &&
                         contains(k_calls, name_of(tokens[3])) && is_symbol(tokens[4], "(") &&
                         is_symbol(tokens.back(), ")");
    if (!is_call) return k_refused;
    if (name_of(tokens[3]) == "set_config" && inside(tokens[5]) != "search_path") return k_refused;
    const auto is_value = [](const Token& token) {
        return is_text(token) || token.kind == TokenKind::number || is_symbol(token, ",") ||
               is_symbol(token, "-") || token.is_word("TRUE") || token.is_word("FALSE");
    };
    if (!std::all_of(tokens.begin() + 5, tokens.end() - 1, is_value)) return k_refused;
    return std::nullopt;
}

// The table that COPY or INSERT INTO names at this place.
Fault target_fault(const Tokens& tokens, std::size_t place) {
    if (place >= tokens.size() || !is_name(tokens[place]) || !is_catalog(name_of(tokens[place])))
        return std::nullopt;
    return "writes to a table of the server itself";
}

// COPY table (columns) FROM stdin, and nothing else
Fault copy_fault(const Tokens& tokens) {
    constexpr auto k_refused = "has a COPY that reads or writes something else than the dump";
    if (tokens.size() < 4 || !tokens[tokens.size() - 2].is_word("FROM") || !tokens.back().is_word("STDIN"))
        return k_refused;
    const auto is_plain = [](const Token& token) {
        return is_name(token) || is_symbol(token, ".") || is_symbol(token, ",") || is_symbol(token, "(") ||
               is_symbol(token, ")");
    };
    if (!std::all_of(tokens.begin(), tokens.end(), is_plain) || has_word(tokens, "SELECT")) return k_refused;
    return target_fault(tokens, 1);
}

Fault insert_fault(const Tokens& tokens) {
    if (has_word(tokens, "VALUES") && !has_word(tokens, "SELECT") && !has_word(tokens, "WITH"))
        return target_fault(tokens, 2);
    return "has an INSERT that takes its rows from elsewhere";
}

// A type made of functions and not of other types: they get memory that they take for something else.
Fault type_fault(const Tokens& tokens) {
    return has_word(tokens, "INPUT") || has_word(tokens, "OUTPUT") || has_word(tokens, "SUBTYPE_DIFF") ||
                   has_word(tokens, "CANONICAL")
               ? Fault("has a type that is made of functions")
               : Fault();
}

// Rights on a thing are given ON it; without that word it is membership of a role.
Fault grant_fault(const Tokens& tokens) {
    return has_word(tokens, "ON") ? Fault() : Fault("gives or takes the membership of a role");
}

struct Row {
    string_view words;
    Handling handling;
    Fault (*find_fault)(const Tokens&);
};

constexpr auto k_run = Handling::run, k_if_possible = Handling::run_if_possible;
constexpr Row k_rows[] = {
    {"COPY", k_run, copy_fault},
    {"INSERT INTO", k_run, insert_fault},
    {"SELECT", k_run, select_fault},
    {"SET", k_if_possible, setting_fault},
    {"GRANT", k_if_possible, grant_fault},
    {"REVOKE", k_if_possible, grant_fault},
    {"BEGIN", Handling::pass_over, nullptr},
    {"START TRANSACTION", Handling::pass_over, nullptr},
    {"COMMIT", Handling::pass_over, nullptr},
    {"CREATE TABLE", k_run, nullptr},
    {"CREATE UNLOGGED TABLE", k_run, nullptr},
    {"CREATE INDEX", k_run, nullptr},
    {"CREATE UNIQUE INDEX", k_run, nullptr},
    {"CREATE SEQUENCE", k_run, nullptr},
    {"CREATE UNLOGGED SEQUENCE", k_run, nullptr},
    {"CREATE VIEW", k_run, nullptr},
    {"CREATE OR REPLACE VIEW", k_run, nullptr},
    {"CREATE MATERIALIZED VIEW", k_run, nullptr},
    {"REFRESH MATERIALIZED VIEW", k_run, nullptr},
    {"CREATE FUNCTION", k_run, function_fault},
    {"CREATE OR REPLACE FUNCTION", k_run, function_fault},
    {"CREATE PROCEDURE", k_run, function_fault},
    {"CREATE TRIGGER", k_run, nullptr},
    {"CREATE CONSTRAINT TRIGGER", k_run, nullptr},
    {"CREATE TYPE", k_run, type_fault},
    {"CREATE DOMAIN", k_run, nullptr},
    {"CREATE SCHEMA", k_if_possible, nullptr},
    {"CREATE EXTENSION", k_run, extension_fault},
    {"CREATE RULE", k_run, catalog_fault},
    {"CREATE POLICY", k_run, nullptr},
    {"CREATE STATISTICS", k_run, nullptr},
    {"CREATE COLLATION", k_run, nullptr},
    {"CREATE TEXT SEARCH CONFIGURATION", k_run, nullptr},
    {"CREATE TEXT SEARCH DICTIONARY", k_run, nullptr},
    {"ALTER TABLE", k_run, nullptr},
    {"ALTER SEQUENCE", k_run, nullptr},
    {"ALTER INDEX", k_run, nullptr},
    {"ALTER VIEW", k_run, nullptr},
    {"ALTER MATERIALIZED VIEW", k_run, nullptr},
    {"ALTER FUNCTION", k_run, nullptr},
    {"ALTER PROCEDURE", k_run, nullptr},
    {"ALTER TYPE", k_run, nullptr},
    {"ALTER DOMAIN", k_run, nullptr},
    {"ALTER SCHEMA", k_run, nullptr},
    {"ALTER COLLATION", k_run, nullptr},
    {"ALTER STATISTICS", k_run, nullptr},
    {"ALTER TEXT SEARCH CONFIGURATION", k_run, nullptr},
    {"ALTER TEXT SEARCH DICTIONARY", k_run, nullptr},
    {"ALTER LARGE OBJECT", k_if_possible, nullptr},
    {"ALTER DEFAULT PRIVILEGES", k_if_possible, grant_fault},
    {"COMMENT ON", k_run, nullptr},
    {"DROP TABLE", k_if_possible, nullptr},
    {"DROP INDEX", k_if_possible, nullptr},
    {"DROP SEQUENCE", k_if_possible, nullptr},
    {"DROP VIEW", k_if_possible, nullptr},
    {"DROP MATERIALIZED VIEW", k_if_possible, nullptr},
    {"DROP FUNCTION", k_if_possible, nullptr},
    {"DROP TYPE", k_if_possible, nullptr},
    {"DROP TRIGGER", k_if_possible, nullptr},
    {"DROP SCHEMA", k_if_possible, nullptr},
    {"DROP EXTENSION", k_if_possible, nullptr},
};

const Row* find_row(const Tokens& tokens) {
    const auto* const found =
        std::ranges::find_if(k_rows, [&](const Row& row) { return begins_with(tokens, row.words); });
    return found == std::end(k_rows) ? nullptr : found;
}

// :name, :'name': psql would put a variable in its place. Two texts after each other are one to the server,
// by rules that other readers do not follow.
Fault spelling_fault(const Tokens& tokens) {
    if (std::ranges::any_of(tokens, [](const Token& token) { return token.kind == TokenKind::incomplete; }))
        return "has a quote without an end";
    for (std::size_t i = 1; i < tokens.size(); ++i) {
        const auto &last = tokens[i - 1], &token = tokens[i];
        if (is_text(last) && is_text(token)) return "has a text that goes on after its closing quote";
        const bool is_colon = is_symbol(last, ":") && (i < 2 || !is_symbol(tokens[i - 2], ":"));
        const bool is_glued = last.text.data() + last.text.size() == token.text.data();
        if (is_colon && is_glued && (is_name(token) || is_text(token) || is_symbol(token, "{")))
            return "has a variable of psql";
    }
    return std::nullopt;
}

bool gives_owner(const Tokens& tokens) {
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
        if (tokens[i].is_word("OWNER") && tokens[i + 1].is_word("TO")) return true;
    return false;
}

[[noreturn]] void refuse(const Statement& statement, const std::string& why) {
    throw Error{ExitCode::check, fmt::format("line {} of the dump {}", statement.line, why),
                "It is not restored. Look at that line, and at who made the file."};
}
}

Handling check_statement(const Statement& statement) {
    const auto& tokens = statement.tokens;
    const auto* const row = find_row(tokens);
    if (row == nullptr)
        refuse(statement,
               fmt::format("has a statement that no dump of tables needs: {}",
                           printable(head_code_points(fold_space(statement.text.substr(0, 200)), 60))));
    if (const auto fault = spelling_fault(tokens)) refuse(statement, *fault);
    if (const auto fault = dangerous_name(tokens)) refuse(statement, *fault);
    if (row->find_fault != nullptr)
        if (const auto fault = row->find_fault(tokens)) refuse(statement, *fault);
    const bool is_optional = (begins_with(tokens, "ALTER") && gives_owner(tokens)) ||
                             begins_with(tokens, "COMMENT ON EXTENSION") ||
                             begins_with(tokens, "COMMENT ON SCHEMA") ||
                             (begins_with(tokens, "ALTER TABLE IF EXISTS") && has_word(tokens, "DROP"));
    return is_optional ? Handling::run_if_possible : row->handling;
}

bool has_dynamic_sql(const Statement& statement) {
    if (!begins_with(statement.tokens, "CREATE FUNCTION") &&
        !begins_with(statement.tokens, "CREATE OR REPLACE FUNCTION") &&
        !begins_with(statement.tokens, "CREATE PROCEDURE"))
        return false;
    return std::ranges::any_of(statement.tokens, [](const Token& token) {
        return is_text(token) && has_word(tokens_of(inside(token)), "EXECUTE");
    });
}

std::string copied_table(const Statement& statement) {
    std::string table;
    for (std::size_t i = 1; i < statement.tokens.size(); ++i) {
        const auto& token = statement.tokens[i];
        if (!is_name(token) && !is_symbol(token, ".")) break;
        if (token.is_word("FROM")) break;
        table += is_name(token) ? name_of(token) : ".";
    }
    return table;
}
}
