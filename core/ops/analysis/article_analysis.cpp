#include "core/ops/analysis/article_analysis.hpp"

#include "core/analysis/passages.hpp"
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
    // `passages`: of which the piece is made; null: it is one of the text's.
    PieceTalk(const Task& task, const analysis::Piece& piece, const AskModel& ask, AnalysisDone& done,
              const analysis::Passages* passages = nullptr)
        : m_task(task), m_piece(piece), m_ask(ask), m_done(done), m_passages(passages) {}

    // nullopt: there was no answer at all.
    std::optional<analysis::Proved> run(const analysis::Prompt& prompt) {
        const auto first = ask_once(prompt);
        if (!first) return std::nullopt;
        auto proved = prove_reply(*first);
        if (!proved.rejected.empty()) {
            const auto retry = analysis::make_retry(prompt, first->answer.text, proved.rejected);
            ++m_done.retries;
            const auto second = ask_once(retry);
            if (!second) return std::nullopt;
            analysis::join_proved(proved, prove_reply(*second));
        }
        return proved;
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
        auto proved = analysis::prove(m_task, m_piece, answer);
        return m_passages == nullptr ? proved : analysis::relocate(*m_passages, std::move(proved));
    }

    const Task& m_task;
    const analysis::Piece& m_piece;
    const AskModel& m_ask;
    AnalysisDone& m_done;
    const analysis::Passages* m_passages;
};

// What a piece has shown, beside what others have.
void add_piece(const Task& task, analysis::Proved& all, analysis::Proved more) {
    const bool is_best = !task.has_score || more.score > all.score;
    if (task.has_score && is_best) all.items.clear(), all.score.reset();
    if (!is_best) more.items.clear(), more.score.reset();
    analysis::join_proved(all, std::move(more));
}

// False where there was no answer.
bool join_pieces(const AnalysisPlan& plan, const analysis::ItemsByPiece& pieces, const AskModel& ask,
                 AnalysisDone& done) {
    const auto& task = *plan.task;
    const analysis::Passages passages(plan.text, pieces, analysis::k_max_piece_bytes);
    const analysis::Piece piece{passages.text(), 0, {}};
    auto joined = PieceTalk(task, piece, ask, done, &passages).run(analysis::make_join_prompt(task, piece));
    if (!joined) return false;
    // Where the model makes nothing of them, what the pieces have shown is true all the same.
    if (joined->items.empty())
        joined->items = analysis::first_items(pieces, static_cast<std::size_t>(task.max_items));
    done.proved.items.clear();
    analysis::join_proved(done.proved, std::move(*joined));
    return true;
}
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
    }
    for (const auto& piece : plan.pieces) plan.prompts.push_back(analysis::make_prompt(task, piece));
    plan.prompt_sha256 = hash_of(plan, settings);
    return plan;
}

TokenEstimate estimate_tokens(const AnalysisPlan& plan, const analysis::ChatSettings& settings) {
    TokenEstimate tokens;
    tokens.requests = std::ssize(plan.prompts);
    for (const auto& prompt : plan.prompts) tokens.in += analysis::estimate_tokens(prompt);
    if (!plan.task->join_question.empty() && plan.prompts.size() > 1) {
        ++tokens.requests;
        tokens.in += static_cast<long>(analysis::k_max_piece_bytes / 3);
    }
    tokens.out =
        tokens.requests * settings.max_answer_tokens / 4; // few answers need as much as they may have
    return tokens;
}

AnalysisDone run_analysis(const AnalysisPlan& plan, const AskModel& ask) {
    AnalysisDone done;
    const auto& task = *plan.task;
    analysis::ItemsByPiece by_piece;
    for (std::size_t i = 0; i < plan.pieces.size(); ++i) {
        auto proved = PieceTalk(task, plan.pieces[i], ask, done).run(plan.prompts[i]);
        if (!proved) return done;
        by_piece.push_back(proved->items);
        add_piece(task, done.proved, std::move(*proved));
    }
    const bool is_joined = !task.join_question.empty() && by_piece.size() > 1 &&
                           done.proved.items.size() > static_cast<std::size_t>(task.max_items);
    if (is_joined && !join_pieces(plan, by_piece, ask, done)) return done;
    done.is_complete = true;
    return done;
}
}
