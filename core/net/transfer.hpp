#pragma once
#include "core/io/decompression.hpp"
#include "core/net/client.hpp"
#include "core/net/gate.hpp"
#include "core/net/head.hpp"
#include "core/net/proxy.hpp"

#include <array>
#include <chrono>
#include <curl/curl.h>
#include <memory>
#include <string>
#include <string_view>

// One request on its way, hop by hop; for client.cpp alone. What libcurl calls on its way is in
// transfer_callbacks.cpp, what is said of its failure in transfer_failure.cpp.
namespace cti::net {

using Moment = std::chrono::steady_clock::time_point;

// Why a callback ended the transfer.
enum class Stop {
    none,
    too_large,
    ratio,
    head_too_large,
    layers,
    address,
    no_answer,
    stalled,
    enough,
    coding,          // the body is not packed as its head says
    packed_otherwise // in a way that only libcurl knows
};

struct Transfer {
    Request request;
    Response response;
    Client::Done done;
    const ProxySettings* proxies = nullptr; // of the client, or own_proxies
    ProxySettings own_proxies;
    CURL* handle = nullptr;
    curl_slist* headers = nullptr;
    std::string url; // of this hop
    bool by_proxy = false;
    Head head;
    Stop stop = Stop::none;
    std::unique_ptr<io::Decompressor> decompressor; // of this hop's body, where it is packed
    bool has_body = false;                          // some of it has come
    bool has_cookies = false;                       // those of the requests before are set
    bool asks_libcurl = false;   // to unpack what zlib cannot: the hop is made once more for it
    std::string refused_address; // "127.0.0.1: loopback"
    Moment started;
    Moment answer_due = Moment::max(); // set once the request is sent
    Moment window_began{}; // of the body: since then fewer bytes than the slowest speed gives in one window
    std::size_t window_bytes = 0;
    std::array<char, CURL_ERROR_SIZE> error_text{};

    Transfer() = default;
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    ~Transfer() { curl_slist_free_all(headers); }

    void start_hop(Moment now);
    // Has it waited too long at `now`? The next moment to ask again.
    bool is_overdue(Moment now);
    Moment next_check() const;

    enum class Next { done, another_hop };
    Next finish_hop(CURLcode code, Moment now);

private:
    void set_connection_options(const std::string& proxy);
    void set_callbacks();
    void set_method();
    void set_credentials();
    void set_request_headers();
    void set_cookies();
    void keep_cookies();
    void refuse_unknown_coding();
    void classify_failure(CURLcode code);
    Next follow();
    Refusal find_redirect_refusal(const std::string& target) const;
    void become_get();
    void fill_response(Moment now);
};
}
