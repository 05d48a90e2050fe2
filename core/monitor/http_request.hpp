#pragma once
#include "core/monitor/control.hpp"
#include "core/monitor/routes.hpp"

#include <string>
#include <string_view>

struct MHD_Connection;

// A request as libmicrohttpd has it, as plain structs.
namespace cti::monitor {

bool has_body(MHD_Connection* connection);
StatusRequest read_status_request(MHD_Connection* connection, const std::string& path);
OrderHead read_order_head(MHD_Connection* connection, std::string_view method, const std::string& path);
std::string client_address(MHD_Connection* connection); // "192.0.2.1", for people
}
