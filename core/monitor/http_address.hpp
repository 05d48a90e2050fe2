#pragma once
#include <memory>
#include <netdb.h>
#include <string>

// Where a server listens.
namespace cti::monitor {

struct AddressFree {
    void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressFree>;

// "127.0.0.1:8080", "[::1]:8080". Throws Error(usage) where it is none.
Addresses resolve_address(const std::string& address);
// Two thousand clients need more descriptors than the 1,024 of the usual soft limit.
void allow_descriptors();
}
