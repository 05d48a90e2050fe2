#include "cli/command.hpp"

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {
// Every user of the machine can read the arguments of a process: the address of the database, which may hold
// a password, does not stay among them.
void hide_addresses(int argc, char** argv) {
    constexpr std::string_view name = "--database-url";
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        char* value = nullptr;
        if (word == name && i + 1 < argc)
            value = argv[++i];
        else if (word.starts_with(name) && word.size() > name.size() && word[name.size()] == '=')
            value = argv[i] + name.size() + 1;
        if (value != nullptr) std::memset(value, '*', std::strlen(value));
    }
}
}

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv, argv + argc);
    hide_addresses(argc, argv);
    std::vector<const char*> pointers;
    for (const auto& word : words) pointers.push_back(word.c_str());
    return cti::cli::run(argc, pointers.data());
}
