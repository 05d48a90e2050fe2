#include "core/ops/article_analysis.hpp"

#include "core/analysis/pieces.hpp"
#include "core/analysis/proof.hpp"
#include "core/base/hash.hpp"

#include <algorithm>

namespace cti::ops {
namespace {
using analysis::Task;

constexpr std::size_t k_max_piece_candidates = 150;

bool needs_candidates(const Task& task) {
    return task.rule == analysis::ValueRule::candidate || task.rule == analysis::ValueRule::candidate_named;
}

// An indicator is asked about where it stands; a name may be meant where only "the group" stands.
std::vector<analysis::Candidate> candidates_for(const Task& task, std::string_view piece,
                                                const analysis::Candidates& candidates) {
    if (task.candidates == nullptr) return {};
    const auto& all = candidates.*task.candidates;
    if (task.candidates == &analysis::Candidates::indicators ||
        task.rule == analysis::ValueRule::candidate_named)
        return analysis::candidates_in(piece, all, k_max_piece_candidates);
    return {all.begin(),
            all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), k_max_piece_candidates))};
}

std::string hash_of(const AnalysisPlan& plan, const analysis::ChatSettings& settings) {
    // Each part with its length, so that no two plans give the same bytes.
    std::string bytes;
    const auto add = [&](std::string_view part) {
        bytes += std::to_string(part.size()) + ':' + std::string(part);
    };
    add(analysis::settings_json(settings));
    for (const auto& prompt : plan.prompts) {
        for (const auto& message : prompt.messages) add(message.content);
        add(prompt.schema);
    }
    add(plan.prompts.empty() ? sha256_hex(plan.text) : std::string());
    return sha256_hex(bytes);
}

// One piece: an answer, and maybe a second one.
class PieceTalk {
public:
    PieceTalk(const Task& task, const analysis::Piece& piece, const AskModel& ask, AnalysisDone& done)
        : m_task(task), m_piece(piece), m_ask(ask), m_done(done) {}

    // False where there was no answer at all.
    bool run(const analysis::Prompt& prompt) {
        const auto first = ask_once(prompt);
        if (!first) return false;
        auto proved = prove_reply(*first);
        if (!proved.rejected.empty()) {
            const auto retry = analysis::make_retry(prompt, first->answer.text, proved.rejected);
            ++m_done.retries;
            const auto second = ask_once(retry);
            if (!second) return false;
            analysis::join_proved(proved, prove_reply(*second));
        }
        analysis::join_proved(m_done.proved, std::move(proved));
        return true;
    }

private:
    std::optional<ModelReply> ask_once(const analysis::Prompt& prompt) {
        const auto begun = steady_time();
        auto reply = m_ask(prompt);
        m_done.duration += steady_time() - begun;
        if (!reply) return std::nullopt;
        ++m_done.requests;
        if (!reply->fault.empty()) {
            m_done.fault = reply->fault, m_done.is_hopeless = reply->is_hopeless;
            return std::nullopt;
        }
        const auto estimated_out = static_cast<long>(reply->answer.text.size() / 3);
        m_done.tokens_in += reply->answer.tokens_in.value_or(analysis::estimate_tokens(prompt));
        m_done.tokens_out += reply->answer.tokens_out.value_or(estimated_out);
        return reply;
    }

    analysis::Proved prove_reply(const ModelReply& reply) const {
        analysis::Answer answer;
        if (reply.answer.fault)
            answer.fault = reply.answer.fault;
        else
            answer = analysis::parse_answer(m_task, reply.answer.text);
        return analysis::prove(m_task, m_piece, answer);
    }

    const Task& m_task;
    const analysis::Piece& m_piece;
    const AskModel& m_ask;
    AnalysisDone& m_done;
};
}

AnalysisPlan plan_analysis(const Task& task, std::string_view text, const analysis::Candidates& candidates,
                           const analysis::ChatSettings& settings) {
    AnalysisPlan plan;
    plan.task = &task, plan.text = text;
    for (const auto& span : analysis::split_pieces(text)) {
        plan.read_bytes = span.end;
        const auto piece = text.substr(span.start, span.end - span.start);
        auto offered = candidates_for(task, piece, candidates);
        if (!offered.empty() || !needs_candidates(task))
            plan.pieces.push_back({piece, span.start, std::move(offered)});
        if (task.reads_first_piece_only) break;
    }
    for (const auto& piece : plan.pieces) plan.prompts.push_back(analysis::make_prompt(task, piece));
    plan.prompt_sha256 = hash_of(plan, settings);
    return plan;
}

TokenEstimate estimate_tokens(const AnalysisPlan& plan, const analysis::ChatSettings& settings) {
    TokenEstimate tokens;
    for (const auto& prompt : plan.prompts) {
        tokens.in += analysis::estimate_tokens(prompt);
        tokens.out += settings.max_answer_tokens / 4; // few answers need as much as they may have
    }
    return tokens;
}

AnalysisDone run_analysis(const AnalysisPlan& plan, const AskModel& ask) {
    AnalysisDone done;
    for (std::size_t i = 0; i < plan.pieces.size(); ++i)
        if (!PieceTalk(*plan.task, plan.pieces[i], ask, done).run(plan.prompts[i])) return done;
    done.is_complete = true;
    return done;
}
}
