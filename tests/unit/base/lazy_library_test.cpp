#include "core/base/error.hpp"
#include "core/base/lazy_library.hpp"

#include <doctest/doctest.h>
#include <string>

TEST_CASE("LazyLibrary: what is not there is an error that names it") {
    const cti::LazyLibrary missing("libcti-is-none.so.1"), libc("libc.so.6");
    CHECK(libc.get_function("strlen") != nullptr);
    CHECK_THROWS_AS(libc.get_function("cti_is_none"), cti::Error);
    try {
        missing.get_function("strlen");
        FAIL("it was found");
    } catch (const cti::Error& error) {
        CHECK(std::string(error.what()).starts_with("cannot load 'libcti-is-none.so.1': "));
        CHECK(!error.hint().empty());
    }
}
