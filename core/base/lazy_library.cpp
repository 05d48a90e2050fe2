#include "core/base/lazy_library.hpp"

#include "core/base/error.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

namespace cti {

void* LazyLibrary::get_function(const char* name) const {
    // Never closed: libraries start threads, and leave functions to be called at the exit.
    void* const library = dlopen(m_file, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    void* const function = library == nullptr ? nullptr : dlsym(library, name);
    if (function == nullptr)
        throw Error{ExitCode::failure, fmt::format("cannot load '{}': {}", m_file, dlerror()),
                    "Install the packages that cti depends on."};
    return function;
}
}
