#include "core/ops/analyze_articles.hpp"

#include "core/analysis/result_json.hpp"
#include "core/analysis/sigma_draft.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/export/attack_names.hpp"
#include "core/ops/article_analysis.hpp"
#include "core/ops/read_article.hpp"
#include "core/search/query.hpp"
#include "core/store/own/counters.hpp"
#include "core/store/web/article_analysis_note.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <string>
#include <vector>

namespace cti::ops {
namespace {

constexpr int k_max_failures_in_row = 3;

std::vector<const analysis::Task*> choose_tasks(const std::vector<std::string>& names) {
    std::vector<const analysis::Task*> chosen;
    for (const auto& name : names) {
        const auto* const task = analysis::find_task(name);
        if (task == nullptr)
            throw Error{ExitCode::usage, fmt::format("there is no task '{}'", printable(name)),
                        fmt::format("There are: {}.", join(analysis_task_names(), ", "))};
        if (std::ranges::find(chosen, task) == chosen.end()) chosen.push_back(task);
    }
    if (names.empty())
        for (const auto& task : analysis::tasks()) chosen.push_back(&task);
    return chosen;
}

// What is read of an article before the model is asked.
struct ArticleInput {
    std::string text;
    std::vector<Finding> findings;
    std::vector<store::AnalysisKey> known;
};

// What a search finds an analysis by: values whole and with their kinds, roles, and single words.
std::vector<std::string> terms_of(const std::vector<analysis::Item>& items) {
    std::set<std::string> terms;
    for (const auto& item : items) {
        const auto value = ascii_lower(item.value);
        for (const auto& term :
             {value, value.empty() || item.kind.empty() ? "" : item.kind + ':' + value, item.role})
            if (!term.empty()) terms.insert(term);
        for (auto& word : search::split_words(value + ' ' + item.sentence)) terms.insert(std::move(word));
    }
    return {terms.begin(), terms.end()};
}

class ArticlesAnalysis {
public:
    ArticlesAnalysis(const Environment& environment, const AnalyzeOptions& options)
        : m_environment(environment), m_options(options), m_tasks(choose_tasks(options.tasks)),
          m_intelligence(make_intelligence(options.intelligence)),
          m_techniques(exporter::list_attack_techniques()), m_database(environment.connect()) {
        m_settings.model = options.model.model;
        if (options.max_time) m_until = steady_time() + *options.max_time;
    }

    AnalyzeResult run() {
        const auto ids = select_ids();
        m_result.counts.articles = std::ssize(ids);
        // Nobody is asked by a dry run, so that it works before there is a server.
        if (!m_options.dry_run && !ids.empty())
            m_digest = find_model_facts(m_environment, m_options.model).digest;
        for (const int id : ids) {
            if (is_over()) break;
            analyze(id);
            ++m_result.counts.seen;
            if (m_options.on_progress) m_options.on_progress(m_result.counts);
        }
        if (m_environment.is_stopped()) m_result.end = AnalysisEnd::stopped;
        return std::move(m_result);
    }

private:
    std::vector<int> select_ids() {
        const auto selected = select_articles(m_options.selection, m_environment.now());
        db::Transaction tx(m_database, db::Access::read_only);
        m_schema = db::read_schema(tx);
        select_sources(tx, *m_schema, m_options.selection, *selected);
        warn_of_unindexed(m_environment, tx, *selected);
        const store::Detail detail{.content = m_options.selection.web_compat,
                                   .findings = false,
                                   .score = false,
                                   .types = {},
                                   .discovered_at = false};
        std::vector<int> ids;
        store::for_each_article(tx, *m_schema, selected->selection, detail,
                                [&](const StoredArticle& article) { ids.push_back(article.id); });
        return ids;
    }

    // Asked before each request: the budget is exceeded by one at most.
    bool is_over() {
        auto& end = m_result.end;
        if (end != AnalysisEnd::all_done) return true;
        const auto used = m_result.counts.tokens_in + m_result.counts.tokens_out;
        if (m_environment.is_stopped())
            end = AnalysisEnd::stopped;
        else if (m_until && steady_time() >= *m_until)
            end = AnalysisEnd::time;
        else if (!m_options.dry_run && m_options.budget_tokens && used >= *m_options.budget_tokens)
            end = AnalysisEnd::budget;
        return end != AnalysisEnd::all_done;
    }

    // nullopt: somebody has removed it since the articles were chosen.
    std::optional<ArticleInput> read(int id) {
        std::optional<ArticleInput> input;
        db::with_retry(m_database, [&](db::Transaction& tx) {
            input.reset();
            store::Selection selection;
            selection.ids = std::vector{id};
            const store::Detail detail{.content = true,
                                       .findings = true,
                                       .score = false,
                                       .types = {},
                                       .marked = true,
                                       .discovered_at = false};
            store::for_each_article(tx, *m_schema, selection, detail, [&](const StoredArticle& article) {
                input = ArticleInput{article.content, article.findings, {}};
                m_origin = {article.title, article.url};
            });
            if (input) input->known = store::find_analysis_keys(tx, id);
        });
        return input;
    }

    store::AnalysisKey key_of(const AnalysisPlan& plan) const {
        return {std::string(plan.task->name), plan.task->version, m_settings.model, m_digest,
                plan.prompt_sha256};
    }

    // A dry run has not asked for the digest.
    bool is_done(const AnalysisPlan& plan, const std::vector<store::AnalysisKey>& known) const {
        return !m_options.force && std::ranges::any_of(known, [&](store::AnalysisKey key) {
            if (m_options.dry_run) key.model_digest = m_digest;
            return key == key_of(plan);
        });
    }

    void analyze(int id) {
        const auto input = read(id);
        if (!input) return (void)++m_result.counts.gone;
        auto findings = input->findings;
        std::ranges::move(m_intelligence->find({}, input->text, m_origin.url), std::back_inserter(findings));
        const auto candidates = analysis::find_candidates(input->text, findings, m_techniques);
        std::vector<AnalysisPlan> plans;
        for (const auto* task : m_tasks) {
            auto plan = plan_analysis(*task, input->text, candidates, m_settings);
            if (!is_done(plan, input->known)) plans.push_back(std::move(plan));
        }
        if (plans.empty()) return (void)++m_result.counts.done_before;
        m_options.dry_run ? estimate(plans) : ask_and_store(id, plans);
    }

    void estimate(const std::vector<AnalysisPlan>& plans) {
        ++m_result.counts.analyzed;
        for (const auto& plan : plans) {
            const auto tokens = estimate_tokens(plan, m_settings);
            m_result.counts.requests += tokens.requests;
            m_result.counts.tokens_in += tokens.in, m_result.counts.tokens_out += tokens.out;
        }
    }

    std::optional<ModelReply> ask(const analysis::Prompt& prompt) {
        if (is_over()) return std::nullopt;
        auto reply = ask_model(m_environment, m_options.model, m_settings, prompt, m_until);
        if (m_environment.is_stopped() || (m_until && !reply.fault.empty() && steady_time() >= *m_until))
            return std::nullopt;
        // At once, so that the next request of this article knows the budget.
        const auto said = static_cast<long>(reply.answer.text.size() / 3);
        m_result.counts.tokens_in +=
            reply.fault.empty() ? reply.answer.tokens_in.value_or(analysis::estimate_tokens(prompt)) : 0;
        m_result.counts.tokens_out += reply.answer.tokens_out.value_or(said);
        return reply;
    }

    // What is whole is stored, even where the article is not through.
    void ask_and_store(int id, const std::vector<AnalysisPlan>& plans) {
        std::vector<store::Analysis> made;
        std::string notes;
        JsonWriter note(notes);
        note.begin_object();
        store::Counters counters;
        bool is_failed = false;
        for (const auto& plan : plans) {
            const auto done = run_analysis(plan, [&](const analysis::Prompt& prompt) { return ask(prompt); });
            m_result.counts.requests += done.requests, m_result.counts.retries += done.retries;
            if (!done.is_complete) {
                is_failed = !done.fault.empty();
                if (is_failed) note_failure(id, plan, done);
                break;
            }
            count(done, counters);
            made.push_back(analysis_of(plan, done));
            note.key(plan.task->name).raw(analysis::note_json(*plan.task, plan.text, done.proved));
        }
        note.end_object();
        if (!is_failed && !made.empty()) m_failures = 0;
        if (!made.empty() && !store_all(id, made, notes, counters))
            ++m_result.counts.gone;
        else if (!made.empty() && !is_failed)
            ++m_result.counts.analyzed;
    }

    void note_failure(int id, const AnalysisPlan& plan, const AnalysisDone& done) {
        ++m_result.counts.failed;
        m_environment.warn(fmt::format("article {}: task {}: the model at {} gave no answer: {}", id,
                                       plan.task->name, shown_endpoint(m_options.model), done.fault));
        if (!done.is_hopeless && ++m_failures < k_max_failures_in_row) return;
        m_result.end = AnalysisEnd::endpoint;
        m_result.fault = done.fault;
    }

    void count(const AnalysisDone& done, store::Counters& counters) {
        m_result.counts.kept += std::ssize(done.proved.items);
        m_result.counts.rejected += std::ssize(done.proved.rejected);
        for (const auto& rejected : done.proved.rejected) {
            ++m_result.counts.by_reason[std::string(name_of(rejected.reason))];
            store::count(counters, "cti_analysis_rejected_total", "reason", name_of(rejected.reason));
        }
        store::count(counters, "cti_analysis_requests_total", {}, {}, done.requests);
        store::count(counters, "cti_analysis_items_total", {}, {},
                     static_cast<double>(done.proved.items.size()));
        store::count(counters, "cti_analysis_tokens_total", {}, {},
                     static_cast<double>(done.tokens_in + done.tokens_out));
    }

    store::Analysis analysis_of(const AnalysisPlan& plan, const AnalysisDone& done) const {
        store::Analysis made;
        made.key = key_of(plan);
        made.settings_json = analysis::settings_json(m_settings);
        const auto drafts = plan.task->has_drafts ? analysis::sigma_drafts(m_origin, done.proved.items)
                                                  : std::vector<std::string>();
        made.result_json = analysis::result_json(*plan.task, plan.text, done.proved, plan.read_bytes, drafts);
        made.rejected_json = analysis::rejected_json(done.proved.rejected);
        made.terms = terms_of(done.proved.items);
        made.requests = done.requests;
        made.tokens_in = done.tokens_in, made.tokens_out = done.tokens_out;
        made.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(done.duration).count();
        return made;
    }

    // False where the article is gone.
    bool store_all(int id, const std::vector<store::Analysis>& made, const std::string& notes,
                   const store::Counters& counters) {
        bool is_there = false;
        db::with_retry(m_database, [&](db::Transaction& tx) {
            is_there = store::write_analyses(tx, id, made);
            if (!is_there) return;
            store::note_analyses(tx, *m_schema, id, notes);
            store::add_counters(tx, counters);
        });
        return is_there;
    }

    const Environment& m_environment;
    const AnalyzeOptions& m_options;
    std::vector<const analysis::Task*> m_tasks;
    std::shared_ptr<const pipeline::Intelligence> m_intelligence;
    analysis::TechniqueNames m_techniques;
    db::Database m_database;
    std::optional<db::Schema> m_schema;
    analysis::ChatSettings m_settings;
    std::string m_digest;           // of the model
    analysis::DraftOrigin m_origin; // the article in hand
    std::optional<SteadyTime> m_until;
    int m_failures = 0; // articles in a row
    AnalyzeResult m_result;
};
}

AnalyzeResult analyze_articles(const Environment& environment, const AnalyzeOptions& options) {
    require_fit(options.model);
    return ArticlesAnalysis(environment, options).run();
}

std::vector<std::string> analysis_task_names() {
    std::vector<std::string> names;
    for (const auto& task : analysis::tasks()) names.emplace_back(task.name);
    return names;
}
}
