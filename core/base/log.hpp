#pragma once
#include <fmt/format.h>
#include <initializer_list>
#include <string>
#include <string_view>

// Everything that is not data: one line each on stderr, written with one write(2).
// Text: "cti: warning: source 'talos': HTTP 429". JSON: {"ts":…,"level":…,"msg":…} and the fields.
// Whatever comes from outside is made printable here, so that no feed can forge a line.
namespace cti::log {

enum class Level { error, warning, notice, info, debug };
enum class Format { text, json };

struct Settings {
    Level level = Level::notice; // -q: error; -v: info; -vv: debug
    Format format = Format::text;
    bool color = false;
};
void configure(const Settings& settings);
const Settings& settings();

struct Field {
    std::string_view name;
    std::string value;
};
// The fields are for the JSON form; the message says the same for people.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});
void hint(std::string_view message);
// From now on every line of the JSON form says to which run it belongs; "" to none.
void set_run(std::string id);

// The progress line stands below the log; write() calls these around each line so that the two never mix.
void set_line_guard(void (*before)(), void (*after)());

template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
    write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
    write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void notice(fmt::format_string<Args...> format, Args&&... args) {
    write(Level::notice, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
}
