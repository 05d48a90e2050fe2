#include "core/monitor/http_request.hpp"

#include "core/base/text.hpp"

#include <array>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace cti::monitor {
namespace {

std::string value_of(MHD_Connection* connection, MHD_ValueKind kind, const char* name) {
    const char* value = MHD_lookup_connection_value(connection, kind, name);
    return value == nullptr ? "" : value;
}

std::string header_of(MHD_Connection* connection, const char* name) {
    return value_of(connection, MHD_HEADER_KIND, name);
}

std::string argument_of(MHD_Connection* connection, const char* name) {
    return value_of(connection, MHD_GET_ARGUMENT_KIND, name);
}

MHD_Result keep_length(void* lengths, MHD_ValueKind, const char* name, const char* value) {
    if (iequals(name, "Content-Length"))
        static_cast<std::vector<std::string>*>(lengths)->emplace_back(value == nullptr ? "" : value);
    return MHD_YES;
}
}

bool has_body(MHD_Connection* connection) {
    const auto length = header_of(connection, "Content-Length");
    return (!length.empty() && length != "0") || !header_of(connection, "Transfer-Encoding").empty();
}

StatusRequest read_status_request(MHD_Connection* connection, const std::string& path) {
    StatusRequest request;
    request.path = path;
    request.format = argument_of(connection, "format");
    request.state = argument_of(connection, "state");
    request.limit = argument_of(connection, "limit");
    request.accept = header_of(connection, "Accept");
    return request;
}

OrderHead read_order_head(MHD_Connection* connection, std::string_view method, const std::string& path) {
    OrderHead head;
    head.method = method, head.path = path;
    head.authorization = header_of(connection, "Authorization");
    head.content_type = header_of(connection, "Content-Type");
    head.expect = header_of(connection, "Expect");
    head.transfer_encoding = header_of(connection, "Transfer-Encoding");
    MHD_get_connection_values(connection, MHD_HEADER_KIND, keep_length, &head.content_lengths);
    return head;
}

std::string client_address(MHD_Connection* connection) {
    const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == nullptr || info->client_addr == nullptr) return "?";
    const auto size = info->client_addr->sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    std::array<char, NI_MAXHOST> host{};
    const bool is_known = getnameinfo(info->client_addr, static_cast<socklen_t>(size), host.data(),
                                      host.size(), nullptr, 0, NI_NUMERICHOST) == 0;
    return is_known ? host.data() : "?";
}
}
