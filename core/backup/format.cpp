#include "core/backup/format.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::backup {
namespace {
constexpr Format k_formats[] = {
    {"custom", "--format=custom", "dump.custom", false, true, "one file for pg_restore"},
    {"sql", "--format=plain", "dump.sql", false, false, "plain SQL, which psql reads"},
    {"directory", "--format=directory", "dump", true, true, "a file for each table, written in parallel"},
};
constexpr NamedCompression k_compressions[] = {
    {"gzip", io::Compression::gzip, ".gz", "--compress=6", 0},
    {"zstd", io::Compression::zstd, ".zst", "--compress=zstd", 16},
    {"none", io::Compression::none, "", "--compress=0", 0},
};

template <class Row>
const Row* find_in(std::span<const Row> rows, std::string_view name) {
    const auto found = std::ranges::find_if(rows, [&](const Row& row) { return row.name == name; });
    return found == rows.end() ? nullptr : &*found;
}
}

std::span<const Format> formats() { return k_formats; }
const Format* find_format(std::string_view name) { return find_in(formats(), name); }
std::span<const NamedCompression> compressions() { return k_compressions; }
const NamedCompression* find_compression(std::string_view name) { return find_in(compressions(), name); }

std::vector<std::string> pg_dump_words(const DumpOrder& order, const std::string& connection) {
    std::vector<std::string> words{
        "pg_dump", "--dbname=" + connection, order.format->pg_dump_option, "--snapshot=" + order.snapshot,
        "--no-password", "--encoding=UTF8",
        // Unlogged tables hold nothing that outlives a crash, and a replica cannot read them.
        "--no-unlogged-table-data",
        // They would reach out to other servers as soon as they are restored.
        "--no-publications", "--no-subscriptions", "--no-security-labels", "--lock-wait-timeout=60s"};
    if (order.format->is_compressed_inside) words.emplace_back(order.compression->pg_dump_option);
    if (order.format->is_folder) {
        words.push_back("--file=" + order.folder);
        words.push_back(fmt::format("--jobs={}", order.jobs));
    }
    for (const auto& table : order.left_out_tables) words.push_back("--exclude-table=" + table);
    for (const auto& schema : order.left_out_schemas) words.push_back("--exclude-schema=" + schema);
    return words;
}

std::string dump_file(const Format& format, const NamedCompression& compression) {
    return format.is_compressed_inside ? std::string(format.file)
                                       : fmt::format("{}{}", format.file, compression.file_end);
}

int major_version(std::string_view said) {
    const auto mark = said.find(") ");
    int version = 0;
    for (std::size_t i = mark == said.npos ? said.size() : mark + 2;
         i < said.size() && is_ascii_digit(said[i]); ++i)
        version = version * 10 + (said[i] - '0');
    return version;
}
}
