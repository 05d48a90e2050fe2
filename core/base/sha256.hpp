#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace cti {

// The SHA-256 of bytes that come one after the other.
class Sha256 {
public:
    Sha256(); // Throws std::runtime_error where OpenSSL lacks it.
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void add(std::string_view bytes);
    std::string hex(); // 64 lower-case digits; ends it

private:
    struct State;
    std::unique_ptr<State> m_state;
};
}
