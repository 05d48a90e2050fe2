#include "core/backup/table_selection.hpp"

#include "core/backup/token_words.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::backup {
namespace {
using std::string_view;

// "public.articles", from this place on; the place behind it comes back in it.
std::string read_name(const Tokens& tokens, std::size_t& place) {
    std::string name;
    while (place < tokens.size() && is_name(tokens[place])) {
        name += name_of(tokens[place++]);
        if (place >= tokens.size() || !is_symbol(tokens[place], ".")) break;
        name += '.', ++place;
    }
    return name;
}

std::size_t skip_words(const Tokens& tokens, std::size_t place) {
    constexpr string_view k_passed[] = {"IF", "NOT", "EXISTS", "ONLY", "TABLE", "SEQUENCE"};
    while (place < tokens.size() &&
           std::ranges::any_of(k_passed, [&](string_view word) { return tokens[place].is_word(word); }))
        ++place;
    return place;
}

std::size_t place_after(const Tokens& tokens, string_view word, std::size_t from = 0) {
    while (from < tokens.size() && !tokens[from].is_word(word)) ++from;
    return std::min(from + 1, tokens.size());
}

// 'public.articles_id_seq', as it stands in a text.
std::string name_in(const Token& text) {
    const auto tokens = tokens_of(inside(text));
    std::size_t place = 0;
    return read_name(tokens, place);
}

struct SelectionRow {
    string_view words, mark; // what a statement begins with, and the word before the name; "": none
    bool has_column = false; // the name's last part is one
};
constexpr SelectionRow k_selection_rows[] = {
    {"CREATE TABLE", ""},
    {"CREATE UNLOGGED TABLE", ""},
    {"ALTER TABLE", ""},
    {"COPY", ""},
    {"INSERT INTO", ""},
    {"CREATE INDEX", "ON"},
    {"CREATE UNIQUE INDEX", "ON"},
    {"CREATE TRIGGER", "ON"},
    {"CREATE CONSTRAINT TRIGGER", "ON"},
    {"CREATE POLICY", "ON"},
    {"CREATE RULE", "TO"},
    {"CREATE STATISTICS", "FROM"},
    {"CREATE SEQUENCE", ""},
    {"CREATE UNLOGGED SEQUENCE", ""},
    {"ALTER SEQUENCE", ""},
    {"CREATE VIEW", ""},
    {"CREATE OR REPLACE VIEW", ""},
    {"CREATE MATERIALIZED VIEW", ""},
    {"REFRESH MATERIALIZED VIEW", ""},
    {"ALTER VIEW", ""},
    {"ALTER MATERIALIZED VIEW", ""},
    {"COMMENT ON TABLE", ""},
    {"COMMENT ON VIEW", ""},
    {"COMMENT ON MATERIALIZED VIEW", ""},
    {"COMMENT ON SEQUENCE", ""},
    {"COMMENT ON COLUMN", "", true},
    {"COMMENT ON CONSTRAINT", "ON"},
    {"COMMENT ON TRIGGER", "ON"},
    {"COMMENT ON POLICY", "ON"},
    {"COMMENT ON RULE", "ON"},
};

bool is_right_on_other_things(const Tokens& tokens) {
    constexpr string_view k_others[] = {"SCHEMA",  "FUNCTION",  "PROCEDURE", "TYPE",
                                        "DOMAIN",  "LANGUAGE",  "DATABASE",  "LARGE",
                                        "FOREIGN", "PARAMETER", "TABLESPACE"};
    const auto place = place_after(tokens, "ON");
    return place < tokens.size() &&
           std::ranges::any_of(k_others, [&](string_view word) { return tokens[place].is_word(word); });
}

// SELECT pg_catalog.setval('public.articles_id_seq', 5, true). "": a large object, which is of no table.
std::optional<std::string> sequence_of_call(const Tokens& tokens) {
    if (tokens.size() > 3 && name_of(tokens[3]) == "set_config") return std::nullopt;
    return tokens.size() > 5 && is_text(tokens[5]) ? name_in(tokens[5]) : std::string();
}

// The table, sequence or view that a statement is about; nothing: it is about none.
std::optional<std::string> find_subject(const Tokens& tokens) {
    if (begins_with(tokens, "SELECT")) return sequence_of_call(tokens);
    std::size_t place = tokens.size();
    bool has_column = false;
    if (begins_with(tokens, "GRANT") || begins_with(tokens, "REVOKE")) {
        if (is_right_on_other_things(tokens)) return std::nullopt;
        place = place_after(tokens, "ON");
    } else if (begins_with(tokens, "ALTER LARGE OBJECT")) {
        return std::string();
    } else {
        const auto* const row = std::ranges::find_if(
            k_selection_rows, [&](const SelectionRow& one) { return begins_with(tokens, one.words); });
        if (row == std::end(k_selection_rows)) return std::nullopt;
        has_column = row->has_column;
        const auto first = static_cast<std::size_t>(std::ranges::count(row->words, ' ')) + 1;
        place = row->mark.empty() ? first : place_after(tokens, row->mark, first);
    }
    place = skip_words(tokens, place);
    auto name = read_name(tokens, place);
    return has_column ? name.substr(0, name.rfind('.')) : name;
}

// "cti.search_words" or "SCHEMA cti"
bool is_about_schema_cti(const Tokens& tokens) {
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        const bool is_prefix =
            is_name(tokens[i]) && name_of(tokens[i]) == "cti" && is_symbol(tokens[i + 1], ".");
        const bool is_schema =
            tokens[i].is_word("SCHEMA") && is_name(tokens[i + 1]) && name_of(tokens[i + 1]) == "cti";
        if (is_prefix || is_schema) return true;
    }
    return false;
}

template <class Do>
void for_each_name_after(const Tokens& tokens, string_view word, Do&& act) {
    for (auto place = place_after(tokens, word); place < tokens.size();) {
        act(read_name(tokens, place));
        place = place_after(tokens, word, place);
    }
}

// INHERITS (public.a, public.b)
std::vector<std::string> parents_of(const Tokens& tokens) {
    std::vector<std::string> parents;
    auto place = place_after(tokens, "INHERITS") + 1;
    while (place < tokens.size() && is_name(tokens[place])) {
        parents.push_back(read_name(tokens, place));
        if (place < tokens.size() && is_symbol(tokens[place], ",")) ++place;
    }
    return parents;
}
}

std::optional<Handling> TableSelection::handling_of(const Statement& statement, Handling handling) const {
    const auto subject = find_subject(statement.tokens);
    // Without one of its tables nothing of the schema is wanted: 'cti init' makes it anew.
    const auto is_of_cti = [](const std::string& table) { return table.starts_with("cti."); };
    if (!subject && is_about_schema_cti(statement.tokens) && std::ranges::none_of(tables, is_of_cti))
        return std::nullopt;
    if (!subject) return handling == Handling::pass_over ? handling : Handling::run_if_possible;
    return tables.contains(*subject) || sequences.contains(*subject) ? std::optional(handling) : std::nullopt;
}

void DumpOutline::add(const Statement& statement) {
    const auto& tokens = statement.tokens;
    const bool is_new = begins_with(tokens, "CREATE TABLE") || begins_with(tokens, "CREATE UNLOGGED TABLE");
    const bool is_sequence = begins_with(tokens, "ALTER SEQUENCE");
    if (!is_new && !is_sequence && !begins_with(tokens, "ALTER TABLE")) return;
    const auto subject = find_subject(tokens).value_or("");
    if (is_sequence) {
        auto place = place_after(tokens, "OWNED") + 1; // BY
        const auto owner = read_name(tokens, place);
        if (!owner.empty()) m_sequences[owner.substr(0, owner.rfind('.'))].insert(subject);
        return;
    }
    if (is_new) m_tables.insert(subject);
    auto& needed = m_needed[subject];
    for_each_name_after(tokens, "REFERENCES", [&](std::string name) { needed.insert(std::move(name)); });
    if (is_new && has_word(tokens, "INHERITS"))
        std::ranges::copy(parents_of(tokens), std::inserter(needed, needed.end()));
    if (has_word(tokens, "ATTACH"))
        for_each_name_after(tokens, "PARTITION", [&](std::string name) { needed.insert(std::move(name)); });
    if (has_word(tokens, "IDENTITY"))
        for_each_name_after(tokens, "NAME",
                            [&](std::string name) { m_sequences[subject].insert(std::move(name)); });
    for (std::size_t i = 2; i < tokens.size(); ++i)
        if (is_text(tokens[i]) && is_symbol(tokens[i - 1], "(") && name_of(tokens[i - 2]) == "nextval")
            m_sequences[subject].insert(name_in(tokens[i]));
}

std::string DumpOutline::find_table(const std::string& name) const {
    std::vector<std::string> found;
    for (const auto& table : m_tables)
        if (table == name || table.substr(table.find('.') + 1) == name) found.push_back(table);
    if (found.size() == 1) return found.front();
    throw Error{
        ExitCode::usage,
        found.empty() ? fmt::format("the dump has no table '{}'", printable(name))
                      : fmt::format("the dump has several tables '{}'", printable(name)),
        fmt::format("Its tables are: {}.", printable(join({m_tables.begin(), m_tables.end()}, ", ")))};
}

TableSelection DumpOutline::select(const std::vector<std::string>& names) const {
    TableSelection selection;
    std::vector<std::string> open;
    for (const auto& name : names) open.push_back(find_table(name));
    while (!open.empty()) {
        const auto table = open.back();
        open.pop_back();
        if (!m_tables.contains(table) || !selection.tables.insert(table).second) continue;
        if (const auto needed = m_needed.find(table); needed != m_needed.end())
            std::ranges::copy(needed->second, std::back_inserter(open));
        if (const auto own = m_sequences.find(table); own != m_sequences.end())
            selection.sequences.insert(own->second.begin(), own->second.end());
    }
    return selection;
}
}
