#pragma once
#include "core/io/compression.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cti::backup {

// One row of the table of formats.
struct Format {
    const char* name;
    const char* pg_dump_option;
    const char* file; // what the dump is called in the backup's folder, before the end of its compression
    bool is_folder;
    // By pg_dump, inside the file, which pg_restore then reads as it is; else by us, around it.
    bool is_compressed_inside;
    const char* summary;
};
std::span<const Format> formats(); // the first is what is made where nobody says otherwise
const Format* find_format(std::string_view name);

struct NamedCompression {
    const char* name;
    io::Compression compression;
    const char* file_end;
    const char* pg_dump_option;
    int min_pg_dump; // the first version that has it inside a dump
};
std::span<const NamedCompression> compressions();
const NamedCompression* find_compression(std::string_view name);

// What pg_dump is told, but for where the database is. jobs counts for a folder alone.
struct DumpOrder {
    const Format* format = nullptr;
    const NamedCompression* compression = nullptr;
    std::string snapshot; // of pg_export_snapshot()
    std::string folder;   // where the format is one
    int jobs = 1;
    std::vector<std::string> left_out_tables, left_out_schemas; // quoted, as pg_dump takes patterns
};
std::vector<std::string> pg_dump_words(const DumpOrder& order, const std::string& connection);

// "dump.sql.gz"
std::string dump_file(const Format& format, const NamedCompression& compression);
// 15, of "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"; 0 where it says something else.
int major_version(std::string_view said);
}
