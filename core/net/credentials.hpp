#pragma once
#include "core/net/client.hpp"

#include <string>
#include <string_view>
#include <utility>

// Who a request comes from, as addresses say it.
namespace cti::net {

// "user:password" as it stands in an address, percent-encoded.
Credentials decode_userinfo(std::string_view userinfo);

// "https://user:password@host/path": the address without them, and what they were.
std::pair<std::string, Credentials> split_credentials(const std::string& url);
}
