#pragma once
#include "core/base/clock.hpp"
#include "core/telemetry/trace_context.hpp"

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// What the program was at, from when to when, for a collector of traces. Where none is named nothing is kept:
// a span is then a null pointer, and beginning one costs the look at one atomic.
namespace cti::telemetry {

// The numbers of the schema of OTLP.
enum class SpanKind : std::uint8_t { internal = 1, client = 3, consumer = 5 };

struct Attribute {
    std::string_view name; // a constant: "http.request.method"
    std::variant<std::string, std::int64_t> value;
};

// Of one span; what is more is cut or left out.
inline constexpr std::size_t k_max_attributes = 16, k_max_attribute_characters = 256;

struct SpanData {
    std::string name;
    SpanKind kind = SpanKind::internal;
    TraceContext context;
    SpanId parent{}; // zero: none
    Time began;
    Time ended;
    std::vector<Attribute> attributes;
    bool is_failed = false;
    std::string fault; // in words, where it is failed
};

// Takes spans that have ended. Any thread may call it; it never waits.
class SpanSink {
public:
    virtual ~SpanSink() = default;
    virtual void add(SpanData span) = 0;
};

// From now on spans go there, null: nowhere. `root`: whose children those are that have no other parent. The
// sink has to live until another one is set and no thread ends a span.
void set_sink(SpanSink* sink, const std::optional<TraceContext>& root = {});

// From its construction to its end. May be handed from thread to thread; belongs to one at a time.
class Span {
public:
    Span() = default; // none
    // A child of what the calling thread is at (Scope), else of the root; the first of a trace where there is
    // none.
    explicit Span(std::string_view name, SpanKind kind = SpanKind::internal);
    // parent: of another span's context(); one that is not valid is none.
    Span(std::string_view name, const TraceContext& parent, SpanKind kind = SpanKind::internal);
    // One that an exception ends has failed.
    ~Span() { end(); }
    Span(Span&&) noexcept = default;
    Span& operator=(Span&&) = delete;

    bool is_recording() const { return m_data != nullptr; }
    TraceContext context() const { return m_data ? m_data->context : TraceContext{}; }

    // Empty texts are left out.
    void set(std::string_view name, std::string_view text);
    void set(std::string_view name, const char* text) { set(name, std::string_view(text)); }
    void set(std::string_view name, std::integral auto number) { set_number(name, number); }
    // error_type: a class of errors, few of them ("timeout", "503"); fault: in words, for people.
    void fail(std::string_view error_type, std::string_view fault = {});
    void end();

private:
    void begin(std::string_view name, const TraceContext& parent, SpanKind kind);
    void set_number(std::string_view name, std::int64_t number);

    std::unique_ptr<SpanData> m_data;
    SteadyTime m_began{};
    int m_exceptions = 0; // under way when it began
};

// What spans begin in this thread meanwhile are its children. Nothing changes for a context that is not
// valid.
class Scope {
public:
    explicit Scope(const TraceContext& context);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

private:
    TraceContext m_before;
};
}
