#include "core/collect/triage.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace cti::collect {
namespace {

class Triager {
public:
    Triager(const feed::Feed& feed, Time now, const TriageOptions& options)
        : m_feed(feed), m_now(now), m_options(options) {}

    void see(std::size_t index, const EntryKeys& keys, const KnownEntry& known) {
        const bool changed =
            known.seen && (known.seen->page_tries || known.seen->content_key != keys.content);
        if (!m_keys.insert(keys.entry).second) {
            ++m_out.duplicate; // The same entry twice in one feed.
        } else if (known.seen && known.seen->reason == DropReason::deleted) {
            known.holder ? admit(index, keys, known) : leave_deleted(index, keys, *known.seen);
        } else if (known.seen && !changed) {
            count(*known.seen);
            m_out.seen.push_back(*known.seen);
            rename(m_out.seen.back(), keys);
        } else if (known.seen && known.seen->article_id) {
            revise(index, keys, *known.seen);
        } else {
            admit(index, keys, known);
        }
    }

    // Newest first: with equal texts the newest address wins, and the order never depends on the server's.
    // Links without a date stay in the order of their list.
    Triage finish() {
        const auto when = [&](const ArticleDraft& draft) {
            return draft.built.article ? draft.built.article->published_at : m_now;
        };
        std::ranges::stable_sort(m_out.drafts, std::greater{}, when);
        return std::move(m_out);
    }

private:
    store::SeenEntry seen_entry(std::size_t index, const EntryKeys& keys) const {
        const auto& entry = m_feed.entries[index];
        store::SeenEntry seen;
        seen.entry_key = keys.entry, seen.link_key = keys.link, seen.content_key = keys.content;
        seen.label = entry.title.empty() ? entry.link : entry.title;
        return seen;
    }
    // Found by its link under another GUID: from now on by both.
    static void rename(store::SeenEntry& seen, const EntryKeys& keys) {
        seen.entry_key = keys.entry, seen.link_key = keys.link;
    }

    // Whatever it says now.
    void leave_deleted(std::size_t index, const EntryKeys& keys, const store::SeenEntry& before) {
        auto seen = seen_entry(index, keys);
        seen.article_id = before.article_id, seen.text_key = before.text_key;
        drop(seen, DropReason::deleted);
        m_out.seen.push_back(std::move(seen));
    }

    void count(const store::SeenEntry& seen) {
        if (seen.article_id || seen.reason == DropReason::none || seen.reason == DropReason::duplicate)
            ++m_out.duplicate;
        else
            ++m_out.filtered[seen.reason];
    }

    Built build(std::size_t index) const {
        return build_article(m_feed.entries[index], m_now, m_options.article);
    }

    DropReason refuse(const feed::Entry& entry) const {
        if (m_options.wanted == nullptr) return DropReason::none;
        return m_options.wanted->refuse_entry({.title = entry.title, .categories = entry.tags});
    }

    // An entry whose article stands already says something else now. What is only a duplicate of a foreign
    // article changes nothing.
    void revise(std::size_t index, const EntryKeys& keys, const store::SeenEntry& before) {
        auto seen = seen_entry(index, keys);
        seen.article_id = before.article_id, seen.reason = before.reason, seen.text_key = before.text_key;
        auto built = before.reason == DropReason::none ? build(index) : Built{};
        if (built.article)
            add(index, before.article_id, before.page_tries.value_or(0), std::move(built));
        else
            ++m_out.duplicate;
        m_out.seen.push_back(std::move(seen));
    }

    void admit(std::size_t index, const EntryKeys& keys, const KnownEntry& known) {
        auto seen = seen_entry(index, keys);
        const auto url = article_url(m_feed.entries[index]);
        if (known.holder || (!url.empty() && !m_urls.insert(url).second)) {
            ++m_out.duplicate;
            seen.reason = DropReason::duplicate, seen.article_id = known.holder;
        } else if (const auto refusal =
                       m_options.filter != nullptr && !url.empty() ? m_options.filter->refusal(url) : "";
                   !refusal.empty()) {
            drop(seen, Named<DropReason>(refusal));
        } else if (const auto reason = refuse(m_feed.entries[index]); reason != DropReason::none) {
            drop(seen, reason);
        } else if (auto built = build(index);
                   built.article || (built.drop_reason == DropReason::no_text && m_options.has_pages)) {
            add(index, std::nullopt, known.seen ? known.seen->page_tries.value_or(0) : 0, std::move(built));
        } else {
            drop(seen, built.drop_reason);
        }
        m_out.seen.push_back(std::move(seen));
    }

    // Before what was seen of its entry is added.
    void add(std::size_t index, std::optional<int> article_id, int tries, Built built) {
        ArticleDraft draft;
        draft.entry = index, draft.seen = m_out.seen.size();
        draft.article_id = article_id, draft.tries = tries;
        draft.built = std::move(built);
        m_out.drafts.push_back(std::move(draft));
    }

    void drop(store::SeenEntry& seen, const Named<DropReason>& reason) {
        ++m_out.filtered[reason];
        seen.reason = reason;
    }

    const feed::Feed& m_feed;
    Time m_now;
    const TriageOptions& m_options;
    std::unordered_set<std::string> m_keys, m_urls;
    Triage m_out;
};
}

Triage triage_entries(const feed::Feed& feed, const std::vector<EntryKeys>& keys,
                      const std::vector<KnownEntry>& known, Time now, const TriageOptions& options) {
    Triager triager(feed, now, options);
    for (std::size_t i = 0; i < feed.entries.size(); ++i) triager.see(i, keys.at(i), known.at(i));
    return triager.finish();
}
}
