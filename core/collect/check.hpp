#pragma once
#include "core/collect/discovery.hpp"
#include "core/collect/intelligence.hpp"
#include "core/collect/page_work.hpp"
#include "core/collect/schedule.hpp"
#include "core/model.hpp"
#include "core/net/client.hpp"
#include "core/store/leases.hpp"
#include "core/store/record.hpp"

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

// All that happens to one source in one run: its feed or its lists of links, the pages of what is new, and the one transaction that
// stores it.
namespace cti::collect {

// Why there is no feed in an answer ("HTTP 404 (not found)", "this is a web page; it announces …"), or "".
std::string find_fault(const net::Response& response);

struct CheckOptions {
    bool dry_run = false;      // nothing is written, the counts say what would be
    bool pages = false;        // ask for pages where the feed's text is not the whole
    bool ignore_known = false; // judge everything as if it were new; for dry runs
    bool explain = false;      // fill Outcome::entries
    const Intelligence* intelligence = nullptr; // what looks through the texts, before anything is written
};

// A document that a check asks for.
struct Wanted {
    std::string url;
    net::Accept accept = net::Accept::feed;
    Validators validators;
    bool is_page = false; // of an article: the check can do without it
    bool obey_robots = false;
};

// One entry of a source, for people.
struct EntryReport {
    std::string url, title;
    std::string outcome; // "new", "update", "known", "dropped", "later"
    std::string reason;  // why it was dropped, or why its page's text is missing
    std::optional<Time> published;
    std::vector<std::string> authors;
    int word_count = 0;
    Provenance provenance;
};

struct Outcome {
    CheckResult result;
    bool taken_over = false; // another run has the source by now and records it; nothing was written
    int pages = 0, pages_failed = 0; // of new articles, that were read and that could not be
    std::vector<int> written;        // ids of articles that are new or have changed
    std::vector<EntryReport> entries;
    std::vector<std::string> warnings; // what had to be repaired or left out
};

// begin() comes first; then take() once for each document that was asked for, from any thread; when nothing is open any more, record().
// Turns whatever happens to this one source into its result; only trouble with the database itself is thrown (Error).
class Check {
public:
    Check(const store::Schema& schema, store::Claim claim, const CheckOptions& options, Time now);
    Check(const Check&) = delete;
    Check& operator=(const Check&) = delete;

    const store::Claim& claim() const { return m_claim; }
    const Source& source() const { return m_claim.source; }
    std::vector<Wanted> begin();
    struct Step {
        std::vector<Wanted> wanted; // what else is to be asked for
        bool is_complete = false;   // nothing is open any more; said once
    };
    // The body is freed as soon as it is read.
    Step take(store::Database& database, const Wanted& wanted, net::Response response);
    // Pages that have not come will not: their articles are stored with what is there, and their pages asked for again next time.
    void cut_short();
    Outcome record(store::Database& database);

private:
    std::vector<Wanted> read(store::Database& database, const Wanted& wanted, net::Response& response);
    void note(const Wanted& wanted, const net::Response& response);
    void take_feed(const net::Response& response);
    void take_list(const Wanted& wanted, const net::Response& response);
    std::vector<Wanted> ask_lists();
    bool is_same_body(const net::Response& response);
    void judge_entries(store::Database& database);
    std::vector<Wanted> plan_pages();
    std::vector<KnownEntry> find_known(store::Transaction& transaction, const std::vector<EntryKeys>& keys) const;

    bool is_whole() const;
    NextCheck next_check() const;
    store::CheckRecord make_record(const NextCheck& next);
    std::vector<Draft> take_drafts();
    std::string metadata() const;
    void write(store::Database& database);
    void postpone(store::Database& database);
    void count(const store::Recorded& recorded, const store::CheckRecord& record);
    void report();
    EntryReport report_of(const Draft& draft) const;

    const store::Schema& m_schema;
    const store::Claim m_claim;
    const CheckOptions m_options;
    const Time m_now;
    const sources::PageSettings m_settings;
    const page::LinkFilter m_filter;
    const bool m_has_feed;

    std::mutex m_mutex; // of all that follows
    std::size_t m_open = 0;
    std::optional<Discovery> m_discovery; // of a source without a feed
    net::Response m_first;                // the answer to the first document, without its body
    bool m_has_first = false;
    feed::Feed m_feed;
    Judgement m_judgement;
    PageWork m_pages;
    std::string m_body_hash;
    std::map<std::string, std::chrono::seconds> m_holds; // by host: what it asked for
    Outcome m_out;
};
}
