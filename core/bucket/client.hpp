#pragma once
#include "core/base/error.hpp"
#include "core/bucket/address.hpp"
#include "core/net/client.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Requests to one bucket, signed (AWS signature version 4, by libcurl) and repeated where that may help.
namespace cti::bucket {

using IsStopped = std::function<bool()>;

// One request: of an object, or with key "" of the bucket.
struct Order {
    std::string method = "GET";
    std::string key;
    std::string query; // "list-type=2&prefix=a": sorted, encoded, each with its '='
    std::string body = {};
    std::vector<std::string> headers = {};
    std::size_t max_bytes = 16u << 20; // of the answer
    std::vector<int> expected = {};    // answers of 300 and above that are no failure
};

class Client {
public:
    // Throws Error(usage) where the settings cannot be used.
    Client(Settings settings, std::string bucket, IsStopped is_stopped);

    // Throws Error: of what is to be written `output`; else `usage` where the server refuses who asks or
    // knows no such bucket, and `failure`; Error(interrupted) once it is stopped.
    net::Response send(const Order& order);

    // From now on neither stops nor repeats: what is left behind is taken away at an end of any kind.
    void hurry() { m_is_in_a_hurry = true; }
    const std::string& bucket() const { return m_bucket; }

private:
    net::Request make_request(const Order& order) const;
    net::Response send_once(const net::Request& request);
    void pause(int attempt, const net::Response& response) const;
    [[noreturn]] void fail(const Order& order, const net::Response& response) const;
    std::string mask(std::string text) const;

    Settings m_settings;
    std::string m_bucket;
    IsStopped m_is_stopped;
    std::unique_ptr<net::Client> m_client;
    bool m_is_in_a_hurry = false;
};
}
