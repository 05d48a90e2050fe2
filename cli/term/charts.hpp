#pragma once
#include <string>
#include <vector>

// Small pictures of numbers, one line each, of block characters.
namespace cti::cli {

// One character a value, as high as its share of the largest; nothing is as low as can be.
std::string sparkline(const std::vector<long>& values);
// `value` of `largest` in at most `width` cells, by eighths of a cell; what is more than nothing is seen.
std::string bar(long value, long largest, std::size_t width);
// "312 B", "4.2 KiB", "1.7 GiB"
std::string size_text(long bytes);
}
