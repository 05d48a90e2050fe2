#include "core/telemetry/span.hpp"

#include "core/base/text.hpp"

#include <atomic>
#include <exception>
#include <utility>

namespace cti::telemetry {
namespace {

std::atomic<SpanSink*> g_sink{nullptr};
TraceContext g_root; // written before the sink is
thread_local TraceContext t_current;

constexpr std::size_t k_max_name_characters = 128;

std::string bounded(std::string_view text, std::size_t characters) {
    return printable(head_code_points(text, characters));
}
}

void set_sink(SpanSink* sink, const std::optional<TraceContext>& root) {
    if (sink != nullptr) g_root = root.value_or(TraceContext{});
    g_sink.store(sink, std::memory_order_release);
}

Span::Span(std::string_view name, SpanKind kind) {
    if (g_sink.load(std::memory_order_acquire) != nullptr)
        begin(name, t_current.is_valid() ? t_current : g_root, kind);
}

Span::Span(std::string_view name, const TraceContext& parent, SpanKind kind) {
    if (g_sink.load(std::memory_order_acquire) != nullptr)
        begin(name, parent.is_valid() ? parent : g_root, kind);
}

void Span::begin(std::string_view name, const TraceContext& parent, SpanKind kind) {
    const auto now = current_instant();
    m_data = std::make_unique<SpanData>();
    m_data->name = bounded(name, k_max_name_characters);
    m_data->kind = kind;
    m_data->context.trace = parent.is_valid() ? parent.trace : draw_trace_id();
    m_data->context.span = draw_span_id();
    m_data->parent = parent.span;
    m_data->began = now.wall;
    m_began = now.steady;
    m_exceptions = std::uncaught_exceptions();
}

void Span::set(std::string_view name, std::string_view text) {
    if (!m_data || text.empty() || m_data->attributes.size() >= k_max_attributes) return;
    m_data->attributes.push_back({name, bounded(text, k_max_attribute_characters)});
}

void Span::set_number(std::string_view name, std::int64_t number) {
    if (m_data && m_data->attributes.size() < k_max_attributes) m_data->attributes.push_back({name, number});
}

void Span::fail(std::string_view error_type, std::string_view fault) {
    if (!m_data || m_data->is_failed) return;
    set("error.type", error_type);
    m_data->is_failed = true;
    m_data->fault = bounded(fault, k_max_attribute_characters);
}

void Span::end() {
    if (!m_data) return;
    // "_OTHER" is what the semantic conventions say where the class is not known.
    if (std::uncaught_exceptions() > m_exceptions) fail("_OTHER");
    m_data->ended = m_data->began + (steady_time() - m_began);
    const auto data = std::exchange(m_data, nullptr);
    if (auto* const sink = g_sink.load(std::memory_order_acquire); sink != nullptr)
        sink->add(std::move(*data));
}

Scope::Scope(const TraceContext& context) : m_before(t_current) {
    if (context.is_valid()) t_current = context;
}

Scope::~Scope() { t_current = m_before; }
}
