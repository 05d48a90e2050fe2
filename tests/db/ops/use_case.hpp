#pragma once
#include "core/ops/environment.hpp"
#include "test_database.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

// Runs use cases of core/ops as a worker would: with a database and nothing else.
struct UseCase {
    explicit UseCase(const TestDatabase& database) {
        environment.connect = [&database] { return cti::db::Database(database.address()); };
        environment.on_warning = [this](const std::string& message, const std::string&) {
            warnings.push_back(message);
        };
        environment.stop = &stop;
    }

    cti::ops::Environment environment;
    std::atomic<int> stop = 0;
    std::vector<std::string> warnings;
};

// A folder that goes with the test.
class TemporaryFolder {
public:
    TemporaryFolder() {
        auto name = (std::filesystem::temp_directory_path() / "cti-test-XXXXXX").string();
        if (::mkdtemp(name.data()) != nullptr) m_path = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string operator/(const std::string& name) const { return (m_path / name).string(); }
    bool is_empty() const { return std::filesystem::is_empty(m_path); }

private:
    std::filesystem::path m_path;
};

inline std::string content_of(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}
