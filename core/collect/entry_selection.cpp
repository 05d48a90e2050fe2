#include "core/collect/entry_selection.hpp"

#include <algorithm>
#include <utility>

namespace cti::collect {
namespace {

EntryRules rules_of(const sources::PageSettings& settings, bool has_service_titles) {
    auto rules = settings.entries;
    if (has_service_titles)
        for (const auto word : page::service_title_words()) rules.title_words.emplace_back(word);
    return rules;
}
}

EntrySelection::EntrySelection(const db::Schema& schema, const sources::PageSettings& settings,
                               bool has_service_titles)
    : m_schema(schema), m_filter(settings.allow, settings.post_url_regex),
      m_wanted(rules_of(settings, has_service_titles)) {}

std::vector<std::string> EntrySelection::warnings(bool has_only_links) const {
    auto out = has_only_links ? std::vector<std::string>() : m_filter.warnings();
    std::ranges::copy(m_wanted.warnings(), std::back_inserter(out));
    return out;
}

void EntrySelection::begin(feed::Feed& feed, const SelectionOptions& options) {
    m_feed = &feed, m_options = options;
    m_is_shared =
        options.has_only_links ? std::vector<bool>(feed.entries.size(), false) : separate_shared_links(feed);
    m_keys = keys_of(feed, m_is_shared);
}

Triage EntrySelection::triage(std::vector<KnownEntry> known, Time now) {
    adopt_links(known);
    separate_newcomers(known);
    TriageOptions options;
    options.article = m_options.article;
    options.has_pages = m_options.has_pages || m_options.has_only_links;
    options.filter = m_options.has_only_links ? nullptr : &m_filter;
    options.wanted = m_options.has_only_links ? nullptr : &m_wanted;
    auto triaged = triage_entries(*m_feed, m_keys, known, now, options);
    for (auto& draft : triaged.drafts) draft.has_own_page = !m_is_shared.at(draft.entry);
    return triaged;
}

std::vector<KnownEntry> EntrySelection::find_known(db::Transaction& transaction, int source_id) const {
    std::vector<store::EntryKey> keys;
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < m_keys.size(); ++i) {
        keys.push_back({m_keys[i].entry, m_keys[i].link});
        urls.push_back(article_url(m_feed->entries[i]));
    }
    auto seen = store::find_seen(transaction, source_id, keys, m_options.deleted);
    const auto holders = store::find_known_urls(transaction, urls);
    std::vector<KnownEntry> known(m_keys.size());
    for (std::size_t i = 0; i < m_keys.size(); ++i) known[i] = {std::move(seen[i]), holders[i]};
    add_dates(transaction, known);
    return known;
}

// The same post as a link of a list and as an entry of a feed: what one of them says is no news of the other.
void EntrySelection::adopt_links(std::vector<KnownEntry>& known) const {
    const auto link_alone = content_key_of({});
    for (std::size_t i = 0; i < known.size(); ++i) {
        auto& seen = known[i].seen;
        const auto& keys = m_keys[i];
        if (!seen || !seen->article_id || seen->entry_key == keys.entry) continue;
        if (seen->content_key == link_alone || keys.content == link_alone)
            seen->content_key = keys.content, seen->page_tries.reset();
    }
}

// Found by its link, with another GUID and something else to say.
bool EntrySelection::is_renamed(std::size_t index, const store::SeenEntry& seen) const {
    return !m_options.has_only_links && seen.entry_key != m_keys[index].entry &&
           seen.content_key != m_keys[index].content;
}

void EntrySelection::add_dates(db::Transaction& transaction, std::vector<KnownEntry>& known) const {
    std::vector<int> ids;
    for (std::size_t i = 0; i < known.size(); ++i)
        if (const auto& seen = known[i].seen; seen && seen->article_id && is_renamed(i, *seen))
            ids.push_back(*seen->article_id);
    const auto published = store::find_published(transaction, m_schema, ids);
    for (std::size_t i = 0; i < known.size(); ++i)
        if (const auto& seen = known[i].seen; seen && seen->article_id && is_renamed(i, *seen))
            if (const auto found = published.find(*seen->article_id); found != published.end())
                known[i].published = found->second;
}

// Nothing but link and date of a post is what it was, and no other entry has that link: it was written anew.
bool EntrySelection::is_revision(std::size_t index, const KnownEntry& known) const {
    const auto same_link = std::ranges::count(m_keys, m_keys[index].link, &EntryKeys::link);
    return same_link == 1 && known.published && known.published == m_feed->entries[index].published;
}

// An entry with another GUID, title and text under a link that is known: another report of the same page.
void EntrySelection::separate_newcomers(std::vector<KnownEntry>& known) {
    for (std::size_t i = 0; i < known.size(); ++i) {
        const auto& seen = known[i].seen;
        auto& entry = m_feed->entries[i];
        if (!seen || !is_renamed(i, *seen) || entry.title.empty() || seen->label == entry.title ||
            is_revision(i, known[i]) || !separate_link(entry))
            continue;
        m_is_shared[i] = true;
        m_keys[i].link = separate_link_key(entry);
        known[i] = {};
    }
}

void EntrySelection::drop_unwanted(Triage& triaged) const {
    for (auto& draft : triaged.drafts) {
        if (draft.is_out || draft.article_id || !draft.built.article) continue;
        const auto& article = *draft.built.article;
        const auto reason = m_wanted.refuse_article(
            {article.title, article.tags, article.authors, article.content, article.word_count});
        if (reason == DropReason::none) continue;
        draft.is_out = true;
        triaged.seen.at(draft.seen).reason = reason;
        ++triaged.filtered[reason];
    }
}
}
