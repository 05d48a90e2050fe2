#include "core/ops/analysis/analyze_articles.hpp"

#include "core/analysis/result_json.hpp"
#include "core/analysis/sigma_draft.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/collect/connection_pool.hpp"
#include "core/export/attack_names.hpp"
#include "core/ops/analysis/analysis_ledger.hpp"
#include "core/ops/analysis/article_analysis.hpp"
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

constexpr std::size_t k_max_connections = 4; // threads wait for the model nearly all the time

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
    analysis::DraftOrigin origin;
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

// What all threads read.
struct AnalysisTools {
    const Environment& environment;
    const AnalyzeOptions& options;
    std::vector<const analysis::Task*> tasks;
    std::shared_ptr<const pipeline::Intelligence> intelligence;
    analysis::TechniqueNames techniques;
    std::optional<db::Schema> schema = {};
    analysis::ChatSettings settings = {};
    std::string digest = {}; // of the model
    std::optional<SteadyTime> until = {};
};

// One article, in one thread. A connection is borrowed to read it, and once more to store what came of it.
class ArticleAnalyst {
public:
    ArticleAnalyst(const AnalysisTools& tools, collect::ConnectionPool& connections, AnalysisLedger& ledger)
        : m_tools(tools), m_connections(connections), m_ledger(ledger) {}

    void analyze(int id) {
        const auto input = read(id);
        if (!input) return m_ledger.count([](AnalysisCounts& counts) { ++counts.gone; });
        auto findings = input->findings;
        std::ranges::move(m_tools.intelligence->find({}, input->text, input->origin.url),
                          std::back_inserter(findings));
        const auto candidates = analysis::find_candidates(input->text, findings, m_tools.techniques);
        std::vector<AnalysisPlan> plans;
        for (const auto* task : m_tools.tasks) {
            auto plan = plan_analysis(*task, input->text, candidates, m_tools.settings);
            if (!is_done(plan, input->known)) plans.push_back(std::move(plan));
        }
        if (plans.empty()) return m_ledger.count([](AnalysisCounts& counts) { ++counts.done_before; });
        m_tools.options.dry_run ? estimate(plans) : ask_and_store(id, input->origin, plans);
    }

private:
    // nullopt: somebody has removed it since the articles were chosen.
    std::optional<ArticleInput> read(int id) {
        std::optional<ArticleInput> input;
        const auto connection = m_connections.get();
        db::with_retry(*connection, [&](db::Transaction& tx) {
            input.reset();
            store::Selection selection;
            selection.ids = std::vector{id};
            const store::Detail detail{.content = true,
                                       .findings = true,
                                       .score = false,
                                       .types = {},
                                       .marked = true,
                                       .discovered_at = false};
            store::for_each_article(
                tx, *m_tools.schema, selection, detail, [&](const StoredArticle& article) {
                    input = ArticleInput{article.content, article.findings, {}, {article.title, article.url}};
                });
            if (input) input->known = store::find_analysis_keys(tx, id);
        });
        return input;
    }

    store::AnalysisKey key_of(const AnalysisPlan& plan) const {
        return {std::string(plan.task->name), plan.task->version, m_tools.settings.model, m_tools.digest,
                plan.prompt_sha256};
    }

    // A dry run has not asked for the digest.
    bool is_done(const AnalysisPlan& plan, const std::vector<store::AnalysisKey>& known) const {
        return !m_tools.options.force && std::ranges::any_of(known, [&](store::AnalysisKey key) {
            if (m_tools.options.dry_run) key.model_digest = m_tools.digest;
            return key == key_of(plan);
        });
    }

    void estimate(const std::vector<AnalysisPlan>& plans) {
        m_ledger.count([&](AnalysisCounts& counts) {
            ++counts.analyzed;
            for (const auto& plan : plans) {
                const auto tokens = estimate_tokens(plan, m_tools.settings);
                counts.requests += tokens.requests;
                counts.tokens_in += tokens.in, counts.tokens_out += tokens.out;
            }
        });
    }

    std::optional<ModelReply> ask(const analysis::Prompt& prompt) {
        const auto most = analysis::max_tokens(prompt) + m_tools.settings.max_answer_tokens;
        if (!m_ledger.begin_request(most)) return std::nullopt;
        auto reply =
            ask_model(m_tools.environment, m_tools.options.model, m_tools.settings, prompt, m_tools.until);
        const bool is_stopped =
            m_tools.environment.is_stopped() || (!reply.fault.empty() && m_ledger.is_time_over());
        // At once, so that the next request knows the budget.
        const auto said = static_cast<long>(reply.answer.text.size() / 3);
        const auto in = reply.answer.tokens_in.value_or(analysis::estimate_tokens(prompt));
        m_ledger.end_request(most, reply.fault.empty() ? in : 0, reply.answer.tokens_out.value_or(said));
        return is_stopped ? std::nullopt : std::optional(std::move(reply));
    }

    // What is whole is stored, even where the article is not through.
    void ask_and_store(int id, const analysis::DraftOrigin& origin, const std::vector<AnalysisPlan>& plans) {
        std::vector<store::Analysis> made;
        std::string notes;
        JsonWriter note(notes);
        note.begin_object();
        store::Counters counters;
        bool is_failed = false;
        for (const auto& plan : plans) {
            const auto done = run_analysis(plan, [&](const analysis::Prompt& prompt) { return ask(prompt); });
            m_ledger.count([&](AnalysisCounts& counts) {
                counts.requests += done.requests, counts.retries += done.retries;
            });
            if (!done.is_complete) {
                is_failed = !done.fault.empty();
                if (is_failed) note_failure(id, plan, done);
                break;
            }
            count(done, counters);
            made.push_back(analysis_of(plan, done, origin));
            note.key(plan.task->name).raw(analysis::note_json(*plan.task, plan.text, done.proved));
        }
        note.end_object();
        if (made.empty()) return;
        const bool is_there = store_all(id, made, notes, counters);
        if (!is_failed) m_ledger.succeed();
        m_ledger.count([&](AnalysisCounts& counts) {
            if (!is_there)
                ++counts.gone;
            else if (!is_failed)
                ++counts.analyzed;
        });
    }

    void note_failure(int id, const AnalysisPlan& plan, const AnalysisDone& done) {
        m_ledger.fail(fmt::format("article {}: task {}: the model at {} gave no answer: {}", id,
                                  plan.task->name, shown_endpoint(m_tools.options.model), done.fault),
                      done.fault, done.is_hopeless);
    }

    void count(const AnalysisDone& done, store::Counters& counters) {
        m_ledger.count([&](AnalysisCounts& counts) {
            counts.kept += std::ssize(done.proved.items);
            counts.rejected += std::ssize(done.proved.rejected);
            for (const auto& rejected : done.proved.rejected)
                ++counts.by_reason[std::string(name_of(rejected.reason))];
        });
        for (const auto& rejected : done.proved.rejected)
            store::count(counters, "cti_analysis_rejected_total", "reason", name_of(rejected.reason));
        store::count(counters, "cti_analysis_requests_total", {}, {}, done.requests);
        store::count(counters, "cti_analysis_items_total", {}, {},
                     static_cast<double>(done.proved.items.size()));
        store::count(counters, "cti_analysis_tokens_total", {}, {},
                     static_cast<double>(done.tokens_in + done.tokens_out));
    }

    store::Analysis analysis_of(const AnalysisPlan& plan, const AnalysisDone& done,
                                const analysis::DraftOrigin& origin) const {
        store::Analysis made;
        made.key = key_of(plan);
        made.settings_json = analysis::settings_json(m_tools.settings);
        const auto drafts = plan.task->has_drafts ? analysis::sigma_drafts(origin, done.proved.items)
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
        const auto connection = m_connections.get();
        db::with_retry(*connection, [&](db::Transaction& tx) {
            is_there = store::write_analyses(tx, id, made);
            if (!is_there) return;
            store::note_analyses(tx, *m_tools.schema, id, notes);
            store::add_counters(tx, counters);
        });
        return is_there;
    }

    const AnalysisTools& m_tools;
    collect::ConnectionPool& m_connections;
    AnalysisLedger& m_ledger;
};

AnalysisTools make_tools(const Environment& environment, const AnalyzeOptions& options) {
    AnalysisTools tools{environment, options, choose_tasks(options.tasks),
                        make_intelligence(options.intelligence), exporter::list_attack_techniques()};
    tools.settings.model = options.model.model;
    if (options.max_time) tools.until = steady_time() + *options.max_time;
    return tools;
}

// Also the schema, which the tools need from then on.
std::vector<int> select_ids(AnalysisTools& tools, db::Database& database) {
    const auto& chosen = tools.options.selection;
    const auto selected =
        select_articles(chosen, tools.environment.now(), [&] { return tools.environment.is_stopped(); });
    db::Transaction tx(database, db::Access::read_only);
    tools.schema = db::read_schema(tx);
    select_sources(tx, *tools.schema, chosen, *selected);
    warn_of_unindexed(tools.environment, tx, *tools.schema, *selected);
    const store::Detail detail{
        .content = chosen.web_compat, .findings = false, .score = false, .types = {}, .discovered_at = false};
    std::vector<int> ids;
    store::for_each_article(tx, *tools.schema, selected->selection, detail,
                            [&](const StoredArticle& article) { ids.push_back(article.id); });
    return ids;
}
}

AnalyzeResult analyze_articles(const Environment& environment, const AnalyzeOptions& options) {
    require_fit(options.model);
    auto tools = make_tools(environment, options);
    auto database = environment.connect();
    auto ids = select_ids(tools, database);
    // Nobody is asked by a dry run, so that it works before there is a server.
    if (!options.dry_run && !ids.empty()) tools.digest = find_model_facts(environment, options.model).digest;
    AnalysisLedger ledger(environment, options, tools.until);
    ledger.set_articles(std::move(ids));
    collect::ConnectionPool connections(database, k_max_connections);
    run_in_threads(options.model.concurrency, ledger, [&] {
        ArticleAnalyst analyst(tools, connections, ledger);
        while (const auto id = ledger.next_article()) {
            analyst.analyze(*id);
            ledger.end_article();
        }
    });
    return ledger.release();
}

std::vector<std::string> analysis_task_names() {
    std::vector<std::string> names;
    for (const auto& task : analysis::tasks()) names.emplace_back(task.name);
    return names;
}
}
