#pragma once
#include "core/db/address.hpp"
#include "core/db/schema.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What `cti doctor` asks about the database.
namespace cti::db {

// Where an address leads, as libpq reads it with its environment and service file.
struct Target {
    std::string host;       // a name, an address, or the folder of a Unix socket ("/run/postgresql")
    std::string shown_host; // the same for people: see Address::is_host_doubtful
    std::string port, database, user, ssl_mode;
    bool has_password = false;
    bool is_socket() const { return host.starts_with('/'); }
};
// Throws Error(usage) where the address is none.
Target find_target(std::string_view address);

struct ServerFacts {
    std::string version;    // "15.14 (Debian …)"
    int version_number = 0; // 150014
    std::string role, database;
    bool encrypted = false;
    std::string cipher;                       // "TLSv1.3 TLS_AES_256_GCM_SHA384"
    std::chrono::microseconds clock_ahead{0}; // of the server
    bool in_recovery = false;                 // a replica: read only
};
ServerFacts read_server(Transaction& transaction);

// A session of this database that others may wait for.
struct HeldSession {
    int pid = 0;
    std::string application, role, client; // client: its address, or "this machine"
    std::string state;                     // "idle in transaction", "active"
    std::chrono::seconds age{0};           // of its transaction
    std::string table;                     // one that it holds a lock on, "" where none is known
    int waiting = 0;                       // sessions that it holds up
};
// Whose transaction is older than `age` and stands still or holds a lock for writing, and whoever holds up
// another for that long. Of other roles' sessions PostgreSQL shows their states only to members of
// pg_read_all_stats.
std::vector<HeldSession> find_held_sessions(Transaction& transaction, std::chrono::seconds age);

// What keeps vacuum from removing rows that nobody sees any more, so that the tables that change most, the
// queue above all, grow and get slow.
struct VacuumHolder {
    std::string what; // "session 123", "prepared transaction 'x'", "replication slot 'x'"
    std::string who;  // "'pg_dump' of role 'backup'", …
    std::optional<std::chrono::seconds> age; // of its transaction; a slot has none
    long transactions = 0;                   // that came after what it holds
    std::string remedy;
};
// Transactions of this database that are older than `age`, prepared ones too, and slots that nobody reads
// from or that hold back a million transactions. Of other roles' sessions PostgreSQL shows these only to
// members of pg_read_all_stats.
std::vector<VacuumHolder> find_vacuum_holders(Transaction& transaction, std::chrono::seconds age);

// The limits of a writing transaction as the server has them at this moment: "lock_timeout" and "10s".
std::vector<std::pair<std::string, std::string>> read_limits(Transaction& transaction);

// "INSERT on public.articles" …: rights that collecting needs and the role lacks.
std::vector<std::string> missing_rights(Transaction& transaction);
}
