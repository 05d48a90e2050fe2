#include "core/collect/check.hpp"

// Which entries of a source are reports of their own, and which are wanted.
namespace cti::collect {

// The web service looks at titles of feeds only.
EntryRules Check::rules_of_entries() const {
    auto rules = m_settings.entries;
    if (m_options.has_service_titles && m_kind != nullptr && !m_kind->has_only_links)
        for (const auto word : page::service_title_words()) rules.title_words.emplace_back(word);
    return rules;
}

// An entry with another GUID, title and text under a link that is known: another report of the same page.
void Check::separate_newcomers(Known& known) {
    for (std::size_t i = 0; i < known.size(); ++i) {
        const auto& seen = known[i].seen;
        auto& entry = m_found.feed.entries[i];
        if (m_kind->has_only_links || !seen || seen->entry_key == m_keys[i].entry ||
            seen->content_key == m_keys[i].content || entry.title.empty() || seen->label == entry.title ||
            !separate_link(entry))
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
