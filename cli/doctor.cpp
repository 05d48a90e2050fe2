#include "cli/doctor.hpp"

#include "cli/database.hpp"
#include "cli/environment.hpp"
#include "cli/term/output.hpp"
#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/db/diagnosis.hpp"
#include "core/sources/source_json.hpp"
#include "core/store/own/leases.hpp"
#include "core/store/own/runs.hpp"
#include "core/store/own/source_state.hpp"
#include "core/store/read/overview.hpp"
#include "core/store/web/sources.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <netdb.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

namespace cti::cli {
namespace {
using namespace std::chrono_literals;

struct AddressFree {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressFree>;

class Socket {
public:
    explicit Socket(int descriptor) : m_descriptor(descriptor) {}
    ~Socket() {
        if (m_descriptor >= 0) close(m_descriptor);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int get() const { return m_descriptor; }

private:
    int m_descriptor;
};

// "" when somebody answers there within three seconds.
std::string try_connect(const addrinfo& address) {
    const Socket socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return {};
    if (errno != EINPROGRESS) return std::strerror(errno);
    pollfd waiting{socket.get(), POLLOUT, 0};
    if (poll(&waiting, 1, 3000) == 0) return "no answer within 3 s";
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? "" : std::strerror(error);
}

class Examination {
public:
    explicit Examination(const Context& context) : m_context(context) {}

    std::vector<Finding> operator()() {
        look_at_address();
        look_at_disk();
        look_at_certificates();
        return std::move(m_findings);
    }

private:
    void add(std::string check, Verdict verdict, std::string detail, std::string remedy = {}) {
        m_findings.push_back({std::move(check), verdict, printable(detail), std::move(remedy)});
    }
    void skip(std::initializer_list<const char*> checks, const std::string& why) {
        for (const char* check : checks) add(check, Verdict::skipped, why);
    }

    void look_at_address() {
        FoundAddress found;
        db::Target target;
        try {
            found = find_database_address(m_context);
            target = db::find_target(found.text);
        } catch (const Error& error) {
            add("address", Verdict::fail, error.what(), error.hint());
            return skip({"dns", "tcp", "authentication"}, "there is no address");
        }
        const auto place =
            fmt::format("{} as '{}' at {}{} (from {})", target.database, target.user, target.host,
                        target.is_socket() ? "" : ":" + target.port, found.source);
        if (found.source == "--database-url" && target.has_password)
            add("address", Verdict::warn, place,
                "Others see the password in the list of processes: give it by DATABASE_URL, DATABASE_URL_FILE or PGPASSFILE.");
        else
            add("address", Verdict::ok, place);
        if (look_at_network(target)) look_at_database(target);
    }

    bool look_at_network(const db::Target& target) {
        if (target.is_socket()) return look_at_socket(target);
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        if (const int code = getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &found);
            code != 0) {
            add("dns", Verdict::fail, fmt::format("'{}': {}", target.host, gai_strerror(code)),
                "Correct the host in DATABASE_URL; inside Compose it is the name of the service.");
            skip({"tcp", "authentication"}, "the host has no address");
            return false;
        }
        const Addresses addresses(found);
        std::string error;
        int count = 0;
        for (const auto* at = found; at != nullptr; at = at->ai_next, ++count)
            if (count == 0 || !error.empty()) error = try_connect(*at);
        add("dns", Verdict::ok,
            fmt::format("'{}' has {} address{}", target.host, count, count == 1 ? "" : "es"));
        if (!error.empty()) {
            add("tcp", Verdict::fail, fmt::format("{}:{}: {}", target.host, target.port, error),
                "Start the database ('docker compose up -d postgres'), or correct the port in DATABASE_URL.");
            skip({"authentication"}, "nobody listens there");
            return false;
        }
        add("tcp", Verdict::ok, fmt::format("{}:{} answers", target.host, target.port));
        return true;
    }

    bool look_at_socket(const db::Target& target) {
        const auto path = fmt::format("{}/.s.PGSQL.{}", target.host, target.port);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        const Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
            add("socket", Verdict::ok, path + " answers");
            return true;
        }
        add("socket", Verdict::fail, fmt::format("{}: {}", path, std::strerror(errno)),
            "Start the database, or set DATABASE_URL to where it is.");
        skip({"authentication"}, "nobody listens there");
        return false;
    }

    void look_at_database(const db::Target& target) {
        std::optional<db::Database> database;
        try {
            database.emplace(open_database(m_context));
        } catch (const Error& error) {
            add("authentication", Verdict::fail, error.what(), error.hint());
            return skip({"tls", "server", "schema"}, "not logged in");
        }
        add("authentication", Verdict::ok, fmt::format("logged in as '{}'", target.user));
        try {
            look_at_server(*database, target);
            look_at_schema(*database);
        } catch (const Error& error) {
            add("database", Verdict::fail, error.what(), error.hint());
        }
    }

    void look_at_server(db::Database& database, const db::Target& target) {
        db::Transaction transaction(database, db::Access::read_only);
        const auto facts = db::read_server(transaction);
        const bool is_local = target.is_socket() || target.host == "localhost" ||
                              target.host.starts_with("127.") || target.host == "::1";
        if (facts.encrypted || is_local)
            add("tls", Verdict::ok, facts.encrypted ? facts.cipher : "not needed on this machine");
        else
            add("tls", Verdict::warn, "the connection is not encrypted",
                "Add ?sslmode=verify-full to DATABASE_URL, unless the network is yours alone (Compose).");
        constexpr int oldest = 120000;
        add("server", facts.version_number < oldest ? Verdict::fail : Verdict::ok,
            "PostgreSQL " + facts.version,
            facts.version_number < oldest ? "Upgrade it to PostgreSQL 12 or later." : "");
        if (facts.in_recovery)
            add("replica", Verdict::warn, "this server is a replica: it can be read only",
                "Collect into the primary.");
        const auto ahead = std::chrono::duration<double>(facts.clock_ahead).count();
        const bool is_apart = std::abs(ahead) > 2;
        add("clock", is_apart ? Verdict::warn : Verdict::ok,
            fmt::format("the server's clock is {:.3f} s {}", std::abs(ahead),
                        ahead >= 0 ? "ahead" : "behind"),
            is_apart
                ? "Let both machines keep time (systemd-timesyncd, chrony); the server's decides when sources are due."
                : "");
    }

    void look_at_schema(db::Database& database) {
        db::Transaction transaction(database, db::Access::read_only);
        std::optional<db::Schema> schema;
        try {
            schema = db::read_schema(transaction);
        } catch (const Error& error) {
            add("schema", Verdict::fail, error.what(), error.hint());
            return skip({"rights", "sources"}, "the schema does not fit");
        }
        const char* generation = schema->generation == db::Generation::web_2025 ? "the web service's of 2025"
                                 : schema->generation == db::Generation::web_2026
                                     ? "the web service's of 2026"
                                     : "cti's own";
        add("schema", Verdict::ok,
            fmt::format("migration {}, tables are {}, times are kept in {}",
                        store::last_migration(transaction), generation, schema->time_zone));
        const auto missing = db::missing_rights(transaction);
        add("rights", missing.empty() ? Verdict::ok : Verdict::warn,
            missing.empty() ? "the role may do all that collecting needs" : "missing: " + join(missing, ", "),
            missing.empty()
                ? ""
                : "Grant them to the role that collects (sql/roles.sql); reading and exporting work without.");
        look_at_sources(transaction, *schema);
        look_at_runs(transaction);
        look_at_sessions(transaction);
        transaction.commit();
        look_at_limits(database);
    }

    void look_at_sessions(db::Transaction& transaction) {
        const auto held = db::find_held_sessions(transaction, 60s);
        if (held.empty())
            return add("sessions", Verdict::ok, "none holds a lock or stands still for more than a minute");
        for (const auto& session : held)
            add("session " + std::to_string(session.pid), Verdict::warn,
                fmt::format("'{}' of role '{}' from {}: {}, its transaction is {} old{}{}",
                            session.application, session.role, session.client, session.state,
                            format_duration(session.age),
                            session.table.empty() ? "" : ", holds a lock on " + session.table,
                            session.waiting > 0
                                ? fmt::format(", {} wait for it", count_of(session.waiting, "session"))
                                : ""),
                fmt::format(
                    "Let its program go on or end it; else, as its role or a superuser: SELECT pg_terminate_backend({}).",
                    session.pid));
    }

    // Of a writing transaction; nothing is written.
    void look_at_limits(db::Database& database) {
        db::Transaction transaction(database);
        std::string limits;
        for (const auto& [name, value] : db::read_limits(transaction))
            limits += fmt::format("{}{} {}", limits.empty() ? "" : ", ", name, value);
        add("limits", Verdict::ok, limits + "; while collecting, lock_timeout 2s and statement_timeout 2min");
    }

    void look_at_sources(db::Transaction& transaction, const db::Schema& schema) {
        const auto rows = store::list_sources(transaction, schema);
        const auto errors = store::last_errors(transaction, schema);
        long active = 0;
        std::vector<Finding> failing;
        for (const auto& row : rows) {
            active += row.active ? 1 : 0;
            if (sources::health_of(row) != "failing") continue;
            const auto why = errors.find(row.id);
            failing.push_back({"source " + printable(row.identifier), Verdict::warn,
                               printable(fmt::format("{} failures in a row: {}", row.consecutive_failures,
                                                     why == errors.end() ? "" : why->second)),
                               fmt::format("See 'cti sources show {0}'; 'cti sources disable {0}' ends it.",
                                           printable(row.identifier))});
        }
        add("sources", rows.empty() ? Verdict::warn : Verdict::ok,
            fmt::format("{}, {} active, {} failing", rows.size(), active, failing.size()),
            rows.empty() ? "Bring some in: cti init --config sources.yaml." : "");
        std::ranges::move(failing, std::back_inserter(m_findings));
    }

    void look_at_runs(db::Transaction& transaction) {
        const auto leases = store::count_living_leases(transaction);
        add("leases", Verdict::ok,
            leases == 0 ? "no source is in hand"
                        : fmt::format("{} sources are in the hands of runs", leases));
        const auto schedules = store::list_schedules(transaction);
        const auto collect = std::ranges::find(schedules, "collect", &store::ScheduleRow::name);
        std::optional<Time> last;
        if (collect != schedules.end()) last = collect->last_success_at;
        const auto now = store::server_time(transaction);
        const bool is_stale = !last || now - *last > 24h;
        add("collection", is_stale ? Verdict::warn : Verdict::ok,
            last ? "last successful run " + format_relative(*last, now) : "there was no successful run yet",
            is_stale ? "Run 'cti monitor' or a cron line with 'cti collect'." : "");
    }

    void look_at_disk() {
        struct statvfs disk {};
        if (statvfs(".", &disk) != 0)
            return add("disk", Verdict::warn, std::strerror(errno), "Start it in a folder that can be read.");
        const double free =
            disk.f_blocks == 0 ? 1 : static_cast<double>(disk.f_bavail) / static_cast<double>(disk.f_blocks);
        add("disk", free < 0.05 ? Verdict::warn : Verdict::ok,
            fmt::format("{:.0f} % free where exports of this folder would go", free * 100),
            free < 0.05 ? "Make room before exporting." : "");
    }

    void look_at_certificates() {
        for (const char* path :
             {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"})
            if (access(path, R_OK) == 0) return add("certificates", Verdict::ok, path);
        add("certificates", Verdict::fail, "there is no store of certificate authorities",
            "Install ca-certificates; without it no https feed can be read.");
    }

    const Context& m_context;
    std::vector<Finding> m_findings;
};

bool is_secret(const std::string& name) {
    return name.find("PASSWORD") != std::string::npos || name.find("SECRET") != std::string::npos ||
           name.find("WEBHOOK") != std::string::npos;
}

std::string shown(const std::string& name, const std::string& value) {
    if (value.empty() || name.ends_with("_FILE")) return value;
    if (name.find("DATABASE_URL") != std::string::npos) return db::masked_url(value);
    // A number of failures is no secret; an address with a token in its path is one.
    const bool is_number = std::ranges::all_of(value, [](char c) { return is_ascii_digit(c) || c == '.'; });
    if (is_secret(name) && !is_number) return "***";
    const auto at = value.find('@');
    return at != std::string::npos && value.find("://") < at ? db::masked_url(value) : value;
}

}

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::ok: return "ok";
    case Verdict::warn: return "warn";
    case Verdict::fail: return "fail";
    case Verdict::skipped: return "skipped";
    }
    return "fail";
}

std::vector<Finding> examine(const Context& context) { return Examination(context)(); }

std::vector<Setting> list_settings(const Context& context, const CommandInfo& root) {
    std::map<std::string, std::string> defaults;
    for_each_command(root, [&](const CommandInfo& command) {
        for (const auto& option : command.options)
            if (!option.variable.empty()) defaults.try_emplace(option.variable, option.default_value);
    });
    constexpr std::array more{"DATABASE_URL_FILE",
                              "POSTGRES_HOST",
                              "POSTGRES_PORT",
                              "POSTGRES_DB",
                              "POSTGRES_USER",
                              "POSTGRES_PASSWORD",
                              "POSTGRES_PASSWORD_FILE",
                              "PGHOST",
                              "PGPORT",
                              "PGDATABASE",
                              "PGUSER",
                              "PGPASSWORD",
                              "PGPASSFILE",
                              "PGSERVICE",
                              "PGSSLMODE",
                              "CTI_WEBHOOK_FILE",
                              "CTI_WEBHOOK_SECRET",
                              "CTI_WEBHOOK_SECRET_FILE",
                              "NOTIFICATION_WEBHOOK",
                              "NOTIFICATION_WEBHOOK_FILE",
                              "http_proxy",
                              "https_proxy",
                              "no_proxy",
                              "NO_COLOR"};
    for (const char* name : more) defaults.try_emplace(name, "");
    std::vector<Setting> settings;
    for (const auto& [name, otherwise] : defaults) {
        const auto value = environment(name);
        if (name == "DATABASE_URL" && !context.database_url.empty() && context.database_url != value)
            settings.push_back({name, shown(name, context.database_url), "--database-url"});
        else if (name == "SOURCES_CONFIG" && !context.sources_config.empty() &&
                 context.sources_config != value)
            settings.push_back({name, context.sources_config, "--config"});
        else
            settings.push_back({name, value.empty() ? otherwise : shown(name, value),
                                value.empty() ? "default" : "environment"});
    }
    return settings;
}
}
