#include "core/source/fallback.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

namespace cti::source {
namespace {

constexpr int k_max_rounds = 1'000'000;
constexpr std::size_t k_max_silence = 300; // characters

std::string write_state(const FallbackState& state) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("silent_rounds", state.rounds);
    json.member("silence", head_code_points(state.silence, k_max_silence)).member("cursor", state.cursor);
    json.end_object();
    return out;
}

class ReaderWithFallback : public Reader {
public:
    ReaderWithFallback(const Input& input, FallbackState state, const Kind& second)
        : m_input(input), m_state(std::move(state)), m_had_rounds(m_state.rounds > 0), m_kind(second) {}

    void set_first(std::unique_ptr<Reader> first) { m_first = std::move(first); }
    const FallbackState& state() const { return m_state; }

    std::vector<Ask> begin() override { return m_first->begin(); }

    std::vector<Ask> accept_answer(const Ask& ask, const net::Response& response) override {
        if (m_second) return m_second->accept_answer(ask, response);
        auto more = m_first->accept_answer(ask, response);
        if (!more.empty()) return more;
        m_found = m_first->finish();
        m_is_first_read = true;
        count();
        if (m_state.rounds < k_rounds_until_fallback || m_input.settings.feed_only ||
            !m_input.may_read_pages || response.failure == net::Failure::held)
            return {};
        m_second = m_kind.make_reader(m_input);
        return m_second->begin();
    }

    Found finish() override {
        if (!m_is_first_read) return m_first->finish();
        if (m_second) join(m_second->finish());
        if (m_state.rounds > 0) {
            m_found.unfinished_cursor = write_state(m_state);
            if (m_found.fault.empty()) m_found.cursor = m_found.unfinished_cursor;
        } else if (m_had_rounds && !m_found.cursor) {
            m_found.cursor = m_state.cursor;
        }
        return std::move(m_found);
    }

private:
    // A time-out or a server's error says nothing of whether the document is there.
    void count() {
        const bool is_known = !m_found.silence.empty() || m_found.fault.empty();
        if (!is_known) return;
        m_state.rounds = m_found.silence.empty() ? 0 : std::min(m_state.rounds + 1, k_max_rounds);
        m_state.silence = m_found.silence;
        if (m_found.cursor) m_state.cursor = *m_found.cursor;
    }

    // What the pages say counts where they say something.
    void join(Found pages) {
        auto warnings = std::move(m_found.feed.warnings);
        const auto why = describe_fallback(m_state);
        warnings.push_back(pages.fault.empty() ? why : fmt::format("{}; there: {}", why, pages.fault));
        std::ranges::move(pages.feed.warnings, std::back_inserter(warnings));
        if (pages.fault.empty()) {
            pages.read_as = &m_kind;
            pages.feed.ttl_minutes = m_found.feed.ttl_minutes;
            pages.moved_to = std::move(m_found.moved_to);
            m_found = std::move(pages);
        }
        m_found.feed.warnings = std::move(warnings);
    }

    const Input m_input; // of the second reader
    FallbackState m_state;
    const bool m_had_rounds;
    const Kind& m_kind;
    std::unique_ptr<Reader> m_first, m_second;
    Found m_found; // by the first one
    bool m_is_first_read = false;
};
}

FallbackState read_fallback_state(std::string_view cursor) {
    FallbackState plain{0, {}, std::string(cursor)};
    if (is_nested_deeper(cursor, 2)) return plain;
    const auto object = nlohmann::json::parse(cursor, nullptr, false);
    if (!object.is_object() || !object.contains("silent_rounds")) return plain;
    const auto& rounds = object["silent_rounds"];
    const auto text = [&](const char* name) {
        const auto found = object.find(name);
        return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    return {rounds.is_number_integer() ? std::clamp(rounds.get<int>(), 0, k_max_rounds) : 0, text("silence"),
            text("cursor")};
}

std::string describe_fallback(const FallbackState& state) {
    if (state.rounds < k_rounds_until_fallback) return {};
    return fmt::format("its pages are read instead of the feed: {}, {} times in a row", state.silence,
                       state.rounds);
}

std::unique_ptr<Reader> make_reader_with_fallback(const Input& input,
                                                  std::unique_ptr<Reader> (*make_first)(const Input&),
                                                  const Kind& second) {
    auto reader = std::make_unique<ReaderWithFallback>(
        Input{input.source, input.settings, {}, input.now, input.may_read_pages, true},
        read_fallback_state(input.cursor), second);
    auto first = make_first({input.source, input.settings, reader->state().cursor, input.now});
    if (!first) return nullptr;
    reader->set_first(std::move(first));
    return reader;
}
}
