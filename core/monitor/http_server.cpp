#include "core/monitor/http_server.hpp"

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/monitor/health.hpp"
#include "core/monitor/http_address.hpp"
#include "core/monitor/http_request.hpp"
#include "core/monitor/page_cache.hpp"
#include "core/monitor/query_thread.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <fmt/format.h>
#include <list>
#include <map>
#include <microhttpd.h>
#include <mutex>
#include <optional>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace cti::monitor {
namespace {
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t k_max_memory = 16 * 1024, k_memory_step = 1024; // of a connection

constexpr std::array<std::pair<const char*, const char*>, 7> k_headers{
    {{"X-Content-Type-Options", "nosniff"},
     {"Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
                                 "form-action 'none'; frame-ancestors 'none'"},
     {"X-Frame-Options", "DENY"},
     {"Referrer-Policy", "no-referrer"},
     {"Cache-Control", "no-store"},
     {"Cross-Origin-Resource-Policy", "same-origin"},
     {"Connection", "close"}}};

struct Connection {
    int descriptor = -1;
    Clock::time_point deadline;
};

// A request that its head alone does not answer.
struct Exchange {
    long number = 0;
    std::string path;
    bool is_order_body = false;    // what comes is an order
    std::string body;              // of it
    std::optional<JobQuery> query; // to be asked once the request is whole
    std::optional<Kept> answer;    // of the query
    MHD_Connection* suspended = nullptr;
    Clock::time_point deadline; // of the query
};

struct Answered {
    long number = 0;
    Answer answer;
};

}

struct HttpServer::Impl {
    HttpServerSettings settings;
    MHD_Daemon* daemon = nullptr;
    std::string url;
    int wake = -1;
    std::atomic<bool> closed = false;

    std::mutex mutex;
    std::vector<Answered> answered; // under the mutex: by the thread of the queries

    // Of the server's thread alone.
    std::list<Connection> connections;
    PageCache pages;
    std::optional<Control> control;    // none: no orders are taken
    std::map<long, Exchange*> waiting; // for the answer of a query
    long exchanges = 0;
    ServerView view;
    std::unique_ptr<QueryThread> queries; // none where there is no database
    std::thread thread;                   // Last: it uses all of the above.

    explicit Impl(HttpServerSettings wanted) : settings(std::move(wanted)) {
        if (!settings.control_token.empty()) control.emplace(settings.control_token);
        allow_descriptors();
        listen();
        wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (settings.connect)
            queries = std::make_unique<QueryThread>(
                settings.connect, [this](long number, Answer answer) { accept(number, std::move(answer)); },
                settings.threads);
        thread = std::thread([this] { serve(); });
    }

    ~Impl() {
        closed = true;
        wake_up();
        thread.join();
        queries.reset();
        // libmicrohttpd wants no connection to be suspended when it ends.
        for (const auto& [number, exchange] : waiting) MHD_resume_connection(exchange->suspended);
        MHD_stop_daemon(daemon);
        close(wake);
    }

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void wake_up() const {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(wake, &one, sizeof one);
    }

    // In the thread of the queries.
    void accept(long number, Answer answer) {
        {
            const std::lock_guard lock(mutex);
            answered.push_back({number, std::move(answer)});
        }
        wake_up();
    }

    void listen() {
        const auto addresses = resolve_address(settings.address);
        const auto flags = MHD_USE_EPOLL | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
                           (addresses->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0);
        errno = 0;
        daemon = MHD_start_daemon(
            static_cast<unsigned>(flags), 0, nullptr, nullptr, &Impl::on_request, this, MHD_OPTION_SOCK_ADDR,
            addresses->ai_addr, MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(settings.max_connections),
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, k_max_memory, MHD_OPTION_CONNECTION_MEMORY_INCREMENT,
            k_memory_step, MHD_OPTION_NOTIFY_CONNECTION, &Impl::on_connection, this,
            MHD_OPTION_NOTIFY_COMPLETED, &Impl::on_completed, this, MHD_OPTION_LISTEN_BACKLOG_SIZE, 511U,
            MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
        if (daemon == nullptr)
            throw Error{ExitCode::failure,
                        fmt::format("cannot listen on {}: {}", settings.address,
                                    errno != 0 ? std::strerror(errno) : "refused"),
                        "Choose another address with --listen ADDR:PORT, or --listen none."};
        url = fmt::format("http://{}", settings.address);
        if (const auto* info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT); info != nullptr)
            url = fmt::format("http://{}:{}", settings.address.substr(0, settings.address.rfind(':')),
                              info->port);
    }

    void serve() {
        const auto* info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
        while (!closed) {
            std::array<pollfd, 2> polled{{{info->epoll_fd, POLLIN, 0}, {wake, POLLIN, 0}}};
            MHD_UNSIGNED_LONG_LONG pending = 0;
            const bool has_timeout = MHD_get_timeout(daemon, &pending) == MHD_YES;
            const int longest = connections.empty() ? 1000 : 100;
            poll(polled.data(), polled.size(),
                 has_timeout ? static_cast<int>(
                                   std::min<MHD_UNSIGNED_LONG_LONG>(pending, static_cast<unsigned>(longest)))
                             : longest);
            resume_answered();
            MHD_run(daemon);
            cut_overdue();
        }
    }

    void resume_answered() {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto was_read = ::read(wake, &count, sizeof count);
        std::vector<Answered> ready;
        {
            const std::lock_guard lock(mutex);
            ready.swap(answered);
        }
        for (auto& [number, answer] : ready)
            if (const auto found = waiting.find(number); found != waiting.end())
                resume(*found->second, std::move(answer));
        give_up_overdue();
    }

    void resume(Exchange& exchange, Answer answer) {
        exchange.answer = to_kept(std::move(answer));
        waiting.erase(exchange.number);
        MHD_resume_connection(std::exchange(exchange.suspended, nullptr));
    }

    // Whatever the database does, whoever asked is told.
    void give_up_overdue() {
        const auto now = Clock::now();
        std::vector<Exchange*> overdue;
        for (const auto& [number, exchange] : waiting)
            if (now >= exchange->deadline) overdue.push_back(exchange);
        for (auto* const exchange : overdue) {
            const bool has_begun = !queries->withdraw(exchange->number);
            resume(*exchange, unavailable(has_begun ? "the database has not answered in time; what was asked "
                                                      "may have been done"
                                                    : "the database has not answered in time"));
        }
    }

    static Answer unavailable(std::string_view why) {
        auto answer = error_answer(503, why);
        answer.headers.emplace_back("Retry-After", "5");
        return answer;
    }

    // libmicrohttpd finds the connection closed in its next turn.
    void cut_overdue() {
        const auto now = Clock::now();
        for (auto& connection : connections)
            if (now >= connection.deadline) {
                shutdown(connection.descriptor, SHUT_RDWR);
                connection.deadline = Clock::time_point::max();
            }
    }

    static void on_connection(void* self, MHD_Connection* connection, void** context,
                              MHD_ConnectionNotificationCode code) {
        auto& impl = *static_cast<Impl*>(self);
        if (code == MHD_CONNECTION_NOTIFY_STARTED) {
            const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
            impl.connections.push_back({info->connect_fd, Clock::now() + impl.settings.head_deadline});
            *context = new std::list<Connection>::iterator(std::prev(impl.connections.end()));
        } else if (*context != nullptr) {
            const std::unique_ptr<std::list<Connection>::iterator> at(
                static_cast<std::list<Connection>::iterator*>(*context));
            impl.connections.erase(*at);
            *context = nullptr;
        }
    }

    static void on_completed(void* self, MHD_Connection*, void** context, MHD_RequestTerminationCode) {
        const std::unique_ptr<Exchange> exchange(static_cast<Exchange*>(*context));
        if (exchange) static_cast<Impl*>(self)->waiting.erase(exchange->number);
        *context = nullptr;
    }

    void prolong(MHD_Connection* connection) const {
        const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        if (info != nullptr && info->socket_context != nullptr)
            (*static_cast<std::list<Connection>::iterator*>(info->socket_context))->deadline =
                Clock::now() + settings.write_deadline;
    }

    // Called with the head of a request, and, where that was not answered, with its body, when it is whole
    // and when its query is answered.
    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* path, const char* method,
                                 const char*, const char* bytes, size_t* size, void** context) {
        auto& impl = *static_cast<Impl*>(self);
        try {
            if (*context != nullptr)
                return impl.go_on(connection, *static_cast<Exchange*>(*context),
                                  {bytes, std::exchange(*size, 0)});
            impl.prolong(connection);
            auto exchange = std::make_unique<Exchange>();
            exchange->number = ++impl.exchanges;
            exchange->path = plain_path(path);
            const auto result = impl.begin(connection, *exchange, method);
            *context = exchange.release();
            return result;
        } catch (const std::exception& error) {
            log::error("the status server cannot answer '{}': {}", path, error.what());
            return MHD_NO; // closes the connection
        }
    }

    MHD_Result begin(MHD_Connection* connection, Exchange& exchange, std::string_view method) {
        const auto& path = exchange.path;
        if (control && is_order(method, path)) return begin_order(connection, exchange, method);
        if (method != "GET" && method != "HEAD") return refuse_method(connection, path);
        if (has_body(connection))
            return send(connection, path, plain_answer(413, "a request has no body here"));
        const auto request = read_status_request(connection, path);
        if (is_job_query(path)) return accept(connection, exchange, read_job_request(request));
        return send(connection, path, pages.find(request, [this] {
            auto state = settings.state();
            view.connections = static_cast<long>(connections.size());
            state.server = view;
            return state;
        }));
    }

    MHD_Result refuse_method(MHD_Connection* connection, const std::string& path) {
        const std::string allowed = control ? allowed_methods(path) : "GET, HEAD";
        auto refusal = plain_answer(405, control ? "only " + allowed + " is answered here"
                                                 : "only GET and HEAD are answered");
        refusal.headers.emplace_back("Allow", allowed);
        return send(connection, path, std::move(refusal));
    }

    MHD_Result begin_order(MHD_Connection* connection, Exchange& exchange, std::string_view method) {
        auto refusal = control->refuse(read_order_head(connection, method, exchange.path), steady_time());
        if (refusal) return send(connection, exchange.path, std::move(*refusal));
        if (method == "DELETE") return accept(connection, exchange, read_cancel_order(exchange.path));
        exchange.is_order_body = true;
        return MHD_YES;
    }

    MHD_Result accept(MHD_Connection* connection, Exchange& exchange, JobRequest request) {
        if (auto* const answer = std::get_if<Answer>(&request))
            return send(connection, exchange.path, std::move(*answer));
        exchange.query = std::move(std::get<JobQuery>(request));
        return MHD_YES;
    }

    MHD_Result go_on(MHD_Connection* connection, Exchange& exchange, std::string_view bytes) {
        if (!bytes.empty()) {
            if (exchange.is_order_body && exchange.body.size() + bytes.size() <= k_max_order_bytes)
                exchange.body += bytes;
            return MHD_YES;
        }
        if (exchange.answer) {
            prolong(connection);
            return send(connection, exchange.path, *exchange.answer);
        }
        if (exchange.is_order_body && !exchange.query) {
            auto order = read_scrape_order(exchange.body, client_address(connection));
            if (auto* const refusal = std::get_if<Answer>(&order))
                return send(connection, exchange.path, std::move(*refusal));
            exchange.query = std::move(std::get<JobQuery>(order));
        }
        return ask(connection, exchange);
    }

    // The connection is asleep until the database has answered.
    MHD_Result ask(MHD_Connection* connection, Exchange& exchange) {
        const auto state = settings.state();
        if (!queries || !is_database_up(*state.snapshot, state.now.steady))
            return send(connection, exchange.path, unavailable("the database does not answer"));
        if (!queries->submit(exchange.number, [query = *exchange.query](db::Database& database) {
                return answer_job_query(database, query);
            }))
            return send(connection, exchange.path, unavailable("too many ask at the same time"));
        exchange.deadline = Clock::now() + settings.query_deadline;
        exchange.suspended = connection;
        waiting.emplace(exchange.number, &exchange);
        MHD_suspend_connection(connection);
        return MHD_YES;
    }

    MHD_Result send(MHD_Connection* connection, const std::string& path, Answer answer) {
        return send(connection, path, to_kept(std::move(answer)));
    }

    MHD_Result send(MHD_Connection* connection, const std::string& path, const Kept& what) {
        ++view.requests[{std::string(class_of_path(path)), what.code}];
        // The body lives as long as the slowest reader of it.
        auto* const holder = new std::shared_ptr<const std::string>(what.body);
        auto* const response = MHD_create_response_from_buffer_with_free_callback_cls(
            what.body->size(), const_cast<char*>(what.body->data()),
            [](void* held) { delete static_cast<std::shared_ptr<const std::string>*>(held); }, holder);
        if (response == nullptr) {
            delete holder;
            return MHD_NO;
        }
        for (const auto& [name, value] : k_headers) MHD_add_response_header(response, name, value);
        MHD_add_response_header(response, "Content-Type", what.content_type.c_str());
        for (const auto& [name, value] : what.headers)
            MHD_add_response_header(response, name.c_str(), value.c_str());
        const auto queued = MHD_queue_response(connection, static_cast<unsigned>(what.code), response);
        MHD_destroy_response(response);
        return queued;
    }
};

HttpServer::HttpServer(HttpServerSettings settings) : m_impl(std::make_unique<Impl>(std::move(settings))) {}
HttpServer::~HttpServer() = default;
std::string HttpServer::url() const { return m_impl->url; }
}
