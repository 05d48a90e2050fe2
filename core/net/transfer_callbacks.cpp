#include "core/base/text.hpp"
#include "core/net/address.hpp"
#include "core/net/transfer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sys/socket.h>

// What libcurl calls while a request is under way.
namespace cti::net {
namespace {
constexpr std::size_t k_max_error_bytes = 64 * 1024;    // of the body of an error: enough to know a bot wall
constexpr std::size_t k_max_redirect_bytes = 64 * 1024; // read away so that the connection can be used again
constexpr std::size_t k_slowest = 100;                  // bytes a second
constexpr std::size_t k_ratio_from = 1024 * 1024;       // ordinary text can be repetitive in small
constexpr curl_off_t k_receive_buffer = 16 * 1024;

size_t on_header(char* data, size_t, size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    auto& head = transfer.head;
    const std::string_view line(data, size);
    head.bytes += size;
    if (head.bytes > k_max_head_bytes) {
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
        const bool announced = head.status < 300 && transfer.request.method != "HEAD" &&
                               head.content_length > transfer.request.limits.max_bytes;
        if (head.complete && head.status < 300 && head.encodings == 1 && is_packed_otherwise(head) &&
            !transfer.asks_libcurl && transfer.request.unpacks && transfer.request.method == "GET") {
            transfer.stop = Stop::packed_otherwise;
            return 0;
        }
        if (!head.complete || !announced || transfer.request.cut_at_limit) return size;
        transfer.stop = Stop::too_large; // No need to read ten megabytes to know it.
        return 0;
    }
    if (const auto colon = line.find(':'); colon != std::string_view::npos) {
        accept_header(head, line.substr(0, colon), line.substr(colon + 1));
    }
    if (head.encodings > 1) {
        transfer.stop = Stop::layers;
        return 0;
    }
    return size;
}

bool is_bomb(const Transfer& transfer, std::size_t decoded) {
    if (decoded <= k_ratio_from || (transfer.head.encodings == 0 && !transfer.decompressor)) return false;
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

// Bytes as they are meant, unpacked; fewer than there were end the transfer.
size_t accept_body(Transfer& transfer, const char* data, size_t size) {
    const auto& limits = transfer.request.limits;
    if (is_redirect(transfer.head)) return keep_head(transfer, data, size, k_max_redirect_bytes);
    if (transfer.head.status >= 400)
        return keep_head(transfer, data, size, std::min(limits.max_bytes, k_max_error_bytes));
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

// gzip without a label, or one that is no coding ("utf-8"), is common too: files that are stored packed, and
// proxies that lose the header.
void begin_body(Transfer& transfer, std::string_view start) {
    transfer.has_body = true;
    if (transfer.asks_libcurl || !transfer.request.unpacks) return;
    const bool is_unlabelled = !is_packed_otherwise(transfer.head) && start.starts_with("\x1f\x8b\x08");
    if (is_unlabelled || is_packed_by_zlib(transfer.head))
        transfer.decompressor = std::make_unique<io::Decompressor>();
}

size_t on_body(char* data, size_t, size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    count_speed(transfer, size);
    if (!transfer.has_body) begin_body(transfer, {data, size});
    if (!transfer.decompressor) return accept_body(transfer, data, size);
    const auto sink = [&](std::string_view piece) {
        return accept_body(transfer, piece.data(), piece.size()) == piece.size();
    };
    if (transfer.decompressor->add({data, size}, sink)) return size;
    if (transfer.stop == Stop::none) transfer.stop = Stop::coding;
    return 0;
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
}

void Transfer::set_callbacks() {
    CURL* h = handle;
    curl_easy_setopt(h, CURLOPT_BUFFERSIZE, static_cast<long>(k_receive_buffer));
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, on_request);
    curl_easy_setopt(h, CURLOPT_PREREQDATA, this);
}
}
