#include "core/backup/manifest.hpp"
#include "core/base/error.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::backup;

namespace {
Manifest example() {
    Manifest manifest;
    manifest.name = "cti-news-20261127T020000Z", manifest.label = "l", manifest.format = "custom";
    manifest.compression = "gzip", manifest.only = "all", manifest.program_version = "1",
    manifest.pg_dump_version = "15";
    manifest.started = parse_time_argument("2026-11-27T02:00:00.250Z", Time()).value();
    manifest.duration = std::chrono::milliseconds(1234);
    manifest.database.database = "news", manifest.database.server_version = "15.18";
    manifest.database.tables = {{"public.articles", 3, "1/2"}, {"public.sources", 1, "-5/6"}};
    manifest.database.sequences = {{"public.articles_id_seq", 3}};
    manifest.database.migrations = {"0001_base"};
    manifest.database.foreign_keys = 4, manifest.database.indexes = 5;
    manifest.files = {{"dump.custom", 10, std::string(64, 'a')}};
    return manifest;
}
}

TEST_CASE("manifest: it comes back from its JSON") {
    const auto text = to_json(example());
    const auto manifest = parse_manifest(text);
    CHECK(to_json(manifest) == text);
    CHECK(manifest.database.rows() == 4);
    CHECK(manifest.bytes() == 10);
    CHECK(manifest.started == example().started);
}

TEST_CASE("manifest: it says how the files are encrypted, and nothing where they are not") {
    CHECK(to_json(example()).find("encryption") == std::string::npos);
    CHECK(parse_manifest(to_json(example())).encryption.empty());
    auto encrypted = example();
    encrypted.encryption = "age";
    CHECK(parse_manifest(to_json(encrypted)).encryption == "age");
}

TEST_CASE("manifest: any byte that changes and any that is missing is seen") {
    const auto text = to_json(example());
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto changed = text;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        CHECK_THROWS_AS(parse_manifest(changed), Error);
        CHECK_THROWS_AS(parse_manifest(std::string_view(text).substr(0, i)), Error);
    }
    CHECK_THROWS_AS(parse_manifest(text + "\n"), Error);
    CHECK_THROWS_AS(parse_manifest("{}"), Error);
}

TEST_CASE("manifest: a record of looks that cannot be read is none") {
    Verified verified;
    verified.at[1] = parse_time_argument("2026-11-27T02:00:00Z", Time()); // whole seconds
    CHECK(parse_verified(to_json(verified)).at[1] == verified.at[1]);
    CHECK(parse_verified(to_json(verified)).deepest() == Depth::decode);
    for (const char* text : {"", "{", "[]", "null"}) CHECK_FALSE(parse_verified(text).last());
}

TEST_CASE("manifest: a copy that lacks something is told, one that has more is not") {
    const auto wanted = example().database;
    CHECK(differences(wanted, wanted).empty());
    auto found = wanted;
    found.tables.push_back({"public.more", 1, "0/0"});
    found.sequences[0].last_value = 9;
    found.indexes = 9;
    CHECK(differences(wanted, found).empty());
    found.tables[0].rows = 2, found.tables[1].checksum = "7/7", found.sequences.clear(),
    found.foreign_keys = 0;
    CHECK(differences(wanted, found) ==
          std::vector<std::string>{
              "public.articles has 2 rows, not 3", "the rows of public.sources are not the same",
              "the sequence public.articles_id_seq is missing or behind", "0 foreign keys, not 4"});
}
