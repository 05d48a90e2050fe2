#include "core/net/client.hpp"

#include "core/base/text.hpp"
#include "core/net/gate.hpp"
#include "core/net/proxy.hpp"
#include "core/net/transfer.hpp"

#include <algorithm>
#include <curl/curl.h>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace cti::net {
namespace {
using Clock = std::chrono::steady_clock;
constexpr std::size_t k_max_idle_handles = 64, k_max_hosts = 1000;

bool has_control(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return is_ascii_alpha(c) || is_ascii_digit(c) || marks.find(c) != std::string_view::npos;
    });
}

// What would make another request of it than was meant; "" where all is well.
std::string_view malformed_part(const Request& request) {
    const auto& given = request.credentials;
    if (has_control(request.user_agent)) return "the user agent holds control characters";
    if (!is_token(request.method)) return "the method is not a word of HTTP";
    if (has_control(given.user) || has_control(given.password) || has_control(given.bearer))
        return "the credentials hold control characters";
    if (std::ranges::any_of(given.headers, has_control)) return "a header holds control characters";
    if (given.user.find(':') != std::string::npos) return "the user name holds a ':'";
    return {};
}
}

void drop_what_is_private(Request& request) {
    request.headers.clear();
    request.body.clear();
    request.credentials = {};
}

void start_client() {
    static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
}

struct Client::Impl {
    CURLM* multi = nullptr;
    CURLSH* share = nullptr;
    ProxySettings proxies;
    std::unordered_map<CURL*, std::unique_ptr<Transfer>> transfers;
    std::vector<std::unique_ptr<Transfer>> failed_at_start;
    std::vector<CURL*> idle;
    // Those that send what zlib cannot unpack, whatever they are asked for: libcurl unpacks it from the first
    // request on.
    std::unordered_set<std::string> hosts_packing_otherwise;

    explicit Impl(const ClientSettings& settings);
    ~Impl();
    CURL* acquire_handle();
    void give_back(CURL* handle);
    void start_hop(Transfer& transfer);
    void conclude(CURL* handle, CURLcode code);
    bool conclude_finished();
    bool conclude_overdue();
    std::chrono::milliseconds until_next_check(std::chrono::milliseconds longest) const;
};

Client::Impl::Impl(const ClientSettings& settings) {
    start_client();
    multi = curl_multi_init();
    share = curl_share_init();
    if (multi == nullptr || share == nullptr) throw std::runtime_error("libcurl cannot make its handles");
    // Connections and names are shared within a multi handle anyway; TLS sessions only like this.
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(settings.max_connections));
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                      static_cast<long>(settings.max_connections_per_host));
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(settings.max_connections));
    if (settings.proxy.empty()) {
        proxies = proxies_of_environment();
    } else {
        proxies.all = settings.proxy;
    }
}

Client::Impl::~Impl() {
    for (const auto& [handle, transfer] : transfers) {
        curl_multi_remove_handle(multi, handle);
        idle.push_back(handle);
    }
    for (CURL* handle : idle) curl_easy_cleanup(handle);
    curl_multi_cleanup(multi);
    curl_share_cleanup(share);
}

CURL* Client::Impl::acquire_handle() {
    if (!idle.empty()) {
        CURL* handle = idle.back();
        idle.pop_back();
        return handle;
    }
    CURL* handle = curl_easy_init();
    if (handle == nullptr) throw std::runtime_error("libcurl cannot make a handle");
    curl_easy_setopt(handle, CURLOPT_SHARE, share);
    return handle;
}

void Client::Impl::give_back(CURL* handle) {
    if (idle.size() >= k_max_idle_handles) return curl_easy_cleanup(handle);
    curl_easy_setopt(handle, CURLOPT_COOKIEFILE, nullptr); // libcurl 7.88 loses this list in a reset.
    curl_easy_reset(handle);                               // Keeps the share.
    idle.push_back(handle);
}

void Client::Impl::start_hop(Transfer& transfer) {
    if (transfer.stop == Stop::packed_otherwise) {
        if (hosts_packing_otherwise.size() >= k_max_hosts) hosts_packing_otherwise.clear();
        hosts_packing_otherwise.insert(host_of(transfer.url));
    }
    transfer.asks_libcurl = hosts_packing_otherwise.contains(host_of(transfer.url));
    transfer.start_hop(Clock::now());
    if (curl_multi_add_handle(multi, transfer.handle) != CURLM_OK)
        throw std::runtime_error("libcurl cannot take a request");
}

void Client::Impl::conclude(CURL* handle, CURLcode code) {
    const auto it = transfers.find(handle);
    curl_multi_remove_handle(multi, handle);
    if (it->second->finish_hop(code, Clock::now()) == Transfer::Next::another_hop)
        return start_hop(*it->second);
    const auto transfer = std::move(it->second);
    transfers.erase(it);
    give_back(handle);
    transfer->done(std::move(transfer->response));
}

bool Client::Impl::conclude_finished() {
    int left = 0;
    bool any = false;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        conclude(message->easy_handle, message->data.result);
        any = true;
    }
    return any;
}

bool Client::Impl::conclude_overdue() {
    std::vector<CURL*> overdue;
    const auto now = Clock::now();
    for (const auto& [handle, transfer] : transfers) {
        if (transfer->is_overdue(now)) overdue.push_back(handle);
    }
    for (CURL* handle : overdue) conclude(handle, CURLE_OPERATION_TIMEDOUT);
    return !overdue.empty();
}

std::chrono::milliseconds Client::Impl::until_next_check(std::chrono::milliseconds longest) const {
    Moment next = Moment::max();
    for (const auto& [handle, transfer] : transfers) next = std::min(next, transfer->next_check());
    const auto now = Clock::now();
    if (next >= now + longest) return longest;
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(next - now), std::chrono::milliseconds{0});
}

Client::Client(const ClientSettings& settings) : m_impl(std::make_unique<Impl>(settings)) {}
Client::~Client() = default;

void Client::start(Request request, Done done) {
    auto transfer = std::make_unique<Transfer>();
    transfer->started = Clock::now();
    transfer->url = request.url;
    transfer->response.url = request.url;
    transfer->request = std::move(request);
    transfer->done = std::move(done);
    transfer->own_proxies.all = transfer->request.proxy;
    transfer->proxies = transfer->request.proxy.empty() ? &m_impl->proxies : &transfer->own_proxies;
    const auto& asked = transfer->request;
    auto refusal =
        find_refusal(asked.url, asked.allow_private, !proxy_for(asked.url, *transfer->proxies).empty());
    if (const auto part = malformed_part(asked); !part.empty())
        refusal = {Failure::bad_url, "refused the request: " + std::string(part), {}};
    if (!refusal.reason.empty()) {
        transfer->response.failure = refusal.failure, transfer->response.error = std::move(refusal.reason);
        m_impl->failed_at_start.push_back(std::move(transfer));
        return;
    }
    CURL* handle = m_impl->acquire_handle();
    transfer->handle = handle;
    auto& entry = m_impl->transfers[handle];
    entry = std::move(transfer);
    m_impl->start_hop(*entry);
}

void Client::run_once(std::chrono::milliseconds timeout) {
    const auto failed = std::exchange(m_impl->failed_at_start, {});
    for (const auto& transfer : failed) transfer->done(std::move(transfer->response));
    int running = 0;
    curl_multi_perform(m_impl->multi, &running);
    const bool finished = m_impl->conclude_finished() || !failed.empty();
    const bool overdue = m_impl->conclude_overdue();
    // Whoever waits for the answers may want to start more at once.
    if (finished || overdue || !m_impl->failed_at_start.empty()) return;
    const auto wait = m_impl->until_next_check(timeout);
    curl_multi_poll(m_impl->multi, nullptr, 0, static_cast<int>(wait.count()), nullptr);
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
