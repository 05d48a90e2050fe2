#include "core/io/expanding_reader.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/decompression.hpp"
#include "core/io/read_input.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>
#include <utility>
#include <zstd.h>

namespace cti::io {
namespace {
constexpr std::size_t k_piece = 64 * 1024;
constexpr std::string_view k_gzip = "\x1f\x8b", k_zstd = "\x28\xb5\x2f\xfd";
}

struct ExpandingReader::State {
    std::string path, expanded;
    const std::atomic<int>* stop = nullptr;
    int descriptor = -1;
    ByteSource source;     // instead of the descriptor
    std::string_view left; // of what the source said
    bool has_begun = false, is_ended = false;
    std::string_view pending; // what was read and is not expanded yet
    bool has_more = false;    // zstd keeps what found no room
    std::unique_ptr<Decompressor> gzip;
    std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> zstd{nullptr, ZSTD_freeDCtx};
    std::size_t zstd_left = 0; // 0: between two frames
    std::array<char, k_piece> room{};

    ~State() {
        if (descriptor >= 0) ::close(descriptor);
    }

    [[noreturn]] void fail(const std::string& why) const {
        throw Error{ExitCode::check, fmt::format("cannot read '{}': {}", printable(path), why)};
    }

    Error cannot_open() const {
        return {ExitCode::usage,
                fmt::format("cannot read '{}': {}", printable(path), ascii_lower(std::strerror(errno))),
                read_remedy(errno)};
    }

    std::size_t read_some(char* to, std::size_t size) {
        if (source) {
            if (left.empty()) left = source();
            const auto copied = left.copy(to, size);
            left.remove_prefix(copied);
            return copied;
        }
        for (;;) {
            const auto read = ::read(descriptor, to, size);
            if (read >= 0) return static_cast<std::size_t>(read);
            if (errno == EISDIR) throw cannot_open();
            if (errno != EINTR) fail(ascii_lower(std::strerror(errno)));
        }
    }

    // Looks around while a pipe is silent. Each signal that comes ends the waiting too.
    bool is_stopped() const {
        constexpr int k_look_ms = 200;
        struct pollfd waiting {
            descriptor, POLLIN, 0
        };
        while (stop != nullptr && *stop == 0)
            if (::poll(&waiting, 1, k_look_ms) > 0) return false;
        return stop != nullptr;
    }

    std::string_view read_piece() {
        std::size_t size = 0;
        // The first has the bytes that tell the compression.
        const auto wanted = has_begun ? 1 : k_zstd.size();
        while (size < wanted && !is_stopped()) {
            const auto read = read_some(room.data() + size, room.size() - size);
            if (read == 0) break;
            size += read;
        }
        return {room.data(), size};
    }

    void begin(std::string_view piece) {
        has_begun = true;
        if (piece.starts_with(k_gzip)) gzip = std::make_unique<Decompressor>();
        if (piece.starts_with(k_zstd)) zstd.reset(ZSTD_createDCtx());
    }

    // At most a piece each time: a few bytes of it may stand for gigabytes.
    void expand_zstd() {
        ZSTD_inBuffer in{pending.data(), pending.size(), 0};
        expanded.resize(k_piece);
        ZSTD_outBuffer part{expanded.data(), expanded.size(), 0};
        zstd_left = ZSTD_decompressStream(zstd.get(), &part, &in);
        if (ZSTD_isError(zstd_left) != 0) fail("what was compressed with zstd is damaged");
        has_more = part.pos == part.size;
        expanded.resize(part.pos);
        pending.remove_prefix(in.pos);
    }

    // A byte of gzip stands for a thousand at most.
    void expand_gzip() {
        constexpr std::size_t k_slice = 1024;
        expanded.clear();
        const auto keep = [&](std::string_view bytes) { return expanded.append(bytes), true; };
        if (!gzip->add(pending.substr(0, k_slice), keep)) fail("what was compressed with gzip is damaged");
        pending.remove_prefix(std::min(k_slice, pending.size()));
    }

    void require_whole() const {
        if ((gzip && !gzip->is_whole()) || (zstd && zstd_left != 0)) fail("it ends too early");
    }
};

ExpandingReader::ExpandingReader(const std::string& path, const std::atomic<int>* stop)
    : m_state(std::make_unique<State>()) {
    m_state->path = path, m_state->stop = stop;
    m_state->descriptor =
        path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (m_state->descriptor < 0) throw m_state->cannot_open();
}
ExpandingReader::ExpandingReader(std::string name, ByteSource source) : m_state(std::make_unique<State>()) {
    m_state->path = std::move(name);
    m_state->source = std::move(source);
}
ExpandingReader::~ExpandingReader() = default;
bool ExpandingReader::is_expanding() const { return m_state->gzip || m_state->zstd; }

std::string_view ExpandingReader::read() {
    auto& state = *m_state;
    while (!state.is_ended) {
        if (state.pending.empty() && !state.has_more) {
            state.pending = state.read_piece();
            if (!state.has_begun) state.begin(state.pending);
            if (state.pending.empty()) break;
        }
        if (!state.gzip && !state.zstd) return std::exchange(state.pending, {});
        state.zstd ? state.expand_zstd() : state.expand_gzip();
        if (!state.expanded.empty()) return state.expanded;
    }
    const bool is_cut = state.stop != nullptr && *state.stop != 0;
    if (!std::exchange(state.is_ended, true) && !is_cut) state.require_whole();
    return {};
}
}
