#include "cli/term/pager.hpp"

#include "cli/environment.hpp"
#include "cli/signals.hpp"
#include "cli/term/output.hpp"
#include "core/base/text.hpp"
#include "core/io/spawn.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

namespace cti::cli {
namespace {

// While another program has the terminal, its signals are that program's.
class SignalsOfTheOther {
public:
    SignalsOfTheOther() {
        struct sigaction ignore {};
        ignore.sa_handler = SIG_IGN; // NOLINT: a macro with a cast
        for (std::size_t i = 0; i < k_signals.size(); ++i) ::sigaction(k_signals[i], &ignore, &m_before[i]);
    }
    ~SignalsOfTheOther() {
        for (std::size_t i = 0; i < k_signals.size(); ++i) ::sigaction(k_signals[i], &m_before[i], nullptr);
    }
    SignalsOfTheOther(const SignalsOfTheOther&) = delete;
    SignalsOfTheOther& operator=(const SignalsOfTheOther&) = delete;

private:
    static constexpr std::array<int, 2> k_signals{SIGINT, SIGQUIT};
    std::array<struct sigaction, k_signals.size()> m_before{};
};

// A reader that has seen enough ends it.
void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR && stop_signal() == 0) continue;
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return -1;
        if (stop_signal() != 0) ::kill(child, SIGTERM);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// As git does: a word or two are run by themselves, anything more by a shell.
std::vector<std::string> pager_words(const std::string& pager) {
    if (pager.find_first_of("|&;<>()$`\\\"'*?[#~=%") != pager.npos) return {"sh", "-c", pager};
    std::vector<std::string> words;
    const auto folded = fold_space(pager);
    for (const auto word : split(folded, ' ')) words.emplace_back(word);
    return words;
}
}

std::optional<int> run_program(const std::vector<std::string>& words, const std::string* input,
                               const std::vector<std::string>& more_environment) {
    std::array<int, 2> pipe{-1, -1};
    if (input != nullptr && ::pipe2(pipe.data(), O_CLOEXEC) != 0) return std::nullopt;
    const SignalsOfTheOther ignored;
    const auto child = io::SpawnPlan({.input = pipe[0]}).start(words, more_environment);
    if (input != nullptr) ::close(pipe[0]);
    if (child && input != nullptr) write_all(pipe[1], *input);
    if (input != nullptr) ::close(pipe[1]);
    return child ? std::optional(wait_for(*child)) : std::nullopt;
}

void show_paged(const std::string& text) {
    const char* named = std::getenv("PAGER");
    const std::string pager = named == nullptr ? "less" : std::string(trim(named));
    const auto terminal = environment("TERM");
    const bool can_page = stdout_width() > 0 && !terminal.empty() && terminal != "dumb";
    if (!can_page || pager.empty() || pager == "cat") return print(text);
    // Colours, and no pager for what fits on the screen; the text is UTF-8 whatever the locale.
    std::vector<std::string> less;
    if (environment("LESS").empty()) less.emplace_back("LESS=FRX");
    if (environment("LESSCHARSET").empty()) less.emplace_back("LESSCHARSET=utf-8");
    const auto status = run_program(pager_words(pager), &text, less);
    constexpr int not_found = 127, not_executable = 126;
    if (!status || *status == not_found || *status == not_executable) print(text);
}
}
