#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace cti::io {

enum class Compression { none, gzip, zstd };

// By the name's end: .gz, .zst
Compression compression_of(std::string_view path);

// A stream of bytes made smaller as it goes by. The same bytes in give the same bytes out: gzip without a
// time.
class Compressor {
public:
    Compressor() = default;
    Compressor(const Compressor&) = delete;
    Compressor& operator=(const Compressor&) = delete;
    virtual ~Compressor() = default;

    // Appends to `out` what there is to write so far; `last`: all of it, and the stream's end.
    virtual void add(std::string& out, std::string_view bytes, bool last) = 0;
};
// Null for none.
std::unique_ptr<Compressor> make_compressor(Compression compression);
}
