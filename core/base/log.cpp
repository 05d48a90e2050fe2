#include "core/base/log.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/time.hpp"

#include <array>
#include <mutex>
#include <unistd.h>

namespace cti::log {
namespace {
Settings g_settings;
std::mutex g_mutex;
void (*g_before)() = nullptr;
void (*g_after)() = nullptr;
std::string g_run; // under g_mutex

constexpr std::array k_names{"error", "warning", "notice", "info", "debug"};

std::string text_line(Level level, std::string_view message, std::string_view label) {
    std::string_view on, off;
    if (g_settings.color && level <= Level::warning)
        on = level == Level::error ? "\x1b[1;31m" : "\x1b[33m", off = "\x1b[0m";
    if (label.empty()) return fmt::format("cti: {}\n", printable(message));
    return fmt::format("cti: {}{}:{} {}\n", on, label, off, printable(message));
}

std::string json_line(Level level, std::string_view message, std::initializer_list<Field> fields) {
    std::string line;
    JsonWriter json(line);
    json.begin_object().member("ts", format_rfc3339(current_time()));
    json.member("level", k_names[static_cast<std::size_t>(level)]).member("msg", printable(message));
    {
        const std::lock_guard lock(g_mutex);
        if (!g_run.empty()) json.member("run_id", g_run);
    }
    for (const auto& field : fields) json.member(field.name, printable(field.value));
    json.end_object();
    return line + '\n';
}

void put(std::string_view line) {
    const std::lock_guard lock(g_mutex);
    if (g_before != nullptr) g_before();
    // stderr may be closed or full; there is nowhere left to say so.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
    if (g_after != nullptr) g_after();
}
}

void configure(const Settings& settings) { g_settings = settings; }
const Settings& settings() { return g_settings; }

void set_run(std::string id) {
    const std::lock_guard lock(g_mutex);
    g_run = std::move(id);
}

void set_line_guard(void (*before)(), void (*after)()) {
    const std::lock_guard lock(g_mutex);
    g_before = before, g_after = after;
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    if (level > g_settings.level) return;
    if (g_settings.format == Format::json) return put(json_line(level, message, fields));
    const bool labelled = level == Level::error || level == Level::warning || level == Level::debug;
    put(text_line(level, message, labelled ? k_names[static_cast<std::size_t>(level)] : ""));
}

void hint(std::string_view message) {
    if (g_settings.format == Format::json) return put(json_line(Level::notice, message, {{"kind", "hint"}}));
    put(text_line(Level::notice, message, "hint"));
}
}
