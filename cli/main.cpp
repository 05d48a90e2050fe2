#include "cli/command.hpp"
#include "core/base/error.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>
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

// A descriptor from 0 to 2 that is closed would become that of the next file or connection: what is printed
// would then be sent to the database. Opened the wrong way round, so that reading from it or writing to it
// fails instead of seeming to work.
void open_standard_descriptors() {
    for (int descriptor = 0; descriptor <= 2; ++descriptor)
        if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY) < 0)
            _exit(static_cast<int>(cti::ExitCode::failure)); // Without a /dev/null nobody can be told.
}
}

int main(int argc, char** argv) {
    open_standard_descriptors();
    const std::vector<std::string> words(argv, argv + argc);
    hide_addresses(argc, argv);
    std::vector<const char*> pointers;
    for (const auto& word : words) pointers.push_back(word.c_str());
    return cti::cli::run(argc, pointers.data());
}
