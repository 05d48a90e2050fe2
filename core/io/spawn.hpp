#pragma once
#include <optional>
#include <spawn.h>
#include <string>
#include <sys/types.h>
#include <vector>

namespace cti::io {

// The three streams that a program begins with; -1: as this process has it.
struct SpawnStreams {
    int input = -1, output = -1, error = -1;
};

// Which variables of this process a program gets: all, or those without which nothing runs. What others hold
// may be secret: addresses of databases, tokens.
enum class Variables { all, few };

// What posix_spawn is told: those streams, and all signals as they are by default.
class SpawnPlan {
public:
    explicit SpawnPlan(const SpawnStreams& streams);
    ~SpawnPlan();
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    // Runs a program with these words, never through a shell; the first is looked up in PATH. more: variables
    // ("NAME=value") instead of or beside those of this process. Nothing, and errno: it could not be started.
    std::optional<pid_t> start(const std::vector<std::string>& words, const std::vector<std::string>& more,
                               Variables variables = Variables::all) const;

private:
    posix_spawn_file_actions_t m_actions{};
    posix_spawnattr_t m_attributes{};
};
}
