#include "core/feed/feed.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/core.h>
#include <fstream>
#include <iterator>
#include <string>

// feed_bench FILE…: the parse alone, the best of ten runs.
int main(int argc, char** argv) {
    constexpr int runs = 10;
    for (int i = 1; i < argc; ++i) {
        std::ifstream in(argv[i], std::ios::binary);
        if (!in) {
            fmt::print(stderr, "feed_bench: cannot read '{}'\n", argv[i]);
            return 1;
        }
        const std::string bytes{std::istreambuf_iterator<char>(in), {}};
        double best_s = 1e9;
        std::size_t entries = 0;
        for (int run = 0; run < runs; ++run) {
            const auto start = std::chrono::steady_clock::now();
            const auto feed = cti::feed::parse(bytes, {"https://example.org/feed", ""});
            const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
            best_s = std::min(best_s, took.count());
            entries = feed.entries.size();
        }
        fmt::print("{}\t{} entries\t{:.1f} ms\t{:.0f} MB/s\n", argv[i], entries, best_s * 1000,
                   static_cast<double>(bytes.size()) / best_s / 1e6);
    }
    return 0;
}
