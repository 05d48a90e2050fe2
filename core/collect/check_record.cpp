#include "core/collect/check_record.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/collect/identity.hpp"
#include "core/intel/article_text.hpp"
#include "core/pipeline/step.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace cti::collect {
namespace {

// Those that are to be stored, newest first: the pages have told more dates.
std::vector<ArticleDraft> pick_drafts(std::vector<ArticleDraft> drafts, const pipeline::StepTools& tools) {
    std::erase_if(drafts, [](const ArticleDraft& draft) { return draft.is_out || !draft.built.article; });
    std::ranges::stable_sort(drafts, std::greater{},
                             [](const ArticleDraft& draft) { return draft.built.article->published_at; });
    for (auto& draft : drafts) {
        auto& article = *draft.built.article;
        intel::ArticleText text(article.title, article.content);
        add_hashes(article, text);
        pipeline::run_steps(tools, text, article);
    }
    return drafts;
}
}

std::string describe_check(const CheckResult& result, const net::Response& first, const PageWork& pages,
                           const std::vector<std::string>& warnings) {
    constexpr std::size_t most_warnings = 20, longest_warning = 300;
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("http_status", result.http_status).member("bytes", result.bytes);
    json.member("attempts", first.attempts).member("duplicate", result.duplicate);
    json.member("pages", pages.read()).member("pages_failed", pages.failed()).key("filtered").begin_object();
    for (const auto& [reason, count] : result.filtered) json.member(reason.name(), count);
    json.end_object().key("warnings").begin_array();
    for (std::size_t i = 0; i < std::min(warnings.size(), most_warnings); ++i)
        json.value(printable(head_code_points(warnings[i], longest_warning)));
    json.end_array().end_object();
    return out;
}

void add_articles(store::CheckRecord& record, Triage& triaged, const pipeline::StepTools& tools) {
    for (auto& draft : pick_drafts(std::exchange(triaged.drafts, {}), tools)) {
        auto& seen = triaged.seen.at(draft.seen);
        seen.text_key = store::make_text_key(draft.built.article->hashes[0]);
        if (draft.article_id) {
            record.updates.push_back({*draft.article_id, std::move(*draft.built.article)});
        } else {
            seen.candidate = record.articles.size();
            record.articles.push_back(std::move(*draft.built.article));
        }
    }
    record.seen = std::move(triaged.seen);
}
}
