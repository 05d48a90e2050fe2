#include "core/intel/extract.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/core.h>
#include <fstream>
#include <iterator>
#include <string>

// indicators_bench FILE…: the extraction alone, the best of ten runs.
int main(int argc, char** argv) {
    constexpr int runs = 10;
    const cti::intel::Extractor extractor;
    for (int i = 1; i < argc; ++i) {
        std::ifstream in(argv[i], std::ios::binary);
        if (!in) {
            fmt::print(stderr, "indicators_bench: cannot read '{}'\n", argv[i]);
            return 1;
        }
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        double best_s = 1e9;
        std::size_t found = 0;
        for (int run = 0; run < runs; ++run) {
            const auto start = std::chrono::steady_clock::now();
            found = extractor.extract(text).indicators.size();
            const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
            best_s = std::min(best_s, took.count());
        }
        fmt::print("{}\t{} indicators\t{:.1f} ms\t{:.0f} MB/s\n", argv[i], found, best_s * 1000,
                   static_cast<double>(text.size()) / best_s / 1e6);
    }
    return 0;
}
