#include "core/intel/suffixes.hpp"

#include <libpsl.h>
#include <string>

namespace cti::intel {
namespace {
constexpr std::size_t k_longest = 253; // bytes of a host name, RFC 1035

// libpsl wants a NUL at the end; names are short, so they are copied to the stack.
struct CString {
    char bytes[k_longest + 1];
    explicit CString(std::string_view text) { bytes[text.copy(bytes, k_longest)] = '\0'; }
};
}

bool is_public_suffix(std::string_view name) {
    if (name.empty() || name.size() > k_longest) return false;
    return psl_is_public_suffix2(psl_builtin(), CString(name).bytes, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) !=
           0;
}

std::size_t find_registrable(std::string_view host) {
    if (host.empty() || host.size() > k_longest) return std::string_view::npos;
    const CString copy(host);
    const char* found = psl_registrable_domain(psl_builtin(), copy.bytes);
    return found == nullptr ? std::string_view::npos : static_cast<std::size_t>(found - copy.bytes);
}
}
