#include "core/monitor/http_server.hpp"

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/monitor/page_sources.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <fmt/format.h>
#include <list>
#include <map>
#include <microhttpd.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace cti::monitor {
namespace {
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t k_max_memory = 16 * 1024, k_memory_step = 1024; // of a connection
constexpr auto k_kept = 1s;                                           // a rendered page

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

struct Kept {
    int code = 0;
    std::string content_type;
    std::shared_ptr<const std::string> body;
    Clock::time_point until;
};

struct AddressFree {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressFree>;

Addresses resolve(const std::string& address) {
    const auto colon = address.rfind(':');
    auto host = address.substr(0, colon == std::string::npos ? 0 : colon);
    if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    const auto port = colon == std::string::npos ? "" : address.substr(colon + 1);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (host.empty() || port.empty() || getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0)
        throw Error{ExitCode::usage,
                    fmt::format("cannot listen on '{}': that is no ADDRESS:PORT", printable(address)),
                    "Write 127.0.0.1:8080, [::1]:8080 or none."};
    return Addresses(found);
}

// Two thousand clients need more descriptors than the 1,024 of the usual soft limit.
void allow_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(limit.rlim_cur, 8192));
    setrlimit(RLIMIT_NOFILE, &limit);
}

std::string header_of(MHD_Connection* connection, const char* name) {
    const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value == nullptr ? "" : value;
}

std::string argument_of(MHD_Connection* connection, const char* name) {
    const char* value = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
    return value == nullptr ? "" : value;
}

bool has_body(MHD_Connection* connection) {
    const auto length = header_of(connection, "Content-Length");
    return (!length.empty() && length != "0") || !header_of(connection, "Transfer-Encoding").empty();
}
}

struct HttpServer::Impl {
    HttpServerSettings settings;
    MHD_Daemon* daemon = nullptr;
    std::string url;
    int wake = -1;
    std::atomic<bool> closed = false;

    // Of the server's thread alone.
    std::list<Connection> connections;
    std::map<std::string, Kept> kept;
    ServerView view;
    std::thread thread; // Last: it uses all of the above.

    explicit Impl(HttpServerSettings wanted) : settings(std::move(wanted)) {
        allow_descriptors();
        listen();
        wake = eventfd(0, EFD_CLOEXEC);
        thread = std::thread([this] { serve(); });
    }

    ~Impl() {
        closed = true;
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(wake, &one, sizeof one);
        thread.join();
        MHD_stop_daemon(daemon);
        close(wake);
    }

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void listen() {
        const auto addresses = resolve(settings.address);
        const auto flags =
            MHD_USE_EPOLL | MHD_USE_ITC | (addresses->ai_family == AF_INET6 ? MHD_USE_IPv6 : 0);
        errno = 0;
        daemon = MHD_start_daemon(
            static_cast<unsigned>(flags), 0, nullptr, nullptr, &Impl::on_request, this, MHD_OPTION_SOCK_ADDR,
            addresses->ai_addr, MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(settings.max_connections),
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, k_max_memory, MHD_OPTION_CONNECTION_MEMORY_INCREMENT,
            k_memory_step, MHD_OPTION_NOTIFY_CONNECTION, &Impl::on_connection, this,
            MHD_OPTION_LISTEN_BACKLOG_SIZE, 511U, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
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
            std::array<pollfd, 2> waiting{{{info->epoll_fd, POLLIN, 0}, {wake, POLLIN, 0}}};
            MHD_UNSIGNED_LONG_LONG pending = 0;
            const bool has_timeout = MHD_get_timeout(daemon, &pending) == MHD_YES;
            const int longest = connections.empty() ? 1000 : 100;
            poll(waiting.data(), waiting.size(),
                 has_timeout ? static_cast<int>(
                                   std::min<MHD_UNSIGNED_LONG_LONG>(pending, static_cast<unsigned>(longest)))
                             : longest);
            MHD_run(daemon);
            cut_overdue();
        }
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

    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* path, const char* method,
                                 const char*, const char*, size_t*, void**) {
        auto& impl = *static_cast<Impl*>(self);
        try {
            if (const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
                info != nullptr && info->socket_context != nullptr)
                (*static_cast<std::list<Connection>::iterator*>(info->socket_context))->deadline =
                    Clock::now() + impl.settings.write_deadline;
            return impl.respond(connection, path, method);
        } catch (const std::exception& error) {
            log::error("the status server cannot answer '{}': {}", path, error.what());
            return MHD_NO; // closes the connection
        }
    }

    MHD_Result respond(MHD_Connection* connection, const std::string& path, std::string_view method) {
        if (method != "GET" && method != "HEAD")
            return send(connection, path, make(405, "only GET and HEAD are answered"), "GET, HEAD");
        if (has_body(connection)) return send(connection, path, make(413, "a request has no body here"));
        StatusRequest request;
        request.path = path;
        request.format = argument_of(connection, "format");
        request.source_filter = argument_of(connection, "state");
        request.accept = header_of(connection, "Accept");
        return send(connection, path, find(request));
    }

    static Kept make(int code, const std::string& text) {
        return {code, "text/plain; charset=utf-8", std::make_shared<const std::string>(text + '\n'), {}};
    }

    // Probes are made anew each time; what takes longer to render is kept for a moment.
    Kept find(const StatusRequest& request) {
        const auto path_class = class_of_path(request.path);
        const bool is_kept = path_class == "page" || path_class == "api" || path_class == "metrics";
        // Whatever words clients make up, no more answers are kept than there are pages.
        const bool is_known =
            (request.format.empty() || request.format == "json") && is_source_filter(request.source_filter);
        const bool open = request.accept.find("openmetrics") != std::string::npos;
        const auto key =
            fmt::format("{} {} {} {}", request.path, request.format, request.source_filter, open);
        const auto now = Clock::now();
        if (is_kept && is_known)
            if (const auto found = kept.find(key); found != kept.end() && now < found->second.until)
                return found->second;
        auto state = settings.state();
        view.connections = static_cast<long>(connections.size());
        state.server = view;
        auto made = answer(request, state);
        Kept out{made.code, std::move(made.content_type),
                 std::make_shared<const std::string>(std::move(made.body)), now + k_kept};
        if (is_kept && is_known) kept[key] = out;
        return out;
    }

    MHD_Result send(MHD_Connection* connection, const std::string& path, const Kept& what,
                    const char* allow = nullptr) {
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
        if (allow != nullptr) MHD_add_response_header(response, "Allow", allow);
        const auto queued = MHD_queue_response(connection, static_cast<unsigned>(what.code), response);
        MHD_destroy_response(response);
        return queued;
    }
};

HttpServer::HttpServer(HttpServerSettings settings) : m_impl(std::make_unique<Impl>(std::move(settings))) {}
HttpServer::~HttpServer() = default;
std::string HttpServer::url() const { return m_impl->url; }
}
