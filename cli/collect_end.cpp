#include "cli/collect_end.hpp"

#include "cli/commands/sources/sources.hpp"
#include "cli/database.hpp"
#include "cli/term/article_list.hpp"
#include "cli/term/output.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/new_articles.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace cti::cli {
namespace {

constexpr int k_max_best = 5;   // articles that the end of a run names
constexpr int k_max_values = 5; // CVEs, and techniques

template <class Read>
void read_if_possible(const Read& read) {
    try {
        read();
    } catch (const Error& error) {
        log::debug("the end of the run cannot be told: {}", error.what());
    }
}

const char* idle_hint(const std::vector<Source>& sources) {
    if (sources.empty()) return k_no_sources_hint;
    if (std::ranges::none_of(sources, &Source::active))
        return "All sources are disabled; 'cti sources enable ID' takes one up again.";
    return "'cti sources list' shows when each is; --force asks all of them now.";
}

// "14 CVEs: CVE-2026-1001 (3 articles), CVE-2026-1002, …"
void tell_values(const store::FrequentValues& values, const char* name) {
    if (values.first.empty()) return;
    std::vector<std::string> words;
    for (const auto& [value, articles] : values.first)
        words.push_back(articles > 1 ? fmt::format("{} ({})", printable(value), count_of(articles, "article"))
                                     : printable(value));
    if (values.all > std::ssize(values.first)) words.emplace_back("…");
    log::notice("{}: {}", count_of(values.all, name), join(words, ", "));
}

void tell_best(const std::vector<StoredArticle>& best) {
    log::notice("the best of it, by score:");
    for (const auto& article : best)
        log::notice("{:>7}  {:<6} {} ({})", score_text(article), article.id,
                    cut_to_width(printable(article.title), 60), printable(article.source));
}
}

void explain_idle(const Context& context) {
    if (context.quiet) return;
    read_if_possible([&] {
        auto database = make_environment(context).connect();
        db::Transaction tx(database, db::Access::read_only);
        log::hint(idle_hint(store::list_sources(tx, db::read_schema(tx))));
    });
}

void tell_news(const Context& context, const collect::Report& report) {
    if (!context.progress || report.dry_run || report.inserted.empty()) return;
    read_if_possible([&] {
        const auto news =
            ops::sum_up_articles(make_environment(context), report.inserted, k_max_best, k_max_values);
        if (news.best.empty()) return;
        tell_best(news.best);
        tell_values(news.cves, "CVE");
        tell_values(news.techniques, "technique");
        log::hint(fmt::format("Read one: cti show {}. All of it: cti articles --new.", news.best.front().id));
    });
}
}
