#include "core/collect/check.hpp"

#include <algorithm>

// Which entries of a source are reports of their own, which are wanted, and as what they are read.
namespace cti::collect {

CheckMethod Check::method_of(const source::Kind& kind) const {
    return m_schema.generation == db::Generation::web_2025 ? kind.method_2025 : kind.method_2026;
}

// Of a source whose kind is known. Another than its own where that had nothing to say.
const source::Kind& Check::kind_of_entries() const {
    return m_found.read_as != nullptr ? *m_found.read_as : *m_kind;
}

// What the kind says of the articles that are made of its entries.
BuildOptions Check::options_of_article() const {
    BuildOptions options;
    if (m_kind == nullptr) return options;
    const auto& kind = kind_of_entries();
    options.is_link = kind.has_only_links, options.extraction_method = kind.extraction_method;
    return options;
}

// The web service looks at titles of feeds only.
EntryRules Check::rules_of_entries() const {
    auto rules = m_settings.entries;
    if (m_options.has_service_titles && m_kind != nullptr && !m_kind->has_only_links)
        for (const auto word : page::service_title_words()) rules.title_words.emplace_back(word);
    return rules;
}

// The same post as a link of a list and as an entry of a feed: what one of them says is no news of the other.
void Check::adopt_links(Known& known) const {
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
bool Check::is_renamed(std::size_t index, const store::SeenEntry& seen) const {
    return !kind_of_entries().has_only_links && seen.entry_key != m_keys[index].entry &&
           seen.content_key != m_keys[index].content;
}

void Check::add_dates(db::Transaction& transaction, Known& known) const {
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
bool Check::is_revision(std::size_t index, const KnownEntry& known) const {
    const auto same_link = std::ranges::count(m_keys, m_keys[index].link, &EntryKeys::link);
    return same_link == 1 && known.published && known.published == m_found.feed.entries[index].published;
}

// An entry with another GUID, title and text under a link that is known: another report of the same page.
void Check::separate_newcomers(Known& known) {
    for (std::size_t i = 0; i < known.size(); ++i) {
        const auto& seen = known[i].seen;
        auto& entry = m_found.feed.entries[i];
        if (!seen || !is_renamed(i, *seen) || entry.title.empty() || seen->label == entry.title ||
            is_revision(i, known[i]) || !separate_link(entry))
            continue;
        m_is_shared[i] = true;
        m_keys[i].link = separate_link_key(entry);
        known[i] = {};
    }
}

// By what the articles say now that their pages have come. One that is stored already stays.
void Check::drop_unwanted() {
    for (auto& draft : m_triage.drafts) {
        if (draft.is_out || draft.article_id || !draft.built.article) continue;
        const auto& article = *draft.built.article;
        const auto reason = m_wanted.refuse_article(
            {article.title, article.tags, article.authors, article.content, article.word_count});
        if (reason == DropReason::none) continue;
        draft.is_out = true;
        m_triage.seen.at(draft.seen).reason = reason;
        ++m_triage.filtered[reason];
    }
}
}
