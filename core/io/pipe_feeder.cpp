#include "core/io/pipe_feeder.hpp"

#include "core/base/error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace cti::io {
namespace {

// False where nobody reads on; why, that one says.
bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}
}

PipeFeeder::PipeFeeder(ByteSource source) : m_source(std::move(source)) {
    if (::pipe2(m_ends, O_CLOEXEC) != 0) throw Error{ExitCode::failure, "cannot make a pipe"};
    m_thread = std::jthread([this] { feed(); });
}

PipeFeeder::~PipeFeeder() { close_output(); }

void PipeFeeder::close_output() {
    if (m_ends[0] >= 0) ::close(std::exchange(m_ends[0], -1));
}

void PipeFeeder::finish() {
    if (m_thread.joinable()) m_thread.join();
    if (m_fault) std::rethrow_exception(m_fault);
}

void PipeFeeder::feed() {
    try {
        for (auto bytes = m_source(); !bytes.empty() && write_all(m_ends[1], bytes);) bytes = m_source();
    } catch (...) {
        m_fault = std::current_exception();
    }
    ::close(m_ends[1]);
}
}
