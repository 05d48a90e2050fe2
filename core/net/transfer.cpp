#include "core/net/transfer.hpp"

#include "core/base/text.hpp"
#include "core/base/time.hpp"
#include "core/base/url.hpp"
#include "core/net/address.hpp"
#include "core/net/caching.hpp"
#include "core/net/challenge.hpp"
#include "core/net/gate.hpp"
#include "core/net/proxy.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sys/socket.h>
#include <system_error>

namespace cti::net {
namespace {
using std::chrono::milliseconds;
constexpr std::size_t k_longest_head = 256 * 1024;    // with those of 100 and 103 before it
constexpr std::size_t k_most_of_error = 64 * 1024;    // of the body of an error: enough to know a bot wall
constexpr std::size_t k_most_of_redirect = 64 * 1024; // read away so that the connection can be used again
constexpr std::size_t k_most_marks = 8 * 1024;
constexpr std::size_t k_slowest = 100;            // bytes a second
constexpr std::size_t k_ratio_from = 1024 * 1024; // ordinary text can be repetitive in small
constexpr curl_off_t k_receive_buffer = 16 * 1024;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// Values that another server will see again or that are stored: bounded, and without control characters.
std::string header_value(std::string_view value, std::size_t most = 1000) {
    value = trim(value);
    return value.size() > most || std::ranges::any_of(value, is_control) ? std::string() : std::string(value);
}

// What is no number is left to libcurl to complain about.
std::size_t parse_length(std::string_view value) {
    std::size_t length = 0;
    for (const char c : trim(value)) {
        if (!is_ascii_digit(c)) return 0;
        length = std::min<std::size_t>(length * 10 + static_cast<std::size_t>(c - '0'), std::size_t{1} << 50);
    }
    return length;
}

int compression_layers(std::string_view value) {
    int layers = 0;
    for (const auto part : split(value, ',')) {
        const auto name = trim(part);
        layers += !name.empty() && !iequals(name, "identity") && !iequals(name, "chunked") ? 1 : 0;
    }
    return layers;
}

void take_encoding(Head& head, std::string_view name, std::string_view value) {
    if (iequals(name, "content-encoding") || iequals(name, "transfer-encoding"))
        head.encodings += compression_layers(value);
    if (iequals(name, "transfer-encoding") && ascii_lower(value).find("chunked") != std::string::npos)
        head.chunked = true;
}

void take_header(Head& head, std::string_view name, std::string_view value) {
    struct Field {
        std::string_view name;
        std::string Head::*member;
    };
    static constexpr Field fields[] = {
        {"content-type", &Head::content_type},
        {"content-location", &Head::content_location},
        {"etag", &Head::etag},
        {"last-modified", &Head::last_modified},
        {"retry-after", &Head::retry_after},
        {"date", &Head::date},
        {"expires", &Head::expires},
        {"age", &Head::age},
    };
    for (const auto& field : fields) {
        if (iequals(name, field.name)) head.*field.member = header_value(value);
    }
    if (iequals(name, "content-length")) head.content_length = parse_length(value);
    if (iequals(name, "location")) head.location = header_value(value, 8000);
    if (iequals(name, "cache-control") && head.cache_control.size() < 4000) {
        (head.cache_control += head.cache_control.empty() ? "" : ",") += header_value(value);
    }
    if (is_challenge_mark(name) && head.marks.size() < k_most_marks) {
        head.marks += ascii_lower(name) + ": " + ascii_lower(header_value(value.substr(0, 500))) + '\n';
    }
    take_encoding(head, name, value);
}

// "HTTP/1.1 200 OK", "HTTP/2 200"
int status_of(std::string_view line) {
    const auto space = line.find(' ');
    if (space == std::string_view::npos || line.size() < space + 4) return 0;
    int status = 0;
    for (const char c : line.substr(space + 1, 3))
        status = is_ascii_digit(c) ? status * 10 + (c - '0') : status;
    return status;
}

size_t on_header(char* data, size_t, size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    auto& head = transfer.head;
    const std::string_view line(data, size);
    head.bytes += size;
    if (head.bytes > k_longest_head) {
        transfer.stop = Stop::head_too_large;
        return 0;
    }
    if (!head.open && line.starts_with("HTTP/")) {
        const auto bytes = head.bytes;
        head = Head{};
        head.bytes = bytes, head.open = true, head.status = status_of(line);
        return size;
    }
    if (!head.open) return size; // A trailer says nothing about what came before it.
    if (trim(line).empty()) {
        head.open = false, head.complete = head.status >= 200;
        transfer.window_began = std::chrono::steady_clock::now();
        const bool announced = head.status < 300 && head.content_length > transfer.request.limits.max_bytes;
        if (!head.complete || !announced || transfer.request.cut_at_limit) return size;
        transfer.stop = Stop::too_large; // No need to read ten megabytes to know it.
        return 0;
    }
    if (const auto colon = line.find(':'); colon != std::string_view::npos) {
        take_header(head, line.substr(0, colon), line.substr(colon + 1));
    }
    if (head.encodings > 1) {
        transfer.stop = Stop::layers;
        return 0;
    }
    return size;
}

bool is_redirect(const Head& head) {
    const int s = head.status;
    return (s == 301 || s == 302 || s == 303 || s == 307 || s == 308) && !head.location.empty();
}

bool is_bomb(const Transfer& transfer, std::size_t decoded) {
    if (decoded <= k_ratio_from || transfer.head.encodings == 0) return false;
    curl_off_t wire = 0;
    curl_easy_getinfo(transfer.handle, CURLINFO_SIZE_DOWNLOAD_T, &wire);
    // Of chunks libcurl counts what it has read only after it has handed it over.
    if (transfer.head.chunked || wire == 0) wire += k_receive_buffer;
    return static_cast<curl_off_t>(decoded) > wire * transfer.request.limits.max_ratio;
}

size_t keep_head(Transfer& transfer, const char* data, size_t size, std::size_t most) {
    auto& body = transfer.response.body;
    body.append(data, std::min(size, most - std::min(most, body.size())));
    if (body.size() < most) return size;
    transfer.stop = Stop::enough;
    return 0;
}

void count_speed(Transfer& transfer, std::size_t size) {
    const auto seconds =
        std::chrono::ceil<std::chrono::seconds>(transfer.request.limits.stall_timeout).count();
    transfer.window_bytes += size;
    if (transfer.window_bytes < k_slowest * static_cast<std::size_t>(seconds)) return;
    transfer.window_bytes = 0;
    transfer.window_began = std::chrono::steady_clock::now();
}

size_t on_body(char* data, size_t, size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const auto& limits = transfer.request.limits;
    count_speed(transfer, size);
    if (is_redirect(transfer.head)) return keep_head(transfer, data, size, k_most_of_redirect);
    if (transfer.head.status >= 400)
        return keep_head(transfer, data, size, std::min(limits.max_bytes, k_most_of_error));
    const auto decoded = transfer.response.body.size() + size;
    if (is_bomb(transfer, decoded)) {
        transfer.stop = Stop::ratio;
        return 0;
    }
    if (decoded > limits.max_bytes) {
        if (transfer.request.cut_at_limit) return keep_head(transfer, data, size, limits.max_bytes);
        transfer.stop = Stop::too_large;
        return 0;
    }
    transfer.response.body.append(data, size);
    return size;
}

// Sees every address that is really connected to: hexadecimal and mapped forms, redirects, and names that
// change between look-ups. A proxy's address was chosen by whoever runs this program and may be private.
curl_socket_t on_open_socket(void* user, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (!transfer.request.allow_private && !transfer.by_proxy) {
        if (const auto range = special_range(address->addr); !range.empty()) {
            transfer.refused_address = fmt::format("{}: {}", address_text(address->addr), range);
            return CURL_SOCKET_BAD;
        }
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Right before the request is sent, also on a connection that is used again: one that was opened for a
// request with other rights is no way around the check. An address that cannot be read is no global one.
int on_request(void* user, char* address, char*, int, int) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (!transfer.request.allow_private && !transfer.by_proxy) {
        const std::string_view text = address != nullptr ? address : "";
        const auto range = special_range_of_literal(text).value_or("not an address");
        if (!range.empty()) {
            transfer.refused_address = fmt::format("{}: {}", printable(text), range);
            transfer.stop = Stop::address;
            return CURL_PREREQFUNC_ABORT;
        }
    }
    transfer.answer_due = std::chrono::steady_clock::now() + transfer.request.limits.first_byte_timeout;
    return CURL_PREREQFUNC_OK;
}

std::string text_of(milliseconds duration) {
    const auto ms = duration.count();
    return ms >= 1000 || ms == 0 ? fmt::format("{} s", (ms + 500) / 1000) : fmt::format("{} ms", ms);
}

std::string size_text(std::size_t bytes) {
    return bytes >= 1024 * 1024 ? fmt::format("{} MiB", bytes >> 20) : fmt::format("{} KiB", bytes >> 10);
}

// libcurl's and OpenSSL's prefixes say nothing to people: "certificate has expired" is enough.
std::string tls_text(std::string_view detail) {
    for (const std::string_view prefix : {"SSL certificate problem: ", "SSL: "}) {
        if (detail.starts_with(prefix)) detail.remove_prefix(prefix.size());
    }
    constexpr std::string_view routines = "SSL routines::";
    if (const auto at = detail.find(routines); at != std::string_view::npos)
        detail.remove_prefix(at + routines.size());
    return "TLS: " + std::string(detail);
}

std::string connect_text(CURL* handle, const std::string& detail) {
    long number = 0;
    curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &number);
    return number == 0 ? detail : std::system_category().message(static_cast<int>(number));
}

// A connection that breaks while the keys are agreed on may hold the next time; a certificate stays what it
// is.
bool is_broken_handshake(CURLcode code, std::string_view detail) {
    if (code != CURLE_SSL_CONNECT_ERROR) return false;
    return detail.find("SSL_ERROR_SYSCALL") != std::string_view::npos ||
           detail.find("onnection reset") != std::string_view::npos ||
           detail.find("onnection refused") != std::string_view::npos;
}
}

void Transfer::start_hop(Moment now) {
    const auto proxy = proxy_for(url, *proxies);
    by_proxy = !proxy.empty();
    head = Head{};
    stop = Stop::none;
    response.body.clear();
    refused_address.clear();
    error_text[0] = '\0';
    answer_due = Moment::max();
    window_bytes = 0;
    const auto used = std::chrono::duration_cast<milliseconds>(now - started);
    const auto left =
        std::max(request.time_left.value_or(request.limits.total_timeout) - used, milliseconds{1});
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(request.limits.connect_timeout.count()));
    curl_easy_setopt(handle, CURLOPT_URL, wire_url(url).c_str());
    set_connection_options(proxy);
    set_request_headers();
}

void Transfer::set_connection_options(const std::string& proxy) {
    CURL* h = handle;
    curl_easy_setopt(h, CURLOPT_PRIVATE, this);
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, error_text.data());
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L); // Each target is looked at first, see follow().
    curl_easy_setopt(h, CURLOPT_PROXY,
                     proxy.c_str()); // "" also turns the environment's off: it was read before.
    curl_easy_setopt(h, CURLOPT_NOPROXY, "");
    curl_easy_setopt(h, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(h, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(h, CURLOPT_BUFFERSIZE, static_cast<long>(k_receive_buffer));
    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(h, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!request.ca_file.empty()) {
        curl_easy_setopt(h, CURLOPT_CAINFO, request.ca_file.c_str());
        curl_easy_setopt(h, CURLOPT_CAPATH, nullptr);
    }
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, on_request);
    curl_easy_setopt(h, CURLOPT_PREREQDATA, this);
}

void Transfer::set_request_headers() {
    curl_slist_free_all(headers);
    headers = curl_slist_append(nullptr, fmt::format("Accept: {}", request.accept).c_str());
    const auto first = split_url(request.url), here = split_url(url);
    const bool is_downgrade = iequals(first.scheme, "https") && !iequals(here.scheme, "https");
    if (iequals(first.host, here.host) && !is_downgrade)
        for (const auto& header : request.headers)
            if (const auto line = header_value(header); !line.empty())
                headers = curl_slist_append(headers, std::string(line).c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, request.user_agent.c_str());
}

bool Transfer::is_overdue(Moment now) {
    if (!head.complete) {
        if (now >= answer_due) stop = Stop::no_answer;
    } else if (now >= window_began + request.limits.stall_timeout) {
        stop = Stop::stalled;
    }
    return stop == Stop::no_answer || stop == Stop::stalled;
}

Moment Transfer::next_check() const {
    return head.complete ? window_began + request.limits.stall_timeout : answer_due;
}

Transfer::Next Transfer::finish_hop(CURLcode code, Moment now) {
    if (head.complete && is_redirect(head)) {
        if (follow() == Next::another_hop) return Next::another_hop;
    } else if (!(head.complete && (head.status >= 400 || head.status == 304 || stop == Stop::enough))) {
        // Of an error, and of a 304 that wrongly carries a body, the status is all that counts.
        if (code != CURLE_OK || !head.complete) judge(code == CURLE_OK ? CURLE_GOT_NOTHING : code);
    }
    fill_response(now);
    return Next::done;
}

Transfer::Next Transfer::follow() {
    auto& chain = request.chain;
    const auto refuse = [this](Failure failure, std::string text) {
        response.failure = failure, response.error = std::move(text);
        return Next::done;
    };
    const auto target = redirect_target(url, head.location);
    const auto shown = printable(head_code_points(target, 200));
    if (chain.hops >= request.limits.max_redirects) {
        return refuse(Failure::redirects,
                      fmt::format("more than {} redirects", request.limits.max_redirects));
    }
    if (const auto refusal =
            find_refusal(target, request.allow_private, !proxy_for(target, *proxies).empty());
        !refusal.reason.empty()) {
        const auto failure = refusal.failure == Failure::bad_url ? Failure::redirects : refusal.failure;
        return refuse(failure, fmt::format("refused the redirect to {}: {}", shown, refusal.why));
    }
    if (const auto reason = downgrade_refusal(url, target); !reason.empty()) {
        return refuse(Failure::redirects, fmt::format("refused the redirect to {}: {}", shown, reason));
    }
    ++chain.hops;
    chain.all_permanent = chain.all_permanent && (head.status == 301 || head.status == 308);
    if (chain.all_permanent) chain.permanent_url = target;
    const bool other_host = !iequals(split_url(url).host, split_url(target).host);
    if (request.stop_at_other_hosts && other_host) {
        response.next_url = target;
        return Next::done;
    }
    url = target;
    return Next::another_hop;
}

// libcurl's code and the reason of a callback in words.
void Transfer::judge(CURLcode code) {
    const auto& limits = request.limits;
    const auto fail = [this](Failure failure, std::string text) {
        response.failure = failure, response.error = std::move(text);
    };
    switch (stop) {
    case Stop::too_large: return fail(Failure::too_large, "more than " + size_text(limits.max_bytes));
    case Stop::ratio:
        return fail(Failure::too_large, fmt::format("compressed more than {}:1", limits.max_ratio));
    case Stop::head_too_large:
        return fail(Failure::too_large, "the head of the answer is longer than " + size_text(k_longest_head));
    case Stop::layers: return fail(Failure::encoding, "more than one layer of Content-Encoding");
    case Stop::no_answer:
        return fail(Failure::timeout, "timed out: no answer within " + text_of(limits.first_byte_timeout));
    case Stop::stalled:
        return fail(Failure::timeout,
                    "the answer stalled: less than 100 bytes a second for " + text_of(limits.stall_timeout));
    case Stop::none:
    case Stop::address:
    case Stop::enough: break;
    }
    const bool no_connection = code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK;
    if (no_connection && !refused_address.empty())
        return fail(Failure::refused_address, "refused to connect to " + refused_address);
    auto detail = printable(error_text[0] != '\0' ? std::string_view(error_text.data())
                                                  : std::string_view(curl_easy_strerror(code)));
    if (is_broken_handshake(code, detail))
        return fail(Failure::connect, "the connection broke during the TLS handshake: " + detail);
    switch (code) {
    case CURLE_URL_MALFORMAT: return fail(Failure::bad_url, "not an address that can be fetched: " + detail);
    case CURLE_UNSUPPORTED_PROTOCOL:
        return fail(Failure::transfer, "the answer is not HTTP"); // HTTP/0.9; the scheme was checked.
    case CURLE_COULDNT_RESOLVE_HOST: return fail(Failure::resolve, "cannot resolve the host name: " + detail);
    case CURLE_COULDNT_RESOLVE_PROXY:
        return fail(Failure::resolve, "cannot resolve the proxy's name: " + detail);
    case CURLE_COULDNT_CONNECT:
        return fail(Failure::connect, (by_proxy ? "cannot connect to the proxy: " : "cannot connect: ") +
                                          connect_text(handle, detail));
    case CURLE_PROXY: return fail(Failure::connect, "the proxy refused: " + detail);
    case CURLE_OPERATION_TIMEDOUT: {
        curl_off_t connected = 0;
        curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &connected);
        if (connected == 0 && limits.connect_timeout < limits.total_timeout) {
            return fail(Failure::timeout, "no connection within " + text_of(limits.connect_timeout));
        }
        return fail(Failure::timeout,
                    fmt::format("timed out: not complete after {}", text_of(limits.total_timeout)));
    }
    case CURLE_SSL_CACERT_BADFILE:
        return fail(Failure::tls, request.ca_file.empty() ? tls_text(detail)
                                                          : fmt::format("TLS: cannot read the CA file '{}'",
                                                                        printable(request.ca_file)));
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR: return fail(Failure::tls, tls_text(detail));
    case CURLE_WRITE_ERROR: // The decoder of brotli says it like this; our own callbacks give their reason in
                            // `stop`.
    case CURLE_BAD_CONTENT_ENCODING:
        return fail(Failure::encoding, "the body is not encoded as its Content-Encoding says");
    case CURLE_PARTIAL_FILE:
        return fail(Failure::transfer, "the connection ended before the body was complete");
    case CURLE_GOT_NOTHING: return fail(Failure::transfer, "the connection ended without an answer");
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return fail(Failure::transfer, (head.complete ? "the connection broke before the body was complete: "
                                                      : "the connection broke: ") +
                                           detail);
    case CURLE_WEIRD_SERVER_REPLY:
        return fail(Failure::transfer, "the answer breaks the rules of HTTP: " + detail);
    case CURLE_OUT_OF_MEMORY: // What libcurl says of a header line above 100 KiB before 8.6; then it is
                              // TOO_LARGE.
        if (!head.complete) return fail(Failure::too_large, "a header of the answer is too long");
        [[fallthrough]];
    default:
        if (code == static_cast<CURLcode>(100))
            return fail(Failure::too_large, "a header of the answer is too long");
        return fail(Failure::transfer, detail);
    }
}

void Transfer::fill_response(Moment now) {
    if (response.failure != Failure::none)
        response.body = std::string(); // What came of it may be ten megabytes.
    response.status = head.complete ? head.status : 0;
    response.url = url;
    response.duration = std::chrono::duration_cast<std::chrono::microseconds>(now - started);
    response.permanent_url = request.chain.permanent_url;
    response.redirects = request.chain.hops;
    curl_off_t wire = 0;
    curl_easy_getinfo(handle, CURLINFO_SIZE_DOWNLOAD_T, &wire);
    response.received = wire;
    if (!head.complete) return;
    response.content_type = std::move(head.content_type);
    response.content_location = std::move(head.content_location);
    response.etag = std::move(head.etag);
    response.last_modified = std::move(head.last_modified);
    const auto answered = parse_http_date(head.date).value_or(current_time());
    response.retry_after = parse_retry_after(head.retry_after, answered);
    response.fresh_for = fresh_for({head.cache_control, head.expires, head.age}, answered);
    const auto start = trim(std::string_view(response.body).substr(0, 200));
    const bool is_html = istarts_with(response.content_type, "text/html") ||
                         istarts_with(start, "<!doctype html") || istarts_with(start, "<html");
    response.challenge =
        find_challenge({head.status, is_html, request.is_html_unexpected, head.marks, response.body});
}
}
