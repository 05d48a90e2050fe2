#include "core/io/compression.hpp"

#include "core/base/error.hpp"

#include <array>
#include <limits>
#include <zlib.h>
#include <zstd.h>

namespace cti::io {
namespace {
constexpr std::size_t k_room = 64 * 1024;

class Gzip : public Compressor {
public:
    Gzip() {
        constexpr int window_with_gzip_header = 15 + 16, memory = 8;
        if (deflateInit2(&m_stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_with_gzip_header, memory,
                         Z_DEFAULT_STRATEGY) != Z_OK)
            throw Error{ExitCode::output, "cannot begin to compress: out of memory"};
    }
    ~Gzip() override { deflateEnd(&m_stream); }

    void add(std::string& out, std::string_view bytes, bool last) override {
        do {
            const auto size = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
            m_stream.next_in =
                reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data())); // NOLINT: zlib only reads them.
            m_stream.avail_in = static_cast<uInt>(size);
            bytes.remove_prefix(size);
            deflate_all(out, last && bytes.empty());
        } while (!bytes.empty());
    }

private:
    void deflate_all(std::string& out, bool last) {
        std::array<Bytef, k_room> room{};
        do {
            m_stream.next_out = room.data();
            m_stream.avail_out = static_cast<uInt>(room.size());
            deflate(&m_stream, last ? Z_FINISH : Z_NO_FLUSH);
            out.append(reinterpret_cast<const char*>(room.data()),
                       room.size() - m_stream.avail_out); // NOLINT: as above
        } while (m_stream.avail_out == 0);
    }
    z_stream m_stream{};
};

class Zstd : public Compressor {
public:
    Zstd() : m_context(ZSTD_createCCtx()) {
        if (m_context == nullptr) throw Error{ExitCode::output, "cannot begin to compress: out of memory"};
        ZSTD_CCtx_setParameter(m_context, ZSTD_c_checksumFlag, 1);
    }
    ~Zstd() override { ZSTD_freeCCtx(m_context); }

    void add(std::string& out, std::string_view bytes, bool last) override {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        std::array<char, k_room> room{};
        for (;;) {
            ZSTD_outBuffer piece{room.data(), room.size(), 0};
            const auto left =
                ZSTD_compressStream2(m_context, &piece, &in, last ? ZSTD_e_end : ZSTD_e_continue);
            if (ZSTD_isError(left) != 0)
                throw Error{ExitCode::output, std::string("cannot compress: ") + ZSTD_getErrorName(left)};
            out.append(room.data(), piece.pos);
            if (last ? left == 0 : in.pos == in.size) return;
        }
    }

private:
    ZSTD_CCtx* m_context;
};
}

Compression compression_of(std::string_view path) {
    if (path.ends_with(".gz")) return Compression::gzip;
    return path.ends_with(".zst") ? Compression::zstd : Compression::none;
}

std::unique_ptr<Compressor> make_compressor(Compression compression) {
    if (compression == Compression::gzip) return std::make_unique<Gzip>();
    if (compression == Compression::zstd) return std::make_unique<Zstd>();
    return nullptr;
}
}
