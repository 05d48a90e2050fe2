#pragma once
#include "core/io/pipe_feeder.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

namespace cti::io {

// A file of any size that is read piece by piece; gzip and zstd are known by their first bytes, and made
// whole again on the way.
class ExpandingReader {
public:
    // "-" is standard input. `stop`: once it is not 0, the file ends there, also while a pipe is silent.
    // Throws Error(usage) where it cannot be opened.
    explicit ExpandingReader(const std::string& path, const std::atomic<int>* stop = nullptr);
    ExpandingReader(std::string name, ByteSource source); // name: what messages call it
    ~ExpandingReader();
    ExpandingReader(const ExpandingReader&) = delete;
    ExpandingReader& operator=(const ExpandingReader&) = delete;

    // The next bytes; empty at the end. They live until the next call. Throws Error(check) where the file is
    // damaged or ends too early.
    std::string_view read();
    bool is_expanding() const; // what was read so far was compressed

private:
    struct State;
    std::unique_ptr<State> m_state;
};
}
