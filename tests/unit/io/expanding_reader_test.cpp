#include "core/base/error.hpp"
#include "core/io/compression.hpp"
#include "core/io/expanding_reader.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace cti;
using namespace cti::io;

namespace {
struct File {
    std::string path =
        (std::filesystem::temp_directory_path() / ("cti-reader-" + std::to_string(::getpid()))).string();
    explicit File(const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
    ~File() { std::filesystem::remove(path); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    std::string read() const {
        ExpandingReader reader(path);
        std::string all;
        for (auto bytes = reader.read(); !bytes.empty(); bytes = reader.read()) {
            CHECK(bytes.size() <= 4U << 20U); // whatever a few bytes stand for
            all += bytes;
        }
        return all;
    }
};

std::string compressed(Compression compression, const std::string& text) {
    std::string out;
    make_compressor(compression)->add(out, text, true);
    return out;
}
}

TEST_CASE("expanding reader: what was compressed comes back, and what was not stays as it is") {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += std::to_string(i * 7919L) + "\n";
    CHECK(File(text).read() == text);
    CHECK(File("").read().empty());
    for (const auto compression : {Compression::gzip, Compression::zstd}) {
        CHECK(File(compressed(compression, text)).read() == text);
        CHECK(File(compressed(compression, "")).read().empty());
        const std::string zeros(50'000'000, '0');
        CHECK(File(compressed(compression, zeros)).read() == zeros);
        // As `cat` makes one of two.
        CHECK(File(compressed(compression, text) + compressed(compression, "end")).read() == text + "end");
    }
}

TEST_CASE("expanding reader: what ends too early or was changed is refused") {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += std::to_string(i * 7919L) + "\n";
    for (const auto compression : {Compression::gzip, Compression::zstd}) {
        const auto whole = compressed(compression, text);
        for (const std::size_t cut : {whole.size() - 1, whole.size() / 2, std::size_t{12}})
            CHECK_THROWS_AS((void)File(whole.substr(0, cut)).read(), Error);
        auto changed = whole;
        changed[whole.size() / 2] = static_cast<char>(changed[whole.size() / 2] ^ 1);
        CHECK_THROWS_AS((void)File(changed).read(), Error);
    }
    CHECK_THROWS_AS(ExpandingReader("/nonexistent"), Error);
}

TEST_CASE("expanding reader: a source is read like a file, however small its pieces are") {
    std::string text;
    for (int i = 0; i < 20000; ++i) text += std::to_string(i * 7919L) + "\n";
    for (const auto& bytes :
         {text, compressed(Compression::gzip, text), compressed(Compression::zstd, text)}) {
        std::string_view left = bytes;
        ExpandingReader reader("a source", [&] {
            const auto piece = left.substr(0, 7);
            left.remove_prefix(piece.size());
            return piece;
        });
        std::string all;
        for (auto more = reader.read(); !more.empty(); more = reader.read()) all += more;
        CHECK(all == text);
    }
}

TEST_CASE("expanding reader: a stop ends a pipe that is silent, and what was cut is no damage") {
    int ends[2] = {-1, -1};
    REQUIRE(::pipe(ends) == 0);
    const auto half = compressed(Compression::gzip, "text").substr(0, 12);
    REQUIRE(::write(ends[1], half.data(), half.size()) == static_cast<ssize_t>(half.size()));
    std::atomic<int> stop = 0;
    ExpandingReader reader("/dev/fd/" + std::to_string(ends[0]), &stop);
    std::thread later([&] { stop = 15; });
    while (!reader.read().empty()) {
    }
    later.join();
    ::close(ends[0]);
    ::close(ends[1]);
}
