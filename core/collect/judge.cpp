#include "core/collect/judge.hpp"

#include "core/collect/build_article.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace cti::collect {
namespace {

class Judge {
public:
    explicit Judge(Time now) : m_now(now) {}

    void see(const feed::Entry& entry, const EntryKeys& keys, const KnownEntry& known) {
        const bool changed = known.seen && known.seen->content_key != keys.content;
        if (!m_keys.insert(keys.entry).second) {
            ++m_out.duplicate; // The same entry twice in one feed.
        } else if (known.seen && !changed) {
            count(*known.seen);
            m_out.seen.push_back(*known.seen);
            rename(m_out.seen.back(), keys);
        } else if (known.seen && known.seen->article_id) {
            revise(entry, keys, *known.seen);
        } else {
            admit(entry, keys, known);
        }
    }

    Judgement finish() {
        sort_by_age();
        return std::move(m_out);
    }

private:
    static store::SeenEntry seen_entry(const feed::Entry& entry, const EntryKeys& keys) {
        store::SeenEntry seen;
        seen.entry_key = keys.entry, seen.link_key = keys.link, seen.content_key = keys.content;
        seen.label = entry.title.empty() ? entry.link : entry.title;
        return seen;
    }
    // Found by its link under another GUID: from now on by both.
    static void rename(store::SeenEntry& seen, const EntryKeys& keys) { seen.entry_key = keys.entry, seen.link_key = keys.link; }

    void count(const store::SeenEntry& seen) {
        if (seen.article_id || seen.reason.empty() || seen.reason == "duplicate")
            ++m_out.duplicate;
        else
            ++m_out.filtered[seen.reason];
    }

    // An entry whose article stands already says something else now. What is only a duplicate of a foreign article changes nothing.
    void revise(const feed::Entry& entry, const EntryKeys& keys, const store::SeenEntry& before) {
        auto seen = seen_entry(entry, keys);
        seen.article_id = before.article_id, seen.reason = before.reason;
        auto built = before.reason.empty() ? build_article(entry, m_now) : Built{};
        if (built.article)
            m_out.updates.push_back({*before.article_id, std::move(*built.article)});
        else
            ++m_out.duplicate;
        m_out.seen.push_back(std::move(seen));
    }

    void admit(const feed::Entry& entry, const EntryKeys& keys, const KnownEntry& known) {
        auto seen = seen_entry(entry, keys);
        const auto url = article_url(entry);
        if (known.has_article || (!url.empty() && !m_urls.insert(url).second)) {
            ++m_out.duplicate;
            seen.reason = "duplicate";
        } else if (auto built = build_article(entry, m_now); built.article) {
            seen.candidate = m_out.articles.size();
            m_out.articles.push_back(std::move(*built.article));
        } else {
            ++m_out.filtered[built.drop_reason];
            seen.reason = built.drop_reason;
        }
        m_out.seen.push_back(std::move(seen));
    }

    // Newest first: with equal texts the newest address wins, and the order never depends on the server's.
    void sort_by_age() {
        auto& articles = m_out.articles;
        std::vector<std::size_t> order(articles.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return articles[i].published_at; });
        std::vector<Article> sorted;
        std::vector<std::size_t> place(order.size());
        for (const auto i : order) place[i] = sorted.size(), sorted.push_back(std::move(articles[i]));
        articles = std::move(sorted);
        for (auto& seen : m_out.seen)
            if (seen.candidate) seen.candidate = place[*seen.candidate];
    }

    Time m_now;
    std::unordered_set<std::string> m_keys, m_urls;
    Judgement m_out;
};
}

Judgement judge(const feed::Feed& feed, const std::vector<EntryKeys>& keys, const std::vector<KnownEntry>& known, Time now) {
    Judge judge(now);
    for (std::size_t i = 0; i < feed.entries.size(); ++i) judge.see(feed.entries[i], keys.at(i), known.at(i));
    return judge.finish();
}
}
