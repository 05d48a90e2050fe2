#pragma once
#include "core/db/pqxx_impl.hpp"
#include "core/db/schema.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Building statements for tables whose columns are known at run time only. Table and column names are our own
// constants.
namespace cti::db {

// Reads a timestamp for maybe_time(); `zone` is the parameter ($1) that holds Schema::time_zone. The
// session's TimeZone never has a say.
std::string read_time(const Schema& schema, const Table& table, std::string_view column,
                      const std::string& zone);
// The same for an expression whose type is that of the column.
std::string read_time_of(const Schema& schema, const Column& column, const std::string& expression,
                         const std::string& zone);
// The column, or NULL where the table has none of that name.
std::string read_column(const Table& table, std::string_view column);
// What the column keeps as a moment (SQL of type timestamptz), and back.
std::string as_moment(const Column& column, const std::string& expression, const std::string& zone);
std::string as_column_time(const Column& column, const std::string& moment, const std::string& zone);
// What `timestamptz` reads: 2026-11-19 12:00:00.000000+00. Kept within the years 1 to 9999, which Python can
// hold.
std::string timestamp_text(Time time);

// {1,2} for a parameter of type int[].
std::string int_array(const std::vector<int>& numbers);
std::vector<int> read_int_array(std::string_view text); // as the server writes it
// A name for a statement, whatever it holds.
std::string quoted_name(std::string_view name);

// {"a","b"} for a parameter of type text[]; a missing element is NULL.
class TextArray {
public:
    void add(std::string_view text);
    void reserve(std::size_t bytes) { m_text.reserve(bytes); } // of all texts, for long ones
    void add_null() { separate() += "NULL"; }
    std::string finish() { return std::move(m_text += '}'); } // once

private:
    std::string& separate();
    std::string m_text = "{";
};

// The columns of one INSERT: those that we know and the table has, and a neutral value for those that it
// insists on.
class InsertList {
public:
    InsertList(std::string table_name, const Table& table, std::string zone)
        : m_table_name(std::move(table_name)), m_table(table), m_zone(std::move(zone)) {}

    // value: SQL of any type with a cast to the column's. Left out where the table has no such column. NULL
    // gives way to a neutral value where the column is NOT NULL.
    void set(std::string_view column, const std::string& value);
    // The same with a parameter, which is added only where it is used: one that no one refers to has no type.
    template <class Value>
    void bind(std::string_view column, Params& params, const Value& value) {
        if (m_table.has(column)) set(column, params.add(value) + "::text");
    }
    void set_time(std::string_view column, const std::string& moment); // moment: SQL of type timestamptz
    // To be called last. Throws Error(schema) that names the column for which there is no neutral value.
    void fill_required();

    std::string names() const;
    std::string values() const;

private:
    struct Item {
        std::string name, value;
    };
    std::string neutral(const std::string& name, const Column& column) const;

    std::string m_table_name; // for messages
    const Table& m_table;
    std::string m_zone;
    std::vector<Item> m_items;
};
}
