#include "core/io/decompression.hpp"

#include <array>
#include <cstdint>
#include <new>
#include <zlib.h>

namespace cti::io {
namespace {
constexpr std::size_t k_decompressed_piece = 64 * 1024;
constexpr int k_window = 15, k_gzip_or_zlib = 32;

// RFC 1950: the method and a check over two bytes. gzip begins with 1f.
bool has_header(std::string_view bytes) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (bytes.size() < 2 || byte(0) == 0x1F) return true;
    return (byte(0) & 0x0FU) == Z_DEFLATED && (byte(0) * 256U + byte(1)) % 31 == 0;
}
}

struct Decompressor::Stream {
    z_stream z{};
    bool has_begun = false, is_between = false, is_over = false;
    std::array<char, k_decompressed_piece> room{};

    ~Stream() {
        if (has_begun) inflateEnd(&z);
    }

    void begin(std::string_view bytes) {
        if (inflateInit2(&z, has_header(bytes) ? k_window + k_gzip_or_zlib : -k_window) != Z_OK)
            throw std::bad_alloc();
        has_begun = true;
    }

    // After a member: another one, or the end of all.
    void look_for_member() {
        is_between = false;
        is_over = *z.next_in != 0x1F || inflateReset(&z) != Z_OK;
    }
};

Decompressor::Decompressor() : m_stream(std::make_unique<Stream>()) {}
Decompressor::~Decompressor() = default;
bool Decompressor::is_whole() const { return m_stream->is_between || m_stream->is_over; }

bool Decompressor::add(std::string_view bytes, const std::function<bool(std::string_view)>& sink) {
    auto& stream = *m_stream;
    auto& z = stream.z;
    if (bytes.empty() || stream.is_over) return true;
    if (!stream.has_begun) stream.begin(bytes);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // NOLINT: zlib only reads them.
    z.avail_in = static_cast<uInt>(bytes.size());
    bool has_room_left = false;
    while (!stream.is_over && (z.avail_in > 0 || !has_room_left)) {
        if (stream.is_between) {
            if (z.avail_in == 0) return true;
            stream.look_for_member();
            continue;
        }
        z.next_out = reinterpret_cast<Bytef*>(stream.room.data()); // NOLINT: bytes either way.
        z.avail_out = k_decompressed_piece;
        const int result = inflate(&z, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return false;
        const std::size_t size = k_decompressed_piece - z.avail_out;
        if (size > 0 && !sink({stream.room.data(), size})) return false;
        has_room_left = z.avail_out > 0;
        stream.is_between = result == Z_STREAM_END;
    }
    return true;
}
}
