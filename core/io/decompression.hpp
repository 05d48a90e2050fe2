#pragma once
#include <functional>
#include <memory>
#include <string_view>

namespace cti::io {

// A stream of gzip, zlib or bare deflate, told apart by its first bytes, made whole again as it comes. gzip
// may have several members; what stands behind the last one is no part of it.
class Decompressor {
public:
    Decompressor();
    ~Decompressor();
    Decompressor(const Decompressor&) = delete;
    Decompressor& operator=(const Decompressor&) = delete;

    // Hands on at most 64 KiB at a time; false from there ends it. False where the stream is broken or was
    // ended.
    bool add(std::string_view bytes, const std::function<bool(std::string_view)>& sink);
    // A member has come to its end, and none has begun after it.
    bool is_whole() const;

private:
    struct Stream;
    std::unique_ptr<Stream> m_stream;
};
}
