#include "core/store/own/export_cursors.hpp"
#include "test_database.hpp"

#include <doctest/doctest.h>

using namespace cti;
using namespace cti::db;
using namespace cti::store;

namespace {
using Files = std::vector<std::string>;

template <class Work>
auto in_transaction(Ready& ready, const Work& work) {
    auto transaction = ready.begin();
    const auto result = work(transaction);
    transaction.commit();
    return result;
}
ExportCursor cursor_of(Ready& ready) {
    return in_transaction(ready, [](Transaction& tx) { return read_export_cursor(tx, "siem"); });
}
Files files_of(Ready& ready) {
    return in_transaction(ready, [](Transaction& tx) { return list_export_files(tx, "siem"); });
}
void record(Ready& ready, const std::string& file) {
    in_transaction(ready, [&](Transaction& tx) { return record_export_file(tx, "siem", file), 0; });
}
void confirm(Ready& ready, const std::string& file, const Files& gone) {
    in_transaction(ready, [&](Transaction& tx) { return confirm_export(tx, "siem", file, gone), 0; });
}
bool move(Ready& ready, const ExportCursor& from, int last_id, const std::string& file, bool again = false) {
    return in_transaction(ready, [&](Transaction& tx) {
        return move_export_cursor(tx, "siem", from, {.last_id = last_id, .beyond = {}}, 1, file, again);
    });
}
}

TEST_CASE("export cursors: a file that is written down moves nothing, and is there once") {
    Ready ready;
    CHECK(files_of(ready).empty());
    for (const char* file : {"/a/.x.tmp.1", "/a/\"b\\,{c}", "/a/.x.tmp.1"}) record(ready, file);
    CHECK(files_of(ready) == Files{"/a/\"b\\,{c}", "/a/.x.tmp.1"});
    const auto cursor = cursor_of(ready);
    CHECK(cursor.revision == 0);
    CHECK(cursor.last_id == 0);
    CHECK(cursor.pending_file.empty());
}

TEST_CASE("export cursors: of two that began at the same place one moves the cursor") {
    Ready ready;
    const auto from = cursor_of(ready);
    record(ready, "/a/1");
    record(ready, "/a/2");
    CHECK(move(ready, from, 7, "/a/1"));
    CHECK_FALSE(move(ready, from, 8, "/a/2"));
    CHECK(cursor_of(ready).last_id == 7);
    CHECK(cursor_of(ready).pending_file == "/a/1");
    // The same move again, whose answer was lost, is no other one.
    CHECK(move(ready, from, 7, "/a/1", true));
    CHECK_FALSE(move(ready, from, 7, "/a/2", true));
}

TEST_CASE("export cursors: confirming forgets the files that are gone, and no proof of another export") {
    Ready ready;
    for (const char* file : {"/a/1", "/a/2", "/a/3"}) record(ready, file);
    CHECK(move(ready, cursor_of(ready), 7, "/a/3"));
    confirm(ready, "/a/2", {"/a/2", "/a/\"b\\"});
    CHECK(files_of(ready) == Files{"/a/1", "/a/3"});
    CHECK(cursor_of(ready).pending_file == "/a/3");
    confirm(ready, "", {"/a/1"}); // of an export to standard output
    CHECK(cursor_of(ready).pending_file == "/a/3");
    confirm(ready, "/a/3", {"/a/3"});
    CHECK(files_of(ready).empty());
    CHECK(cursor_of(ready).pending_file.empty());
    CHECK(cursor_of(ready).last_id == 7);
}
