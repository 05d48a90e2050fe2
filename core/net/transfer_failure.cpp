#include "core/base/text.hpp"
#include "core/net/transfer.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <system_error>

// Why there is no answer, in words.
namespace cti::net {
namespace {
struct Fault {
    Failure failure;
    std::string text;
};

std::string text_of(std::chrono::milliseconds duration) {
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

// The reason that a callback gave.
std::optional<Fault> fault_of_stop(Stop stop, const Limits& limits) {
    switch (stop) {
    case Stop::too_large: return Fault{Failure::too_large, "more than " + size_text(limits.max_bytes)};
    case Stop::ratio:
        return Fault{Failure::too_large, fmt::format("compressed more than {}:1", limits.max_ratio)};
    case Stop::head_too_large:
        return Fault{Failure::too_large,
                     "the head of the answer is longer than " + size_text(k_max_head_bytes)};
    case Stop::layers: return Fault{Failure::encoding, "more than one layer of Content-Encoding"};
    case Stop::no_answer:
        return Fault{Failure::timeout, "timed out: no answer within " + text_of(limits.first_byte_timeout)};
    case Stop::stalled:
        return Fault{Failure::timeout,
                     "the answer stalled: less than 100 bytes a second for " + text_of(limits.stall_timeout)};
    case Stop::coding:
        return Fault{Failure::encoding, "the body is not encoded as its Content-Encoding says"};
    case Stop::packed_otherwise:
    case Stop::none:
    case Stop::address:
    case Stop::enough: break;
    }
    return std::nullopt;
}

// The codes of libcurl that mean one thing each.
std::optional<Fault> fault_of_code(CURLcode code, const std::string& detail) {
    struct Row {
        CURLcode code;
        Failure failure;
        const char* text; // libcurl's detail follows where it ends with a blank
    };
    static constexpr std::array<Row, 10> rows{{
        {CURLE_URL_MALFORMAT, Failure::bad_url, "not an address that can be fetched: "},
        {CURLE_UNSUPPORTED_PROTOCOL, Failure::transfer,
         "the answer is not HTTP"}, // HTTP/0.9; the scheme was checked.
        {CURLE_COULDNT_RESOLVE_HOST, Failure::resolve, "cannot resolve the host name: "},
        {CURLE_COULDNT_RESOLVE_PROXY, Failure::resolve, "cannot resolve the proxy's name: "},
        {CURLE_PROXY, Failure::connect, "the proxy refused: "},
        // The decoder of brotli says WRITE_ERROR; our own callbacks give their reason in `stop`.
        {CURLE_WRITE_ERROR, Failure::encoding, "the body is not encoded as its Content-Encoding says"},
        {CURLE_BAD_CONTENT_ENCODING, Failure::encoding,
         "the body is not encoded as its Content-Encoding says"},
        {CURLE_PARTIAL_FILE, Failure::transfer, "the connection ended before the body was complete"},
        {CURLE_GOT_NOTHING, Failure::transfer, "the connection ended without an answer"},
        {CURLE_WEIRD_SERVER_REPLY, Failure::transfer, "the answer breaks the rules of HTTP: "},
    }};
    for (const auto& row : rows) {
        const std::string_view text = row.text;
        if (row.code == code)
            return Fault{row.failure, text.ends_with(' ') ? std::string(text) + detail : std::string(text)};
    }
    return std::nullopt;
}

Fault fault_of_timeout(CURL* handle, const Limits& limits) {
    curl_off_t connected = 0;
    curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &connected);
    if (connected == 0 && limits.connect_timeout < limits.total_timeout)
        return {Failure::timeout, "no connection within " + text_of(limits.connect_timeout)};
    return {Failure::timeout, fmt::format("timed out: not complete after {}", text_of(limits.total_timeout))};
}

// What depends on how far the request had come.
Fault fault_on_the_way(CURLcode code, const Transfer& transfer, const std::string& detail) {
    const bool has_head = transfer.head.complete;
    switch (static_cast<int>(code)) {
    case CURLE_COULDNT_CONNECT:
        return {Failure::connect, (transfer.by_proxy ? "cannot connect to the proxy: " : "cannot connect: ") +
                                      connect_text(transfer.handle, detail)};
    case CURLE_OPERATION_TIMEDOUT: return fault_of_timeout(transfer.handle, transfer.request.limits);
    case CURLE_SSL_CACERT_BADFILE:
        if (const auto& file = transfer.request.ca_file; !file.empty())
            return {Failure::tls, fmt::format("TLS: cannot read the CA file '{}'", printable(file))};
        [[fallthrough]];
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR: return {Failure::tls, tls_text(detail)};
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return {Failure::transfer, (has_head ? "the connection broke before the body was complete: "
                                             : "the connection broke: ") +
                                       detail};
    case CURLE_OUT_OF_MEMORY: // What libcurl says of a header line above 100 KiB before 8.6 …
        if (has_head) return {Failure::transfer, detail};
        [[fallthrough]];
    case 100: // … and CURLE_TOO_LARGE since.
        return {Failure::too_large, "a header of the answer is too long"};
    default: return {Failure::transfer, detail};
    }
}

Fault find_fault(const Transfer& transfer, CURLcode code) {
    if (auto fault = fault_of_stop(transfer.stop, transfer.request.limits)) return *std::move(fault);
    const bool no_connection = code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK;
    if (no_connection && !transfer.refused_address.empty())
        return {Failure::refused_address, "refused to connect to " + transfer.refused_address};
    const auto* const said = transfer.error_text.data();
    const auto detail = printable(*said != '\0' ? said : curl_easy_strerror(code));
    if (is_broken_handshake(code, detail))
        return {Failure::connect, "the connection broke during the TLS handshake: " + detail};
    if (auto fault = fault_of_code(code, detail)) return *std::move(fault);
    return fault_on_the_way(code, transfer, detail);
}
}

// libcurl's code and the reason of a callback in words.
void Transfer::classify_failure(CURLcode code) {
    auto fault = find_fault(*this, code);
    response.failure = fault.failure, response.error = std::move(fault.text);
}
}
