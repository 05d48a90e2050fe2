#pragma once
#include <string>

namespace CLI {
class App;
}
namespace cti::cli {

// A settings file in which every key is a comment, with a value that its option takes: without the "#" it is
// one that works.
std::string example_settings(CLI::App& root);
}
