#include "core/intel/extract.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/core.h>
#include <fstream>
#include <iterator>
#include <string>

namespace {
double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}
}

// indicators_bench FILE…: CPU time of the extraction alone, the best of ten runs.
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
            const double begun_s = cpu_seconds();
            found = extractor.extract(text).indicators.size();
            best_s = std::min(best_s, cpu_seconds() - begun_s);
        }
        fmt::print("{}\t{} indicators\t{:.1f} ms\t{:.0f} MB/s\n", argv[i], found, best_s * 1000,
                   static_cast<double>(text.size()) / best_s / 1e6);
    }
    return 0;
}
