#include "cli/database.hpp"
#include "cli/options/fetch_options.hpp"
#include "cli/options/model_options.hpp"
#include "cli/options/options.hpp"
#include "cli/options/selection_options.hpp"
#include "cli/signals.hpp"
#include "cli/term/progress.hpp"
#include "core/base/log.hpp"
#include "core/base/plural.hpp"
#include "core/base/text.hpp"
#include "core/ops/analysis/analyze_articles.hpp"

#include <charconv>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cti::cli {
namespace {

struct AnalyzeCommand {
    ops::AnalyzeOptions options;
    SelectionArguments selection;
    std::vector<std::string> ids;
    std::optional<int> max_time_s;
    std::string price;
};

// Of a million tokens, in whatever currency the operator thinks.
struct Price {
    double in = 0, out = 0;
};

double parse_amount(std::string_view text) {
    double amount = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), amount);
    if (fault != std::errc() || end != text.data() + text.size() || !(amount >= 0) || amount > 1e9)
        throw Error{ExitCode::usage, fmt::format("--price: '{}' is no price", printable(text)),
                    "Write what a million tokens cost, of questions and of answers: 0.15/0.60."};
    return amount;
}

std::optional<Price> parse_price(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto slash = text.find('/');
    const auto in = parse_amount(text.substr(0, slash));
    return Price{in, slash == text.npos ? in : parse_amount(text.substr(slash + 1))};
}

std::string describe_tokens(const ops::AnalysisCounts& counts, const std::optional<Price>& price) {
    auto text = fmt::format("{} tokens", counts.tokens_in + counts.tokens_out);
    if (!price) return text;
    const auto cost = (static_cast<double>(counts.tokens_in) * price->in +
                       static_cast<double>(counts.tokens_out) * price->out) /
                      1e6;
    return text + fmt::format(" for {:.4f}", cost);
}

std::string describe(const ops::AnalysisCounts& counts, const std::optional<Price>& price) {
    auto text = fmt::format("{} of {} analyzed", counts.analyzed, count_of(counts.articles, "article"));
    if (counts.done_before > 0) text += fmt::format(", {} done before", counts.done_before);
    if (counts.failed > 0) text += fmt::format(", {} without an answer", counts.failed);
    if (counts.gone > 0) text += fmt::format(", {} deleted meanwhile", counts.gone);
    return text + fmt::format(", {}, {}; {} kept, {} rejected", count_of(counts.requests, "request"),
                              describe_tokens(counts, price), count_of(counts.kept, "finding"),
                              counts.rejected);
}

void tell_dry(const ops::AnalysisCounts& counts, const std::optional<Price>& price) {
    log::notice("dry run, nobody asked: {} of {} to analyze, {} done before, about {} and {}",
                counts.analyzed, count_of(counts.articles, "article"), counts.done_before,
                count_of(counts.requests, "request"), describe_tokens(counts, price));
}

void tell(const ops::AnalyzeResult& result, const std::optional<Price>& price) {
    log::notice("{}", describe(result.counts, price));
    std::vector<std::string> reasons;
    for (const auto& [reason, count] : result.counts.by_reason)
        reasons.push_back(fmt::format("{} {}", count, reason));
    if (!reasons.empty()) log::notice("rejected: {}", join(reasons, ", "));
    if (result.end == ops::AnalysisEnd::budget)
        log::notice("the budget is used up; the next call goes on there");
    if (result.end == ops::AnalysisEnd::time) log::notice("the time is over; the next call goes on there");
}

std::string chosen_ids(const AnalyzeCommand& command) {
    if (command.ids.empty()) return command.selection.options.ids;
    if (!command.selection.options.ids.empty())
        throw Error{ExitCode::usage, "articles are given as arguments and by --ids",
                    "Leave one of them out."};
    for (const auto& id : command.ids)
        if (id.empty() || id.find_first_not_of("0123456789") != id.npos)
            throw Error{ExitCode::usage, fmt::format("'{}' is no id of an article", printable(id)),
                        "'cti articles' shows ids."};
    return join(command.ids, ",");
}

ExitCode run_analyze(const Context& context, const AnalyzeCommand& command) {
    auto options = command.options;
    const auto price = parse_price(command.price);
    options.selection = to_options(command.selection);
    options.selection.ids = chosen_ids(command);
    options.model = find_model_endpoint(options.model);
    if (command.max_time_s) options.max_time = std::chrono::seconds{*command.max_time_s};
    ops::AnalyzeResult result;
    {
        ProgressLine line(context.progress);
        options.on_progress = [&](const ops::AnalysisCounts& counts) { line.show(describe(counts, price)); };
        result = ops::analyze_articles(make_environment(context), options);
    }
    options.dry_run ? tell_dry(result.counts, price) : tell(result, price);
    if (result.end == ops::AnalysisEnd::stopped) return stopped_or(ExitCode::ok);
    if (result.end == ops::AnalysisEnd::endpoint || result.counts.failed > 0)
        throw Error{ExitCode::failure,
                    result.end == ops::AnalysisEnd::endpoint
                        ? "the language model gives no answers: " + result.fault
                        : fmt::format("{} got no answer", count_of(result.counts.failed, "article")),
                    "What was stored stays; the same call goes on there. 'cti doctor' looks at the server."};
    return ExitCode::ok;
}

std::string describe_tasks() {
    std::string text = "Tasks:\n";
    for (const auto& task : analysis::tasks()) text += fmt::format("  {:<20}{}\n", task.name, task.summary);
    return text;
}
}

Action setup_analyze(Options& app) {
    auto command = std::make_shared<AnalyzeCommand>();
    auto& options = command->options;
    app.add_option("ID", command->ids, "Ids of articles; none: those of the selection, or all");
    app.add_option("--task", options.tasks, "Only this task (may be repeated)")
        .one_of(ops::analysis_task_names())
        .delimiter(',')
        .type_name("TASK")
        .group("Analysis");
    app.add_option("--budget-tokens", options.budget_tokens, "Begin no request once so many tokens are used")
        .positive()
        .type_name("N")
        .group("Analysis");
    app.add_option("--max-time", command->max_time_s, "Begin no request after that time")
        .between(1, 604800)
        .seconds()
        .group("Analysis");
    app.add_option("--price", command->price, "What a million tokens cost, in questions/answers: 0.15/0.60")
        .type_name("PRICE")
        .envname("LLM_PRICE")
        .group("Analysis");
    app.add_flag("--force", options.force, "Do again what is done already").group("Analysis");
    app.add_flag("-n,--dry-run", options.dry_run, "Ask nobody: tell how many articles and tokens")
        .group("Analysis");
    add_model_options(app, options.model, "--concurrency");
    add_selection_options(app, command->selection);
    add_query_option(app, command->selection);
    add_extractor_options(app, options.intelligence);
    app.footer(describe_tasks() +
               R"(Off until LLM_API_URL names a server of yours: the texts of articles go there,
and nowhere else. A key comes from LLM_API_KEY_FILE or LLM_API_KEY. What the model
says is kept only with a quotation that stands in the article; the rest is
rejected and counted. 'cti show ID' and 'cti export' have the results.
Examples:
  cti analyze --since 7d --dry-run
  cti analyze --query 'ransomware' --task techniques,targets --limit 20
  cti analyze 12 --force
  cti analyze --days 1 --concurrency 4
  cti analyze --min-score 60 --budget-tokens 500000 --max-time 2h)");
    return [command](Context& context) { return run_analyze(context, *command); };
}
}
