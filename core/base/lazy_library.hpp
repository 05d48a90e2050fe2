#pragma once

// Shared libraries that are loaded when the first of their functions is called. They bring some thirty others
// along (Kerberos, LDAP, GnuTLS, ICU …), which costs more than most commands do themselves.
//
// A file beside those that use the library defines its functions, each of which hands its arguments on. What
// no such file defines the linker takes from the library itself, which is then loaded at the start as any
// other.
namespace cti {

class LazyLibrary {
public:
    constexpr explicit LazyLibrary(const char* file) : m_file(file) {} // "libcurl.so.4"; a literal
    // Throws Error where the library or the function is not there. By any number of threads.
    void* get_function(const char* name) const;

private:
    const char* m_file;
};
}

// NOLINTBEGIN(bugprone-macro-parentheses): a list of parameters is no expression.
// CTI_FORWARD(library, result, name, (its parameters with their names), (those names))
#define CTI_FORWARD(library, result, name, parameters, arguments)                                            \
    extern "C" result name parameters {                                                                      \
        static const auto function = reinterpret_cast<result(*) parameters>((library).get_function(#name));  \
        return function arguments;                                                                           \
    }
// NOLINTEND(bugprone-macro-parentheses)
