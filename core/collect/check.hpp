#pragma once
#include "core/collect/entry_report.hpp"
#include "core/collect/entry_selection.hpp"
#include "core/collect/logins.hpp"
#include "core/collect/page_work.hpp"
#include "core/collect/schedule.hpp"
#include "core/model.hpp"
#include "core/net/client.hpp"
#include "core/source/kind.hpp"
#include "core/store/own/leases.hpp"
#include "core/store/record.hpp"
#include "core/telemetry/span.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// All that happens to one source in one run: its feed or its lists of links, the pages of what is new, and
// the one transaction that stores it.
namespace cti::pipeline {
class Intelligence;
}

namespace cti::collect {

struct CheckOptions {
    bool dry_run = false;      // nothing is written, the counts say what would be
    bool by_hand = false;      // somebody asked for it now: a failure is no reason to wait longer
    bool pages = false;        // ask for pages where the feed's text is not the whole
    bool ignore_known = false; // triage everything as if it were new; for dry runs
    bool explain = false;      // fill Outcome::entries
    int max_new = 0;           // articles; the others come the next time. 0: no bound
    store::DeletedArticles deleted = store::DeletedArticles::stay_away;
    std::span<const source::Kind> kinds = source::kinds();
    std::shared_ptr<const pipeline::Intelligence>
        intelligence; // what looks through the texts; none: some steps are left out
    std::shared_ptr<const sources::Secrets> secrets; // what fetch.auth names; null: no file was given
    bool has_service_titles = false; // the web service's own words for titles count too, in feeds
};

// A document that a check asks for.
struct Ask {
    source::Ask document;
    bool is_page = false; // of an article: the check can do without it
};

struct Outcome {
    CheckResult result;
    std::string address;             // that was asked first, for people; "" where nothing was
    bool taken_over = false;         // another run has the source by now and records it; nothing was written
    int pages = 0, pages_failed = 0; // of new articles, that were read and that could not be
    std::vector<int> written;        // ids of articles: the new ones, then those that have changed
    std::vector<EntryReport> entries;
    std::vector<std::string> warnings; // what had to be repaired or left out
};

// What comes next in a check.
enum class Next {
    wait,   // answers are still to come
    find,   // ask the database which entries are known: find_known(), then triage()
    record, // all is there
};

// One source from its first request to its record. begin() comes first; then accept() once for each document
// that was asked for, and whatever the answer's `next` says. Belongs to one thread at a time, so it has no
// lock.
class Check {
public:
    struct Step {
        std::vector<Ask> asks; // what else is to be asked for
        Next next = Next::wait;
    };
    using Known = std::vector<KnownEntry>;

    Check(const db::Schema& schema, store::Claim claim, const CheckOptions& options, Time now);
    Check(const Check&) = delete;
    Check& operator=(const Check&) = delete;

    const store::Claim& claim() const { return m_claim; }
    const Source& source() const { return m_claim.source; }
    telemetry::TraceContext trace() const { return m_span.context(); }
    Step begin();
    // The body is freed as soon as it is read.
    Step accept(const Ask& ask, net::Response response);
    // Which entries of the feed the database knows. Changes nothing, so it may be asked again.
    Known find_known(db::Transaction& transaction) const;
    Step triage(const Known& known);
    // Pages that have not come will not: their articles are stored with what is there, and their pages asked
    // for again next time.
    void cut_short();
    // Makes the record of what came: texts are looked through here, without the database.
    void finish();
    // Writes it, once finish() was called. Throws LockTimeout where somebody holds a row that is needed:
    // nothing was written, and it may be called again.
    Outcome record(db::Database& database);
    // Instead of record(): nothing is written, and the source is as due as before.
    Outcome defer(const std::string& reason);

private:
    std::string find_fault() const;
    void describe();
    telemetry::Span begin_database_span(std::string_view name) const;
    void note(const Ask& ask, net::Response& response);
    Step read(const Ask& ask, net::Response& response);
    Step select_entries();
    bool is_2025() const;
    CheckMethod method_of(const source::Kind& kind) const;
    const source::Kind& kind_of_entries() const;
    BuildOptions options_of_article() const;
    std::vector<Ask> plan(Known known);
    std::vector<Ask> plan_pages();
    Step settle(Step step);

    const net::Response& first_answer() const;
    std::optional<std::string> next_cursor() const;
    NextCheck next_check() const;
    store::CheckRecord make_record(const NextCheck& next);
    void write(db::Database& database);
    void postpone(db::Database& database);
    void count(const store::Recorded& recorded);

    telemetry::Span m_span{"check source"}; // First: it ends when all else has.
    const db::Schema& m_schema;
    const store::Claim m_claim;
    const CheckOptions m_options;
    const Time m_now;
    const sources::PageSettings m_settings;
    const source::Kind* const m_kind; // null: unknown
    const Logins m_logins;

    std::size_t m_open = 0;                   // documents that were asked for and have not come
    std::unique_ptr<source::Reader> m_reader; // null: the source has no address of its kind
    std::optional<net::Response> m_first;     // the answer to the first document, without its body
    source::Found m_found;
    EntrySelection m_selection;
    Triage m_triage;
    PageWork m_pages;
    std::map<std::string, std::chrono::seconds> m_holds; // by host: what it asked for
    store::CheckRecord m_record;                         // since finish()
    Outcome m_out;
};
}
