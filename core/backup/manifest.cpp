#include "core/backup/manifest.hpp"

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace cti::backup {
namespace {
using nlohmann::json;
constexpr std::string_view k_seal = "\"manifest_sha256\": \"", k_end = "\"\n}\n";
constexpr int k_version = 1, k_max_depth = 8;

// The text is an object whose last bracket was not written yet.
std::string seal(std::string text) {
    text += ",\n  ";
    const auto sum = sha256_hex(text);
    return text.append(k_seal).append(sum).append(k_end);
}

bool is_sealed(std::string_view text) {
    const auto mark = text.rfind(k_seal);
    return mark != text.npos &&
           text.substr(mark) == fmt::format("{}{}{}", k_seal, sha256_hex(text.substr(0, mark)), k_end);
}

void write_files(JsonWriter& out, const std::vector<FileFacts>& files) {
    out.key("files").begin_array();
    for (const auto& file : files) {
        out.begin_object().member("name", file.name).member("size", file.size);
        out.member("sha256", file.sha256).end_object();
    }
    out.end_array();
}

void write_database(JsonWriter& out, const DatabaseFacts& facts) {
    out.member("database", facts.database).member("server_version", facts.server_version);
    out.member("migrations", facts.migrations);
    out.member("foreign_keys", facts.foreign_keys).member("indexes", facts.indexes);
    out.key("tables").begin_array();
    for (const auto& table : facts.tables)
        out.begin_object()
            .member("name", table.name)
            .member("rows", table.rows)
            .member("checksum", table.checksum)
            .end_object();
    out.end_array().key("sequences").begin_array();
    for (const auto& sequence : facts.sequences)
        out.begin_object()
            .member("name", sequence.name)
            .member("last_value", sequence.last_value)
            .end_object();
    out.end_array();
}

DatabaseFacts read_database(const json& from) {
    DatabaseFacts facts;
    from.at("database").get_to(facts.database);
    from.at("server_version").get_to(facts.server_version);
    from.at("migrations").get_to(facts.migrations);
    from.at("foreign_keys").get_to(facts.foreign_keys);
    from.at("indexes").get_to(facts.indexes);
    for (const auto& table : from.at("tables"))
        facts.tables.push_back({table.at("name"), table.at("rows"), table.at("checksum")});
    for (const auto& sequence : from.at("sequences"))
        facts.sequences.push_back({sequence.at("name"), sequence.at("last_value")});
    return facts;
}

Manifest read_manifest(const json& from) {
    Manifest manifest;
    from.at("name").get_to(manifest.name);
    from.at("label").get_to(manifest.label);
    from.at("format").get_to(manifest.format);
    from.at("compression").get_to(manifest.compression);
    from.at("only").get_to(manifest.only);
    manifest.encryption = from.value("encryption", "");
    from.at("program_version").get_to(manifest.program_version);
    from.at("pg_dump_version").get_to(manifest.pg_dump_version);
    manifest.started = parse_time_argument(from.at("started").get<std::string>(), Time()).value();
    manifest.duration = std::chrono::milliseconds(from.at("duration_ms").get<long>());
    manifest.database = read_database(from);
    for (const auto& file : from.at("files"))
        manifest.files.push_back({file.at("name"), file.at("size"), file.at("sha256")});
    return manifest;
}

[[noreturn]] void refuse(const std::string& why) {
    throw Error{ExitCode::check, "the manifest " + why, "Use another backup: 'cti backup list'."};
}
}

long Manifest::bytes() const {
    long all = 0;
    for (const auto& file : files) all += file.size;
    return all;
}

std::string to_json(const Manifest& manifest) {
    std::string text;
    JsonWriter out(text, 2);
    out.begin_object().member("manifest_version", k_version);
    out.member("name", manifest.name).member("label", manifest.label).member("format", manifest.format);
    out.member("compression", manifest.compression).member("only", manifest.only);
    if (!manifest.encryption.empty()) out.member("encryption", manifest.encryption);
    out.member("program_version", manifest.program_version)
        .member("pg_dump_version", manifest.pg_dump_version);
    out.member("started", format_rfc3339_millis(manifest.started))
        .member("duration_ms", manifest.duration.count());
    write_database(out, manifest.database);
    write_files(out, manifest.files);
    return seal(std::move(text));
}

Manifest parse_manifest(std::string_view text) {
    if (!is_sealed(text)) refuse("was changed, or is not whole");
    if (is_nested_deeper(text, k_max_depth)) refuse("is not one of cti");
    try {
        const auto parsed = json::parse(text);
        if (parsed.at("manifest_version").get<int>() > k_version)
            refuse("was written by a later version of cti: install that one");
        return read_manifest(parsed);
    } catch (const json::exception&) {
        refuse("is not one of cti");
    } catch (const std::bad_optional_access&) {
        refuse("has no time");
    }
}

std::optional<Time> Verified::last() const {
    std::optional<Time> last;
    for (const auto& time : at)
        if (time && (!last || *time > *last)) last = time;
    return last;
}

std::optional<Depth> Verified::deepest() const {
    for (const auto depth : {Depth::restore, Depth::decode, Depth::checksums})
        if (at[static_cast<int>(depth)]) return depth;
    return std::nullopt;
}

std::string to_json(const Verified& verified) {
    std::string text;
    JsonWriter out(text, 2);
    out.begin_object().member("damage", verified.damage);
    for (std::size_t i = 0; i < verified.at.size(); ++i)
        out.member(k_names<Depth>[i], format_rfc3339(verified.at[i]));
    return seal(std::move(text));
}

Verified parse_verified(std::string_view text) {
    if (!is_sealed(text)) return {};
    const auto parsed = json::parse(text, nullptr, false);
    if (!parsed.is_object()) return {};
    Verified verified;
    verified.damage = parsed.value("damage", "");
    for (std::size_t i = 0; i < verified.at.size(); ++i)
        if (const auto found = parsed.find(k_names<Depth>[i]); found != parsed.end() && found->is_string())
            verified.at[i] = parse_time_argument(found->get<std::string>(), Time());
    return verified;
}

std::vector<std::string> differences(const DatabaseFacts& wanted, const DatabaseFacts& found) {
    std::vector<std::string> faults;
    std::map<std::string, TableFacts> tables;
    for (const auto& table : found.tables) tables.emplace(table.name, table);
    for (const auto& table : wanted.tables) {
        const auto it = tables.find(table.name);
        if (it == tables.end())
            faults.push_back(fmt::format("the table {} is missing", table.name));
        else if (it->second.rows != table.rows)
            faults.push_back(fmt::format("{} has {} rows, not {}", table.name, it->second.rows, table.rows));
        else if (it->second.checksum != table.checksum)
            faults.push_back(fmt::format("the rows of {} are not the same", table.name));
    }
    std::map<std::string, long> sequences;
    for (const auto& sequence : found.sequences) sequences.emplace(sequence.name, sequence.last_value);
    // They are not part of a snapshot: while others write, pg_dump may see a later number than we did.
    for (const auto& sequence : wanted.sequences)
        if (const auto it = sequences.find(sequence.name);
            it == sequences.end() || it->second < sequence.last_value)
            faults.push_back(fmt::format("the sequence {} is missing or behind", sequence.name));
    if (found.foreign_keys < wanted.foreign_keys)
        faults.push_back(fmt::format("{} foreign keys, not {}", found.foreign_keys, wanted.foreign_keys));
    if (found.indexes < wanted.indexes)
        faults.push_back(fmt::format("{} indexes, not {}", found.indexes, wanted.indexes));
    return faults;
}
}
