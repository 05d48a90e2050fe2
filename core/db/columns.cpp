#include "core/db/columns.hpp"

#include "core/base/byte_runs.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace cti::db {
namespace {

constexpr const char* k_with_zone = "timestamp with time zone";

// "character" alone would be character(1), and cut.
std::string cast_type(const Column& column) { return column.type == "character" ? "bpchar" : column.type; }

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

// "" where there is no value that means nothing.
std::string neutral_value(const Column& column, const std::string& zone) {
    const std::string_view type = column.type;
    for (const auto number : {"smallint", "integer", "bigint", "numeric", "real", "double precision"})
        if (type == number) return "0";
    if (type == "boolean") return "false";
    if (type == "json" || type == "jsonb") return "'{}'";
    if (type.size() > 2 && type.substr(type.size() - 2) == "[]") return "'{}'";
    if (type == "text" || type == "bytea" || starts_with(type, "character")) return "''";
    if (starts_with(type, "timestamp") || type == "date") return as_column_time(column, "now()", zone);
    return {};
}
}

std::string as_column_time(const Column& column, const std::string& moment, const std::string& zone) {
    // A parameter that no one refers to has no type, which the server refuses.
    if (column.type == k_with_zone)
        return fmt::format("(CASE WHEN {}::text <> '' THEN {} END)", zone, moment);
    return fmt::format("(({}) AT TIME ZONE {}::text)", moment, zone);
}

std::string as_moment(const Column& column, const std::string& expression, const std::string& zone) {
    // The same words both ways: as a column's time, or from it.
    return as_column_time(column, expression, zone);
}

std::string read_time_of(const Schema& schema, const Column& column, const std::string& expression,
                         const std::string& zone) {
    // The same eight bytes without a look at the zone's rules for each row.
    if (column.type != k_with_zone && schema.time_zone == "UTC")
        return fmt::format("(CASE WHEN {}::text = 'UTC' THEN encode(timestamp_send({}), 'hex') END)", zone,
                           expression);
    return read_moment(as_moment(column, expression, zone));
}

std::string read_time(const Schema& schema, const Table& table, std::string_view column,
                      const std::string& zone) {
    const auto found = table.columns.find(column);
    return found == table.columns.end() ? "NULL::text"
                                        : read_time_of(schema, found->second, std::string(column), zone);
}

std::string read_column(const Table& table, std::string_view column) {
    return table.has(column) ? std::string(column) : "NULL::text";
}

std::string timestamp_text(Time time) {
    using namespace std::chrono;
    static constexpr Time first = sys_days{year{1} / 1 / 2}, last = sys_days{year{9999} / 12 / 30};
    time = std::clamp(time, first, last);
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

std::string& TextArray::separate() {
    if (m_text.size() > 1) m_text += ',';
    return m_text;
}

std::string int_array(const std::vector<int>& numbers) {
    return fmt::format("{{{}}}", fmt::join(numbers, ","));
}

std::vector<int> read_int_array(std::string_view text) {
    std::vector<int> numbers;
    for (const auto part :
         split(text.substr(0, text.size() - 1).substr(std::min<std::size_t>(1, text.size())), ',')) {
        int value = 0;
        if (std::from_chars(part.data(), part.data() + part.size(), value).ec == std::errc())
            numbers.push_back(value);
    }
    return numbers;
}

void TextArray::add(std::string_view text) {
    auto& out = separate();
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        const auto special =
            find_byte(text, at, [](unsigned char c) { return static_cast<bool>((c == '"') | (c == '\\')); });
        out.append(text, at, special - at);
        if (special < text.size()) {
            out += '\\';
            out += text[special];
        }
        at = special + 1;
    }
    out += '"';
}

void InsertList::set(std::string_view column, const std::string& value) {
    const auto found = m_table.columns.find(column);
    if (found == m_table.columns.end()) return;
    auto expression = fmt::format("CAST({} AS {})", value, cast_type(found->second));
    const auto instead = found->second.nullable ? std::string() : neutral_value(found->second, m_zone);
    if (!instead.empty()) expression = fmt::format("coalesce({}, {})", expression, instead);
    m_items.push_back({found->first, std::move(expression)});
}

void InsertList::set_time(std::string_view column, const std::string& moment) {
    const auto found = m_table.columns.find(column);
    if (found != m_table.columns.end()) set(column, as_column_time(found->second, moment, m_zone));
}

void InsertList::fill_required() {
    const auto is_set = [&](const std::string& name) {
        return std::any_of(m_items.begin(), m_items.end(),
                           [&](const Item& item) { return item.name == name; });
    };
    for (const auto& [name, column] : m_table.columns) {
        if (name == "id" && !column.has_default)
            throw Error(
                ExitCode::schema,
                fmt::format("cannot number new rows of {}: its column 'id' has lost its default",
                            m_table_name),
                fmt::format(
                    "Give it back its sequence: ALTER TABLE {} ALTER COLUMN id SET DEFAULT nextval(…).",
                    m_table_name));
        if (column.nullable || column.has_default || is_set(name)) continue;
        m_items.push_back({name, fmt::format("CAST({} AS {})", neutral(name, column), cast_type(column))});
    }
}

std::string InsertList::neutral(const std::string& name, const Column& column) const {
    auto value = neutral_value(column, m_zone);
    if (value.empty())
        throw Error(
            ExitCode::schema,
            fmt::format("cannot fill the column {}.{}: it is NOT NULL without a default, and of type {}",
                        m_table_name, name, column.type),
            "Give the column a default.");
    return value;
}

std::string quoted_name(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) out.append(c == '"' ? 2 : 1, c);
    return out + '"';
}

std::string InsertList::names() const {
    std::string out;
    for (const auto& item : m_items) out += (out.empty() ? "" : ", ") + quoted_name(item.name);
    return out;
}

std::string InsertList::values() const {
    std::string out;
    for (const auto& item : m_items) out += (out.empty() ? "" : ",\n       ") + item.value;
    return out;
}
}
