#pragma once
#include "core/db/database.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace cti::db {

// The statements of a script and the data of its COPYs, in one transaction over a connection of its own. Each
// is sent as one statement that the server takes no second one with, so no text can bring another along.
class ScriptSession {
public:
    // is_stopped: asked ten times a second; true cancels what runs, and throws Error(interrupted).
    ScriptSession(Database& database, const std::string& application, std::function<bool()> is_stopped);
    ~ScriptSession(); // rolls back what was not committed
    ScriptSession(const ScriptSession&) = delete;
    ScriptSession& operator=(const ScriptSession&) = delete;

    void run(std::string_view statement); // Throws Error.
    // What the server refused, where it may do so: a role, a right or a thing that is not there. Nothing else
    // of the transaction is lost by it. "": it was run.
    std::string run_if_possible(std::string_view statement);
    void begin_copy(std::string_view statement);
    void add_copy_data(std::string_view bytes);
    void end_copy();
    void commit();

private:
    struct State;
    std::unique_ptr<State> m_state;
};
}
