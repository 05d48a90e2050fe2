#include "core/collect/entry_report.hpp"

#include <set>
#include <utility>

namespace cti::collect {
namespace {

EntryReport report_draft(const feed::Entry& entry, const store::SeenEntry& seen, const ArticleDraft& draft) {
    EntryReport report;
    report.url = article_url(entry), report.title = entry.title;
    const bool is_stored = !draft.is_out && draft.built.article;
    report.outcome = is_stored && draft.article_id             ? EntryOutcome::updated
                     : is_stored                               ? EntryOutcome::added
                     : seen.reason == DropReason::page_missing ? EntryOutcome::later
                                                               : EntryOutcome::dropped;
    report.reason = draft.page_note.empty() ? seen.reason.name() : draft.page_note;
    report.provenance = draft.built.provenance;
    if (!draft.built.article) return report;
    const auto& article = *draft.built.article;
    report.url = article.url, report.title = article.title, report.published = article.published_at;
    report.authors = article.authors, report.word_count = article.word_count;
    return report;
}

EntryReport report_seen(const store::SeenEntry& seen) {
    const bool is_known = (seen.article_id && seen.reason != DropReason::deleted) ||
                          seen.reason == DropReason::none || seen.reason == DropReason::duplicate;
    EntryReport report;
    report.title = seen.label, report.outcome = is_known ? EntryOutcome::known : EntryOutcome::dropped,
    report.reason = seen.reason.name();
    return report;
}
}

std::vector<EntryReport> report_entries(const feed::Feed& feed, const Triage& triaged) {
    std::vector<EntryReport> out;
    std::set<std::size_t> told;
    for (const auto& draft : triaged.drafts) {
        told.insert(draft.seen);
        out.push_back(report_draft(feed.entries.at(draft.entry), triaged.seen.at(draft.seen), draft));
    }
    for (std::size_t i = 0; i < triaged.seen.size(); ++i)
        if (!told.contains(i)) out.push_back(report_seen(triaged.seen[i]));
    return out;
}
}
