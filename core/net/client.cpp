#include "core/net/client.hpp"

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/net/address.hpp"

#include <array>
#include <curl/curl.h>
#include <fmt/format.h>
#include <optional>
#include <stdexcept>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cti::net {
namespace {

void initialise_once() {
    static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
}

struct Transfer {
    Request request;
    Response response;
    Client::Done done;
    CURL* handle = nullptr;
    curl_slist* headers = nullptr;
    bool too_large = false, address_refused = false;
    std::array<char, CURL_ERROR_SIZE> error_text{};

    ~Transfer() {
        curl_slist_free_all(headers);
        curl_easy_cleanup(handle);
    }
};

size_t on_body(char* data, size_t, size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (transfer.response.body.size() + size > transfer.request.limits.max_bytes) {
        transfer.too_large = true;
        return 0;
    }
    transfer.response.body.append(data, size);
    return size;
}

// Values of a header that another server will see again or that is stored: bounded, and without control characters.
std::string header_value(std::string_view value) {
    value = trim(value);
    const bool clean = value.size() <= 1000 && value.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos;
    return clean ? std::string(value) : std::string();
}

size_t on_header(char* data, size_t, size_t size, void* user) {
    auto& response = static_cast<Transfer*>(user)->response;
    const std::string_view line(data, size);
    if (line.starts_with("HTTP/")) { // The head of a redirect's target replaces what the redirect said.
        response.content_type.clear(), response.content_location.clear(), response.etag.clear(), response.last_modified.clear();
        response.body.clear();
        return size;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return size;
    const auto name = line.substr(0, colon), value = line.substr(colon + 1);
    if (iequals(name, "content-type")) response.content_type = header_value(value);
    if (iequals(name, "content-location")) response.content_location = header_value(value);
    if (iequals(name, "etag")) response.etag = header_value(value);
    if (iequals(name, "last-modified")) response.last_modified = header_value(value);
    return size;
}

// Sees every address that is really connected to: hexadecimal and mapped forms, redirects, and names that change between look-ups.
curl_socket_t on_open_socket(void* user, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (!transfer.request.allow_private && !is_global_unicast(address->addr)) {
        transfer.address_refused = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::string seconds_text(std::chrono::microseconds duration) { return fmt::format("{:.0f} s", static_cast<double>(duration.count()) / 1e6); }

void explain(Transfer& transfer, CURLcode code) {
    auto& response = transfer.response;
    const auto fail = [&](Failure failure, std::string text) { response.failure = failure, response.error = std::move(text); };
    const std::string detail = transfer.error_text[0] != '\0' ? std::string(transfer.error_text.data()) : curl_easy_strerror(code);
    if (transfer.address_refused) return fail(Failure::refused_address, "refused to connect to a private or special address (--allow-private permits it)");
    if (transfer.too_large) return fail(Failure::too_large, fmt::format("more than {} MiB", transfer.request.limits.max_bytes >> 20));
    switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return fail(Failure::bad_url, "not an address that can be fetched: " + detail);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return fail(Failure::resolve, "cannot resolve the host name: " + detail);
    case CURLE_COULDNT_CONNECT: return fail(Failure::connect, "cannot connect: " + detail);
    case CURLE_OPERATION_TIMEDOUT: return fail(Failure::timeout, fmt::format("timed out after {}", seconds_text(response.duration)));
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE: return fail(Failure::tls, "TLS: " + detail);
    case CURLE_TOO_MANY_REDIRECTS: return fail(Failure::redirects, fmt::format("more than {} redirects", transfer.request.limits.max_redirects));
    case CURLE_BAD_CONTENT_ENCODING: return fail(Failure::encoding, "the body is not encoded as its Content-Encoding says");
    case CURLE_PARTIAL_FILE: return fail(Failure::transfer, "the connection ended before the body was complete");
    default: return fail(Failure::transfer, detail);
    }
}

void finish(Transfer& transfer, CURLcode code) {
    auto& response = transfer.response;
    long status = 0;
    curl_off_t total = 0;
    const char* url = nullptr;
    curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer.handle, CURLINFO_TOTAL_TIME_T, &total);
    curl_easy_getinfo(transfer.handle, CURLINFO_EFFECTIVE_URL, &url);
    response.status = static_cast<int>(status);
    response.duration = std::chrono::microseconds{total};
    response.url = url != nullptr ? url : transfer.request.url;
    // A 304 that wrongly carries a body still says "not modified".
    if (code != CURLE_OK && !(status == 304 && code == CURLE_WEIRD_SERVER_REPLY)) explain(transfer, code);
}

void add_header(Transfer& transfer, std::string_view name, const std::string& value) {
    if (value.empty()) return;
    transfer.headers = curl_slist_append(transfer.headers, fmt::format("{}: {}", name, value).c_str());
}

void set_limits(CURL* h, const Limits& limits) {
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, static_cast<long>(limits.connect_timeout.count()));
    curl_easy_setopt(h, CURLOPT_TIMEOUT, static_cast<long>(limits.total_timeout.count()));
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.stall_timeout.count()));
    curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 100L);
    curl_easy_setopt(h, CURLOPT_MAXREDIRS, static_cast<long>(limits.max_redirects));
    curl_easy_setopt(h, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.max_bytes));
}

void set_up(Transfer& transfer, const std::string& proxy) {
    CURL* h = transfer.handle;
    const auto& request = transfer.request;
    curl_easy_setopt(h, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(h, CURLOPT_PRIVATE, &transfer);
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, transfer.error_text.data());
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    // A page that was asked for over https is never read over http.
    curl_easy_setopt(h, CURLOPT_REDIR_PROTOCOLS_STR, istarts_with(request.url, "https:") ? "https" : "http,https");
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(h, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(h, CURLOPT_USERAGENT, request.user_agent.c_str());
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, &transfer);
    if (!proxy.empty()) curl_easy_setopt(h, CURLOPT_PROXY, proxy.c_str());
    set_limits(h, request.limits);
    add_header(transfer, "Accept", "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/html;q=0.8, */*;q=0.5");
    if (request.validators.url == request.url) {
        add_header(transfer, "If-None-Match", request.validators.etag);
        add_header(transfer, "If-Modified-Since", request.validators.last_modified);
    }
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, transfer.headers);
}
}

struct Client::Impl {
    CURLM* multi = nullptr;
    std::string proxy;
    std::unordered_map<CURL*, std::unique_ptr<Transfer>> transfers;
    std::vector<std::unique_ptr<Transfer>> failed_at_start;
};

Client::Client(const ClientSettings& settings) : m_impl(std::make_unique<Impl>()) {
    initialise_once();
    m_impl->multi = curl_multi_init();
    if (m_impl->multi == nullptr) throw std::runtime_error("libcurl cannot make a multi handle");
    m_impl->proxy = settings.proxy;
    curl_multi_setopt(m_impl->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(settings.max_connections));
    curl_multi_setopt(m_impl->multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(settings.max_connections_per_host));
    curl_multi_setopt(m_impl->multi, CURLMOPT_MAXCONNECTS, static_cast<long>(settings.max_connections));
}

Client::~Client() {
    for (const auto& [handle, transfer] : m_impl->transfers) curl_multi_remove_handle(m_impl->multi, handle);
    m_impl->transfers.clear();
    curl_multi_cleanup(m_impl->multi);
}

void Client::start(Request request, Done done) {
    auto transfer = std::make_unique<Transfer>();
    transfer->request = std::move(request);
    transfer->done = std::move(done);
    transfer->response.url = transfer->request.url;
    if (const auto reason = url_refusal(transfer->request.url); !reason.empty()) {
        transfer->response.failure = Failure::bad_url;
        transfer->response.error = fmt::format("refused the address: {}", reason);
        m_impl->failed_at_start.push_back(std::move(transfer));
        return;
    }
    transfer->handle = curl_easy_init();
    if (transfer->handle == nullptr) throw std::runtime_error("libcurl cannot make a handle");
    set_up(*transfer, m_impl->proxy);
    curl_multi_add_handle(m_impl->multi, transfer->handle);
    m_impl->transfers.emplace(transfer->handle, std::move(transfer));
}

void Client::run_once(std::chrono::milliseconds timeout) {
    for (const auto& transfer : std::exchange(m_impl->failed_at_start, {})) transfer->done(std::move(transfer->response));
    int running = 0;
    curl_multi_perform(m_impl->multi, &running);
    int left = 0;
    bool finished = false;
    while (const CURLMsg* message = curl_multi_info_read(m_impl->multi, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        auto node = m_impl->transfers.extract(message->easy_handle);
        auto& transfer = *node.mapped();
        finish(transfer, message->data.result);
        curl_multi_remove_handle(m_impl->multi, transfer.handle);
        transfer.done(std::move(transfer.response));
        finished = true;
    }
    // Whoever waits for the answers may want to start more at once.
    if (!finished) curl_multi_poll(m_impl->multi, nullptr, 0, static_cast<int>(timeout.count()), nullptr);
}

void Client::wake() { curl_multi_wakeup(m_impl->multi); }

std::size_t Client::active() const { return m_impl->transfers.size() + m_impl->failed_at_start.size(); }

Response fetch(Request request) {
    Client client({});
    std::optional<Response> response;
    client.start(std::move(request), [&](Response answer) { response = std::move(answer); });
    while (!response) client.run_once(std::chrono::milliseconds{200});
    return *std::move(response);
}
}
