#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/db/database_faults.hpp"
#include "core/db/own_indexes.hpp"
#include "core/db/time_base.hpp"
#include "core/ops/doctor/doctor_checks.hpp"
#include "core/store/read/word_search.hpp"

#include <fmt/format.h>

namespace cti::ops {
namespace {

// Whether the statements of a run will find what they rely on.
void look_at_own_indexes(db::Transaction& transaction, Findings& findings) {
    if (const auto tables = db::missing_tables(transaction); !tables.empty())
        findings.add("tables", Verdict::fail, "missing: " + join(tables, ", "),
                     "Restore them from a backup; cti makes a schema only when all of it is missing.");
    const auto missing = db::missing_indexes(transaction);
    findings.add("indexes", missing.empty() ? Verdict::ok : Verdict::fail,
                 missing.empty() ? "the keys and indexes of the schema cti are whole"
                                 : "missing: " + join(missing, ", "),
                 missing.empty() ? "" : "Run 'cti init': it makes them again.");
}

void look_at_shared_keys(db::Transaction& transaction, Findings& findings) {
    const auto lost = db::find_lost_keys(transaction);
    if (lost.empty()) return findings.add("keys", Verdict::ok, "the web service's tables have theirs");
    std::vector<std::string> columns, statements;
    for (const auto& fault : lost) columns.push_back(fault.what), statements.push_back(fault.remedy);
    findings.add(
        "keys", Verdict::warn, "not unique: " + join(columns, ", "),
        fmt::format("Let their owner run, once no row stands there twice: {}", join(statements, " ")));
}

void look_at_addresses(db::Transaction& transaction, Findings& findings) {
    constexpr int k_max_named = 3;
    const auto doubled = db::find_doubled_addresses(transaction, k_max_named);
    findings.add(
        "addresses", doubled.empty() ? Verdict::ok : Verdict::warn,
        doubled.empty() ? "none stands twice" : "standing more than once: " + join(doubled, ", "),
        doubled.empty()
            ? ""
            : "Delete or archive the later articles in the web service, and disable the later source.");
}

void look_at_embeddings(db::Transaction& transaction, Findings& findings) {
    for (const auto& fault : db::find_text_embeddings(transaction))
        findings.add("embeddings", Verdict::warn,
                     fmt::format("{} is text, although the server has pgvector", fault.what),
                     "Let the owner of the table run: " + fault.remedy);
}

// Few are read by each search in passing; many are what a migration or another program has left.
void look_at_search_index(db::Transaction& transaction, const db::Schema& schema, Findings& findings) {
    constexpr long k_many = 1000;
    const bool is_behind = store::count_unindexed(transaction, schema, k_many) == k_many;
    findings.add("search index", is_behind ? Verdict::warn : Verdict::ok,
                 is_behind
                     ? fmt::format("{} articles or more are not in it, and each search reads them", k_many)
                     : "it has the articles",
                 is_behind ? "Run 'cti intel backfill --step words' once." : "");
}

void look_at_time_base(db::Transaction& transaction, const db::Schema& schema, Findings& findings) {
    const auto fault = db::find_zone_fault(transaction, schema);
    findings.add("time zone", fault ? Verdict::warn : Verdict::ok,
                 fault ? fault->what : "what others wrote fits the server's clock in " + schema.time_zone,
                 fault ? fault->remedy : "");
}
}

void look_at_tables(db::Transaction& transaction, const db::Schema& schema, Findings& findings) {
    look_at_own_indexes(transaction, findings);
    look_at_shared_keys(transaction, findings);
    look_at_addresses(transaction, findings);
    look_at_embeddings(transaction, findings);
    look_at_search_index(transaction, schema, findings);
    look_at_time_base(transaction, schema, findings);
}
}
