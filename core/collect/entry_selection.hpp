#pragma once
#include "core/collect/triage.hpp"
#include "core/db/database.hpp"
#include "core/db/schema.hpp"
#include "core/sources/page_settings.hpp"
#include "core/store/record.hpp"

#include <string>
#include <vector>

// Which entries of a source are reports of their own, which of them the database knows, and which are wanted.
namespace cti::collect {

struct SelectionOptions {
    BuildOptions article;        // of the kind of source
    bool has_only_links = false; // the entries are links and nothing else
    bool has_pages = false;      // an entry without a text may still get its page's
    store::DeletedArticles deleted = store::DeletedArticles::stay_away;
};

class EntrySelection {
public:
    // has_service_titles: the web service's own words for titles count too.
    EntrySelection(const db::Schema& schema, const sources::PageSettings& settings, bool has_service_titles);

    // Of the settings: patterns that cannot be used.
    std::vector<std::string> warnings(bool has_only_links) const;

    // The entries of one check. The feed stays where it is from here on; links of entries may be changed.
    void begin(feed::Feed& feed, const SelectionOptions& options);
    std::size_t size() const { return m_keys.size(); }
    // Changes nothing, so it may be asked again.
    std::vector<KnownEntry> find_known(db::Transaction& transaction, int source_id) const;
    Triage triage(std::vector<KnownEntry> known, Time now);
    // By what the articles say now that their pages have come. One that is stored already stays.
    void drop_unwanted(Triage& triaged) const;

private:
    void adopt_links(std::vector<KnownEntry>& known) const;
    void separate_newcomers(std::vector<KnownEntry>& known);
    bool is_renamed(std::size_t index, const store::SeenEntry& seen) const;
    bool is_revision(std::size_t index, const KnownEntry& known) const;
    void add_dates(db::Transaction& transaction, std::vector<KnownEntry>& known) const;

    const db::Schema& m_schema;
    const page::LinkFilter m_filter;
    const page::EntryFilter m_wanted;
    SelectionOptions m_options;
    feed::Feed* m_feed = nullptr; // since begin()
    std::vector<EntryKeys> m_keys;
    std::vector<bool> m_is_shared; // their links
};
}
